// Images, videos and audio files: marks in the texts of a row and a list of paths beside them; parts of the messages in
// a record.
#pragma once

#include <array>
#include <ft/chat.hpp>

namespace llama_factory {

struct Kind {
  std::string_view column, mark, part, plain;  // "images", "<image>", "image_url", "image"
};
inline constexpr std::array<Kind, 3> kKinds = {{{"images", "<image>", "image_url", "image"},
                                                {"videos", "<video>", "video_url", "video"},
                                                {"audios", "<audio>", "audio_url", "audio"}}};

// The paths of a row, handed out as the marks come. A row without a list has marks that are only text.
class MediaReader {
 public:
  void open(simdjson::dom::object row, ft::Notes& notes);
  ft::Message message(std::string_view role, std::string_view text);
  // The row must have as many marks as paths, and none in the answers that are chosen and rejected.
  void close(const ft::Chat& chat, ft::Notes& notes) const;

 private:
  struct List {
    bool given = false;
    std::vector<simdjson::dom::element> paths;
    std::size_t marks = 0;
  };
  std::array<List, 3> lists_;
};

// Parts of messages as marks and paths.
class MediaWriter {
 public:
  void clear();
  // A refusal where a part is neither text nor the path of a file.
  std::string text(const ft::Message& message, const std::string& path, ft::Notes& notes);
  // Appends the columns of what text() has met.
  void write(ft::ObjectWriter& row, ft::Notes& notes) const;
  bool has(std::size_t kind) const { return !paths_[kind].empty(); }
  bool has_any() const { return has(0) || has(1) || has(2); }

 private:
  void add_text(std::string& text, std::string_view more);
  bool add_file(std::string& text, simdjson::dom::object part, const std::string& path, ft::Notes& notes);

  simdjson::dom::parser parser_;
  std::array<std::string, 3> paths_;  // JSON, with commas between
  std::array<bool, 3> marked_{};      // a text has the mark itself
};

}  // namespace llama_factory

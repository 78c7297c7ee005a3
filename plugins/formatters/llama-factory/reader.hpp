// The rows of LLaMA-Factory as chats.
#pragma once

#include "calls.hpp"
#include "dataset_info.hpp"
#include "media.hpp"

namespace llama_factory {

// What a record does not say of its row.
struct Spelling {
  Style style = Style::sharegpt;
  bool system_turn = false;  // the system prompt is the first turn, not a column
  bool no_input = false;     // alpaca without "input"
  std::size_t input = 0;     // how many bytes of the last question were its input

  std::string json() const;
  static Spelling of(simdjson::dom::object object);
};

Style style_of(std::string_view name);
std::string_view label_key(Style style);
// The `from` of a message.
std::string_view turn_name(const ft::Message& message);

class RowReader {
 public:
  void read(simdjson::dom::object row, ft::Chat& chat, ft::Notes& notes);

 private:
  void read_alpaca(simdjson::dom::object row, Spelling& spelling, ft::Chat& chat, ft::Notes& notes);
  void read_history(simdjson::dom::element history, ft::Chat& chat, ft::Notes& notes);
  void read_turns(simdjson::dom::object row, Spelling& spelling, ft::Chat& chat, ft::Notes& notes);
  // An answer that is chosen or rejected has no media.
  void read_turn(simdjson::dom::element item, const std::string& path, std::vector<ft::Message>& messages,
                 ft::Notes& notes, bool answer = false);
  void read_side(simdjson::dom::object row, std::string_view key, Style style, std::vector<ft::Message>& side,
                 ft::Notes& notes);
  void read_tools(simdjson::dom::object row, ft::Chat& chat, ft::Notes& notes);

  MediaReader media_in_;
  Calls calls_;
  std::size_t ids_ = 0;  // of calls in this row
};

}  // namespace llama_factory

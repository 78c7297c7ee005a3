// Pieces of TRL's rows: messages whose calls have objects as arguments, and prompts that two answers share.
#pragma once

#include <ft/chat.hpp>

namespace trl {

// How a row was spelled, where its record would be written in another way.
struct Spelling {
  std::string type;            // "messages", "prompt" or "prompt-completion"; empty: as the record says
  std::size_t completion = 0;  // how many of the messages are the completion; 0: those behind the last question
  bool strings = false;        // text in place of lists of messages
  bool implicit = false;       // both answers begin with the prompt
  bool tools_text = false;     // tools are JSON in a string

  std::string json() const;
  static Spelling of(simdjson::dom::object object);
};

// A text or a list of messages at `key`, appended to `messages`; text becomes one of `role`. False, and a refusal,
// where it is neither or empty.
bool read_side(simdjson::dom::object row, std::string_view key, std::string_view role,
               std::vector<ft::Message>& messages, ft::Notes& notes);

// Moves the messages that both answers begin with to `prompt`; each keeps one at least.
void split_prompt(std::vector<ft::Message>& chosen, std::vector<ft::Message>& rejected,
                  std::vector<ft::Message>& prompt);

// How many bytes of two texts are their prompt: what they begin with, without a last space.
std::size_t shared_prompt(std::string_view chosen, std::string_view rejected);

// Where the answer to the last question begins.
std::size_t completion_begin(const std::vector<ft::Message>& messages);

// Writes messages in TRL's spelling; `path` is where they are in the record.
class MessageWriter {
 public:
  // messages[begin, end)
  void write(std::string& out, std::vector<ft::Message>& messages, std::size_t begin, std::size_t end,
             std::string_view path, ft::Notes& notes);

 private:
  void write_calls(std::string& out, const std::vector<ft::ToolCall>& calls, const std::string& path, ft::Notes& notes);

  simdjson::dom::parser parser_;
};

}  // namespace trl

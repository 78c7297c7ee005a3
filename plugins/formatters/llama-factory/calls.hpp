// Calls of functions and the functions themselves: JSON in a text, spaced as Python's json.dumps does.
#pragma once

#include <ft/chat_spelling.hpp>

namespace llama_factory {

class Calls {
 public:
  // What a turn of function_call holds: {"name", "arguments"} or a list of such. False where it is none.
  bool read(std::string_view value, std::vector<ft::ToolCall>& calls);
  // The same back; a refusal where arguments are no JSON.
  std::string text(const std::vector<ft::ToolCall>& calls, const std::string& path, ft::Notes& notes);
  // Tools as a record has them, of a list of functions or such a list in a text. False where it is none.
  bool read_tools(simdjson::dom::element tools, std::string& json);
  std::string tools_text(const std::string& json);

 private:
  ft::JsonWalker walker_;
  simdjson::dom::parser parser_;
};

}  // namespace llama_factory

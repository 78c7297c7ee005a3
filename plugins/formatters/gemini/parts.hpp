// The parts of Gemini's contents that are no text, and its tools.
#pragma once

#include <ft/chat_own.hpp>
#include <optional>
#include <string>
#include <string_view>

namespace gemini {

// The value of a key in camelCase, or in the snake_case that Google reads as well: that is named as reshaped.
bool find_either(simdjson::dom::object object, std::string_view camel, std::string_view snake, const std::string& path,
                 simdjson::dom::element& value, ft::Notes& notes);

// Adds a part that holds no text: an image that OpenAI's spelling can say becomes a part of it, others stay.
void add_part(ft::ContentBuilder& content, simdjson::dom::object part);

// Appends the content of a record's message as parts: `out` ends within the list. False, and a refusal, where one of
// them has no place.
bool append_parts(const ft::Message& message, const std::string& path, std::string& out, ft::Notes& notes);

// The tools of a row as a record has them, and whether their schemas say OBJECT where JSON Schema says object.
struct Tools {
  std::string json;  // empty: none
  bool upper = false;
};
std::optional<Tools> read_tools(simdjson::dom::element tools, ft::Notes& notes);

// The other way; nothing where they are no list of functions with names.
std::optional<std::string> write_tools(std::string_view tools, bool upper, ft::Notes& notes);

}  // namespace gemini

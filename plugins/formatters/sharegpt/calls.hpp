// The texts of ShareGPT that hold JSON: the value of a function_call turn, and `tools`.
#pragma once

#include <ft/chat.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace sharegpt {

// The calls of a function_call turn: {"name", "arguments"} or a list of such. Arguments stay as they are written; text
// is taken as it reads. Without ids. Nothing where the value is something else.
std::optional<std::vector<ft::ToolCall>> parse_calls(std::string_view value);

// The value of the turn, spaced as Python writes JSON. Arguments that are no object are written as text.
std::string render_calls(const std::vector<ft::ToolCall>& calls);

// `tools` of a row, text or a list, as a record has it: JSON; empty where there are none. Nothing where it is neither.
std::optional<std::string> parse_tools(simdjson::dom::element tools);

// The text of `tools` for a record's tools: a list of functions, spaced as Python writes JSON.
std::string render_tools(std::string_view record_tools);

}  // namespace sharegpt

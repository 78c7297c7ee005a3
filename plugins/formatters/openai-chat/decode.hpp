// One row of a chat file: what is wrong with it, and the older spellings brought to today's. One thread a reader.
#pragma once

#include <ft/jsonl.hpp>
#include <string>
#include <string_view>

namespace openai_chat {

// True for the roles that today's format has; "function" is an older spelling.
bool is_role(std::string_view role);

// Whether the beginning of a line is that of an object with a key `messages`; for a line that is not whole.
bool begins_with_messages(std::string_view line);

// Checks one row, reports every error in it as a finding, and emits its record if there is none.
void decode_row(const ft::Call& call, std::uint64_t number, std::string_view line, simdjson::dom::object row);

}  // namespace openai_chat

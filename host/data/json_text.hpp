// JSON text: escapes of strings, in and out, and compact copies. Pure functions over valid input.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace fthost::data {

class Value;

// Appends the decoded form of what stands between the quotes of a valid JSON string. Never more bytes than `inner`.
void append_decoded(std::string& out, std::string_view inner);
// The same into memory of at least inner.size() bytes; returns the bytes written.
std::size_t decode_into(char* out, std::string_view inner);
// Appends `text` as it stands between the quotes of a JSON string; `text` is UTF-8. Escaped is only what must be.
void append_escaped(std::string& out, std::string_view text);
// The same with the quotes.
void append_quoted(std::string& out, std::string_view text);
std::string json_string(std::string_view text);
// Appends the value without the whitespace between its tokens; strings and numbers stay as they stand.
void append_compact(std::string& out, const Value& value);
// Code points of what the string between the quotes decodes to.
std::size_t count_characters(std::string_view inner, bool escaped);
// Byte of the first invalid UTF-8 sequence, or npos.
std::size_t find_invalid_utf8(std::string_view text);
// Nothing but white space, as a reader sees it: no-break, ideographic and zero-width spaces too.
bool is_blank(std::string_view text);
// One key of a JSON pointer with its ~ and / escaped.
std::string pointer_key(std::string_view key);
// Is `text`, perhaps after a byte order mark, one JSON object? What makes an unterminated last line whole.
bool is_whole_object(std::string_view text);

}  // namespace fthost::data

// The byte alphabet of GPT-2: each of the 256 bytes as one printable character, so that tokens are text in a JSON file.
#pragma once

#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace fthost::text {

struct ByteAlphabet {
  std::array<char32_t, 256> character{};   // of a byte
  std::array<std::string, 256> spelling;   // that character as UTF-8, one or two bytes
  std::array<std::int16_t, 0x144> byte{};  // of a code point; -1: none
};
const ByteAlphabet& byte_alphabet();

// Bytes written in the alphabet, appended to `out`.
void append_byte_level(std::string_view bytes, std::string& out);
// The bytes that a text in the alphabet stands for; nothing if it has another character.
std::optional<std::string> from_byte_level(std::string_view text);

}  // namespace fthost::text

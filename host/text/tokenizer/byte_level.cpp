#include "text/tokenizer/byte_level.hpp"

#include "text/unicode.hpp"

namespace fthost::text {

const ByteAlphabet& byte_alphabet() {
  static const ByteAlphabet alphabet = [] {
    ByteAlphabet made;
    made.byte.fill(-1);
    char32_t next = 0x100;
    for (int byte = 0; byte < 256; ++byte) {
      const bool printable = (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte <= 0xAC) || byte >= 0xAE;
      const char32_t character = printable ? static_cast<char32_t>(byte) : next++;
      made.character[static_cast<std::size_t>(byte)] = character;
      append_utf8(made.spelling[static_cast<std::size_t>(byte)], character);
      made.byte[character] = static_cast<std::int16_t>(byte);
    }
    return made;
  }();
  return alphabet;
}

void append_byte_level(std::string_view bytes, std::string& out) {
  const ByteAlphabet& alphabet = byte_alphabet();
  for (const char c : bytes) {
    if (c >= 0x21 && c <= 0x7E)
      out.push_back(c);
    else
      out += alphabet.spelling[static_cast<std::uint8_t>(c)];
  }
}

std::optional<std::string> from_byte_level(std::string_view text) {
  const ByteAlphabet& alphabet = byte_alphabet();
  std::string bytes;
  bytes.reserve(text.size());
  for (const char32_t c : CodePoints(text)) {
    if (c >= alphabet.byte.size() || alphabet.byte[c] < 0) return std::nullopt;
    bytes.push_back(static_cast<char>(alphabet.byte[c]));
  }
  return bytes;
}

}  // namespace fthost::text

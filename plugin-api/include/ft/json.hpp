// JSON for plugins that must look into a row: simdjson for reading, and a writer of JSON strings. Link
// ft::json (ft_add_plugin(... JSON)). nlohmann/json is for configuration and requests, never for rows.
#pragma once

#include <simdjson.h>

#include <ft/plugin.hpp>
#include <string>
#include <string_view>

namespace ft {

// Parses one document at a time; the element lives until the next parse. Not for two threads at once.
class JsonReader {
 public:
  // Throws Error(FT_E_INPUT) with simdjson's reason.
  simdjson::dom::element parse(std::string_view text) {
    simdjson::dom::element element;
    const simdjson::error_code error = parser_.parse(text.data(), text.size(), true).get(element);
    if (error) throw Error(FT_E_INPUT, std::string("broken JSON: ") + simdjson::error_message(error));
    return element;
  }

 private:
  simdjson::dom::parser parser_;
};

// Walks one document forwards without building it, so that parts can be passed on as they stand: simdjson::ondemand,
// whose values give their own text through simdjson::to_json_string. What is not visited is not checked.
class JsonWalker {
 public:
  // The document lives until the next `open`; reading it throws simdjson::simdjson_error.
  simdjson::ondemand::document& open(std::string_view text) {
    padded_.reserve(text.size() + simdjson::SIMDJSON_PADDING);
    padded_.assign(text);
    document_ = parser_.iterate(padded_.data(), padded_.size(), padded_.capacity());
    return document_;
  }

 private:
  std::string padded_;
  simdjson::ondemand::parser parser_;
  simdjson::ondemand::document document_;
};

// How many bytes at the beginning are UTF-8: text.size() where all are.
inline std::size_t utf8_prefix(std::string_view text) {
  if (simdjson::validate_utf8(text.data(), text.size())) return text.size();
  for (std::size_t at = 0;;) {
    const unsigned char lead = static_cast<unsigned char>(text[at]);
    const std::size_t size = lead < 0x80 ? 1 : lead < 0xE0 ? 2 : lead < 0xF0 ? 3 : 4;
    if (at + size > text.size() || !simdjson::validate_utf8(text.data() + at, size)) return at;
    at += size;
  }
}

// Appends `text` as a JSON string, quotes included. The text must be UTF-8.
inline void append_json_string(std::string& out, std::string_view text) {
  out.push_back('"');
  std::size_t plain = 0;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const unsigned char c = static_cast<unsigned char>(text[i]);
    if (c >= 0x20 && c != '"' && c != '\\') continue;
    out.append(text.substr(plain, i - plain));
    plain = i + 1;
    switch (c) {
      case '"':
        out += "\\\"";
        break;
      case '\\':
        out += "\\\\";
        break;
      case '\n':
        out += "\\n";
        break;
      case '\r':
        out += "\\r";
        break;
      case '\t':
        out += "\\t";
        break;
      case '\b':
        out += "\\b";
        break;
      case '\f':
        out += "\\f";
        break;
      default: {
        static constexpr char hex[] = "0123456789abcdef";
        out += "\\u00";
        out.push_back(hex[c >> 4]);
        out.push_back(hex[c & 15]);
      }
    }
  }
  out.append(text.substr(plain));
  out.push_back('"');
}

}  // namespace ft

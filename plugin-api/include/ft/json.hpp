// JSON for plugins that must look into a row: simdjson for reading, and a writer of JSON strings. Link
// ft::json (ft_add_plugin(... JSON)). nlohmann/json is for configuration and requests, never for rows.
#pragma once

#include <simdjson.h>

#include <ft/plugin.hpp>
#include <ft/text.hpp>
#include <string>
#include <string_view>

namespace ft {

// What a parser's error says of a JSON text, in words for whoever has to mend it.
inline std::string json_problem(simdjson::error_code error) {
  switch (error) {
    case simdjson::EMPTY:
      return "there is nothing";
    case simdjson::UNCLOSED_STRING:
      return "a string is not closed";
    case simdjson::UNESCAPED_CHARS:
      return "a control character stands in a string, and must be escaped there";
    case simdjson::STRING_ERROR:
      return "an escape in a string is none that JSON knows";
    case simdjson::NUMBER_ERROR:
      return "a number is not spelled as JSON spells it, or is too large";
    case simdjson::T_ATOM_ERROR:
    case simdjson::F_ATOM_ERROR:
    case simdjson::N_ATOM_ERROR:
      return "a word is none of true, false and null";
    case simdjson::DEPTH_ERROR:
      return "lists and objects lie too deep in one another";
    case simdjson::CAPACITY:
      return "it is too large";
    case simdjson::UTF8_ERROR:
      return "it is not UTF-8";
    default:
      return "a value, a comma or a bracket is missing, or one is too many";
  }
}

// Parses one document at a time; the element lives until the next parse. Not for two threads at once.
class JsonReader {
 public:
  // Throws Error(FT_E_INPUT) with the reason.
  simdjson::dom::element parse(std::string_view text) {
    simdjson::dom::element element;
    const simdjson::error_code error = parser_.parse(text.data(), text.size(), true).get(element);
    if (error) throw Error(FT_E_INPUT, "broken JSON: " + json_problem(error));
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

}  // namespace ft

// Where a record's fields lie in a row, and what the parts of a message are called there. Immutable; one a plugin's
// instance.
#pragma once

#include <ft/json.hpp>
#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace json_rows {

// A JSON pointer, or a key by its name; empty: the row does not have it.
class Place {
 public:
  Place() = default;
  explicit Place(const std::string& text);

  explicit operator bool() const { return !tokens_.empty(); }
  const std::vector<std::string>& tokens() const { return tokens_; }
  std::string text() const;  // the pointer
  // The value there; false where it is absent or null.
  bool find(simdjson::dom::object row, simdjson::dom::element& value) const;
  // Whether the way to it begins with these keys, and whether it is just they.
  bool begins_with(const std::vector<std::string>& keys) const;
  bool is(const std::vector<std::string>& keys) const { return tokens_ == keys; }

 private:
  std::vector<std::string> tokens_;
};

struct Mapping {
  explicit Mapping(const ft::Config& config);

  Place system, prompt, completion, messages, chosen, rejected, tools;
  std::vector<std::pair<std::string, Place>> fields;  // of the record, by their name there
  std::string role_key, content_key;
  // A role's names in rows; the first is written.
  std::vector<std::pair<std::string, std::vector<std::string>>> roles;

  // All places that a row may have.
  std::vector<const Place*> places() const;
  // The record's role for a row's, empty where it is not known; and the other way.
  std::string role_of(std::string_view name) const;
  std::string name_of(std::string_view role) const;
};

}  // namespace json_rows

// A row under construction: values at pointers, objects made on the way, keys in the order in which they came.
#pragma once

#include <ft/json.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace json_rows {

class Tree {
 public:
  // Puts JSON at the end of these keys. False where something else than an object stands on the way, or a value there.
  bool set(const std::vector<std::string>& keys, std::string json, std::size_t at = 0);
  void append_to(std::string& out) const;

 private:
  std::string key_, json_;  // json_: of a value; empty: an object of the members
  std::vector<Tree> members_;
};

}  // namespace json_rows

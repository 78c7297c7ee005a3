#include "tree.hpp"

#include <algorithm>

namespace json_rows {

bool Tree::set(const std::vector<std::string>& keys, std::string json, std::size_t at) {
  if (!json_.empty()) return false;
  if (at == keys.size()) {
    if (!members_.empty()) return false;
    json_ = std::move(json);
    return true;
  }
  auto member = std::find_if(members_.begin(), members_.end(), [&](const Tree& tree) { return tree.key_ == keys[at]; });
  if (member == members_.end()) {
    member = members_.emplace(member);
    member->key_ = keys[at];
  }
  return member->set(keys, std::move(json), at + 1);
}

void Tree::append_to(std::string& out) const {
  if (!json_.empty()) {
    out += json_;
    return;
  }
  out += "{";
  for (const Tree& member : members_) {
    if (out.back() != '{') out += ",";
    ft::append_json_string(out, member.key_);
    out += ":";
    member.append_to(out);
  }
  out += "}";
}

}  // namespace json_rows

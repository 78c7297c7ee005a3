#include "flow/personal.hpp"

namespace fthost::flow {

Result<PersonalTable> PersonalTable::load(const std::vector<std::string>& kinds,
                                          const std::vector<std::pair<std::string, std::string>>& secrets) {
  PersonalTable table;
  if (!kinds.empty()) table.kinds_ = 0;
  for (const std::string& name : kinds) {
    const auto kind = text::personal_kind(name);
    if (!kind) {
      std::string known;
      for (std::size_t i = 0; i < text::kPersonalKinds; ++i)
        known += (i == 0 ? "" : ", ") + std::string(text::personal_name(static_cast<text::PersonalKind>(i)));
      return make_error(Code::config, "\"" + name + "\" is no kind of personal data", "kinds", "there are " + known);
    }
    table.kinds_ |= text::personal_bit(*kind);
  }
  for (const auto& [where, json] : secrets) {
    auto loaded = text::SecretTable::load(json, where, table.secrets_);
    if (!loaded) return loaded.error();
    table.secrets_ = std::move(*loaded);
  }
  return table;
}

}  // namespace fthost::flow

// What personal data and secrets are looked for, as a request names it. Immutable; any thread.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "base/result.hpp"
#include "text/personal.hpp"

namespace fthost::flow {

class PersonalTable {
 public:
  // `kinds` by name, none: the default ones; `secrets`: tables of keys, where each is from and its JSON, later ones
  // before earlier.
  static Result<PersonalTable> load(const std::vector<std::string>& kinds,
                                    const std::vector<std::pair<std::string, std::string>>& secrets);
  text::PersonalFinder finder() const { return text::PersonalFinder(secrets_, kinds_); }

 private:
  text::SecretTable secrets_;
  text::PersonalSet kinds_ = text::kDefaultPersonal;
};

}  // namespace fthost::flow

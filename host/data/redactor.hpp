// Redactor: rows with placeholders where personal data and secrets stood. One thread.
#pragma once

#include <array>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "data/personal_row.hpp"

namespace fthost::data {

struct RedactOptions {
  enum class Style {
    numbered,  // [EMAIL_1]: the same value in a row, the same number
    keyed,     // [EMAIL_3f9a0c12de]: the same value under the same key, the same digits
    masked     // a***@***.com
  };
  Style style = Style::numbered;
  std::string key;          // of Style::keyed; it is not to be found out from the placeholders
  bool all_fields = false;  // bookkeeping and ids too, but for the record's own id
};

class Redactor {
 public:
  using Counts = std::array<std::uint64_t, text::kPersonalKinds>;
  // Gets each hit and what took its place ("": it was left).
  using Report = std::function<void(const PersonalHit& hit, std::string_view placeholder)>;

  Redactor(text::PersonalFinder finder, RedactOptions options)
      : options_(std::move(options)), rows_(std::move(finder)) {}

  // True: `out` is the row with its placeholders. False: there was nothing to replace, and `out` is as it was.
  bool row(const Document& row, std::string& out, const Report& report = {});

  const Counts& replaced() const { return replaced_; }
  const Counts& left() const { return left_; }  // in bookkeeping and ids

 private:
  std::string placeholder(const PersonalHit& hit, std::string_view row);
  std::uint64_t number_of(const PersonalHit& hit, std::string_view row);

  RedactOptions options_;
  PersonalRow rows_;
  Counts replaced_{}, left_{}, numbers_{};
  std::unordered_map<std::string, std::uint64_t> known_;  // of the row: a kind's byte and the value
};

}  // namespace fthost::data

// PersonalCheck: personal data and secrets in rows as findings. One thread.
//
// Codes, all warnings: personal_email, personal_phone, personal_card, personal_iban, personal_ip, secret. A finding has
// the path of the string and what may be shown of the value, never the value.
#pragma once

#include "data/finding.hpp"
#include "data/personal_row.hpp"

namespace fthost::data {

class PersonalCheck {
 public:
  explicit PersonalCheck(text::PersonalFinder finder) : row_(std::move(finder)) {}

  // What is said about a record (is_bookkeeping) and ids are passed over. File and line are the caller's to fill in.
  void check_row(const Document& row, const FindingSink& sink);

  static const char* code_of(text::PersonalKind kind);

 private:
  PersonalRow row_;
  std::string unused_;
};

}  // namespace fthost::data

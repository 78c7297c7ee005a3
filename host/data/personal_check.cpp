#include "data/personal_check.hpp"

#include <array>

namespace fthost::data {
namespace {

struct KindWords {
  const char *code, *words;
};
constexpr std::array<KindWords, text::kPersonalKinds> kWords = {{{"personal_email", "an e-mail address"},
                                                                 {"personal_phone", "a phone number"},
                                                                 {"personal_card", "the number of a payment card"},
                                                                 {"personal_iban", "the number of a bank account"},
                                                                 {"personal_ip", "an IP address"},
                                                                 {"secret", "a secret"}}};

const KindWords& words_of(text::PersonalKind kind) { return kWords[static_cast<std::size_t>(kind)]; }

}  // namespace

const char* PersonalCheck::code_of(text::PersonalKind kind) { return words_of(kind).code; }

void PersonalCheck::check_row(const Document& row, const FindingSink& sink) {
  const PersonalRow::OnHit on_hit = [&](const PersonalHit& hit) -> std::optional<std::string> {
    if (hit.kept) return std::nullopt;
    std::string message = words_of(hit.kind).words;
    if (!hit.name.empty()) message += " (" + std::string(hit.name) + ")";
    sink({words_of(hit.kind).code, Severity::warning, "", 0, hit.path, "", message + ": " + hit.mask,
          "fthost redact replaces it"});
    return std::nullopt;
  };
  row_.rewrite(row, on_hit, unused_);
}

}  // namespace fthost::data

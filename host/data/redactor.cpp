#include "data/redactor.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <algorithm>
#include <charconv>

#include "data/hash.hpp"

namespace fthost::data {
namespace {

std::string label_of(text::PersonalKind kind) {
  std::string label = text::personal_name(kind);
  for (char& c : label) c = static_cast<char>(c - 'a' + 'A');
  return label;
}

// 40 bits of HMAC-SHA256: enough to keep a million values apart, and no way back without the key.
std::string keyed_digits(std::string_view key, std::string_view value) {
  unsigned char digest[EVP_MAX_MD_SIZE] = {};
  unsigned int size = 0;
  if (!::HMAC(::EVP_sha256(), key.data(), static_cast<int>(key.size()),
              reinterpret_cast<const unsigned char*>(value.data()), value.size(), digest, &size))
    throw Failure(make_error(Code::internal, "the keyed hash cannot be computed"));
  std::uint64_t bits = 0;
  for (int i = 0; i < 8; ++i) bits = bits << 8 | digest[i];
  return hex(bits).substr(0, 10);
}

}  // namespace

std::uint64_t Redactor::number_of(const PersonalHit& hit, std::string_view row) {
  std::string value(1, static_cast<char>(hit.kind));
  value += text::personal_value(hit.kind, hit.value);
  const auto found = known_.find(value);
  if (found != known_.end()) return found->second;
  std::uint64_t& last = numbers_[static_cast<std::size_t>(hit.kind)];
  if (last == 0) {  // beyond those that are there from an earlier run
    const std::string sign = "[" + label_of(hit.kind) + "_";
    for (std::size_t at = row.find(sign); at != std::string_view::npos; at = row.find(sign, at + 1)) {
      std::uint64_t there = 0;
      const char* const from = row.data() + at + sign.size();
      const auto parsed = std::from_chars(from, row.data() + row.size(), there);
      if (parsed.ec == std::errc() && there < 1'000'000'000) last = std::max(last, there);
    }
  }
  known_.emplace(std::move(value), ++last);
  return last;
}

std::string Redactor::placeholder(const PersonalHit& hit, std::string_view row) {
  switch (options_.style) {
    case RedactOptions::Style::masked:
      return hit.mask;
    case RedactOptions::Style::keyed:
      return "[" + label_of(hit.kind) + "_" + keyed_digits(options_.key, text::personal_value(hit.kind, hit.value)) +
             "]";
    case RedactOptions::Style::numbered:
      break;
  }
  return "[" + label_of(hit.kind) + "_" + std::to_string(number_of(hit, row)) + "]";
}

bool Redactor::row(const Document& row, std::string& out, const Report& report) {
  if (!known_.empty()) known_.clear();
  numbers_ = {};
  const PersonalRow::OnHit on_hit = [&](const PersonalHit& hit) -> std::optional<std::string> {
    const bool left = hit.is_id || (hit.kept && !options_.all_fields);
    ++(left ? left_ : replaced_)[static_cast<std::size_t>(hit.kind)];
    std::optional<std::string> written;
    if (!left) written = placeholder(hit, row.text());
    if (report) report(hit, written ? std::string_view(*written) : std::string_view());
    return written;
  };
  return rows_.rewrite(row, on_hit, out);
}

}  // namespace fthost::data

// The finder of personal data: spans lie within the text, in order, and hold what their kind says; what stands on the
// lines around does not matter. Redacted rows are JSON, and what is not replaced stays.
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "data/redactor.hpp"
#include "fuzz.hpp"

namespace {

using fthost::text::PersonalKind;
using fthost::text::PersonalSpan;

fthost::text::PersonalFinder make_finder() {
  std::ifstream file(FTHOST_SOURCE_DIR "/scripts/data/secrets.json", std::ios::binary);
  const std::string json(std::istreambuf_iterator<char>(file), {});
  const auto table = fthost::text::SecretTable::load(json, "secrets.json");
  require(table.has_value(), "the table of keys is good");
  return fthost::text::PersonalFinder(*table, fthost::text::kAllPersonal);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const fthost::text::PersonalFinder finder = make_finder();
  const std::string text(as_text(data, size));
  std::vector<PersonalSpan> spans, again;
  finder.find(text, spans);
  std::size_t end = 0;
  for (const PersonalSpan& span : spans) {
    require(span.begin >= end && span.end > span.begin && span.end <= text.size(), "spans are in order");
    end = span.end;
    const std::string value = text.substr(span.begin, span.end - span.begin);
    std::size_t digits = 0;
    for (const char c : value) digits += c >= '0' && c <= '9' ? 1u : 0u;
    if (span.kind == PersonalKind::email)
      require(value.find('@') != value.npos || value.find("%40") != value.npos, "an address has its sign");
    if (span.kind == PersonalKind::phone) require(digits >= 7 && digits <= 17, "a phone number has 7 to 17 digits");
    if (span.kind == PersonalKind::card) require(digits >= 14 && digits <= 19, "a card has 14 to 19 digits");
    const std::string mask = fthost::text::personal_mask(span, value);
    require(mask.find("***") != mask.npos && mask != value, "a mask hides something");
  }
  finder.find("\n" + text, again);
  require(again.size() == spans.size(), "a line before changes nothing");
  for (std::size_t i = 0; i < spans.size(); ++i)
    require(again[i].begin == spans[i].begin + 1 && again[i].end == spans[i].end + 1,
            "a line before moves spans by one");

  static fthost::data::Redactor redactor(make_finder(), {});
  fthost::data::Document document, after;
  if (!document.parse_object(text)) return 0;
  std::string out;
  if (!redactor.row(document, out)) return 0;
  require(after.parse_object(out), "a redacted row is a row");
  return 0;
}

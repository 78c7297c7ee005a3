// Document against nlohmann/json: both accept the same texts and read the same values. What is normalised stays as it
// is when it is normalised again.
#include <nlohmann/json.hpp>

#include "data/json.hpp"
#include "data/record.hpp"
#include "fuzz.hpp"

namespace {

using Json = nlohmann::json;
using fthost::data::Kind;
using fthost::data::Value;

void same(const Value& mine, const Json& other) {
  switch (mine.kind()) {
    case Kind::null:
      return require(other.is_null(), "null");
    case Kind::boolean:
      return require(other.is_boolean() && (mine.raw() == "true") == other.get<bool>(), "boolean");
    case Kind::number:
      return require(other.is_number() && mine.number() == other.get<double>(), "number");
    case Kind::string:
      return require(other.is_string() && mine.text() == other.get_ref<const std::string&>(), "string");
    case Kind::array: {
      require(other.is_array() && mine.size() == other.size(), "array");
      std::size_t at = 0;
      for (Value item = mine.first(); item; item = item.next()) same(item, other[at++]);
      return;
    }
    case Kind::object:
      require(other.is_object(), "object");
      for (Value item = mine.first(); item; item = item.next()) {
        const auto found = other.find(item.key().text());
        require(found != other.end(), "key");
        if (mine.size() == other.size()) same(item, *found);  // no key stands twice
        require(item.document()->root().pointer(item.document()->pointer_of(item)).kind() ==
                    mine.document()->root().pointer(mine.document()->pointer_of(item)).kind(),
                "pointer");
      }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = as_text(data, size);
  fthost::data::Document document;
  const bool accepted = document.parse(text);
  Json other;
  bool other_accepted = true;
  // nlohmann/json passes over a byte-order mark, takes a zero byte for the end and refuses numbers beyond a double.
  bool other_differs = text.starts_with("\xEF\xBB\xBF") || text.find('\0') != text.npos;
  try {
    other = Json::parse(text);
  } catch (const Json::parse_error&) {
    other_accepted = false;
  } catch (const Json::out_of_range&) {
    other_differs = true;
  }
  if (document.problem().code == fthost::data::Problem::Code::too_deep) return 0;
  if (!other_differs) require(accepted == other_accepted, "both accept or both refuse");
  if (!accepted) return 0;
  if (!other_differs) same(document.root(), other);
  const auto stored = fthost::data::normalise_record(text, "2026-01-01T00:00:00Z");
  if (!stored) return 0;
  const auto again = fthost::data::normalise_record(*stored, "2027-01-01T00:00:00Z");
  require(again && *again == *stored, "normalising twice changes nothing");
  return 0;
}

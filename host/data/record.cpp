#include "data/record.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <utility>
#include <vector>

#include "data/json_text.hpp"
#include "data/jsonl_reader.hpp"

namespace fthost::data {

namespace {

// What is trained on or measured against.
constexpr std::array<std::string_view, 11> kOfExample = {"messages", "tools",    "prompt", "completion",
                                                         "chosen",   "rejected", "ranked", "reference",
                                                         "label",    "text",     "weight"};

constexpr std::array<std::string_view, 11> kBookkeeping = {
    "id", "rating", "ratings", "validated", "group", "split", "tags", "source", "created_at", "updated_at", "metadata"};

Hash128 mixed(const Hash128& state, const Hash128& value) {
  return {fold64(state.high ^ 0x9E3779B97F4A7C15u, value.low ^ 0xD6E8FEB86659FD93u) + value.high,
          fold64(state.low ^ 0xA0761D6478BD642Fu, value.high ^ 0xE7037ED1A0B428DBu) + value.low};
}

// Appends the record's text in one line: white space that holds line ends is taken out.
void append_line(std::string& out, const Value& value) {
  if (value.raw().find_first_of("\r\n") == std::string_view::npos) {
    out += value.raw();
  } else {
    append_compact(out, value);
  }
}

bool has_id(const Value& id) { return id && !id.is(Kind::null) && !(id.is(Kind::string) && id.inner().empty()); }

// Whether the fields of kOfExample are the whole example. One of them alone is not: the rest of a row with tools, a
// label or a chosen answer may be under names that are not known here.
bool is_whole_example(const Value& record) {
  const Value messages = record.find("messages");
  if (messages.is(Kind::array) && !messages.empty()) return true;
  if (const Value prompt = record.find("prompt"); !prompt || prompt.is(Kind::null)) return false;
  const auto has = [&](const char* answer) {
    const Value value = record.find(answer);
    return value && !value.is(Kind::null);
  };
  return has("completion") || has("chosen") || has("ranked");
}

// As all numbers of this value are written: 1.0 and 1e0 as 1. What is written without point and exponent stays so.
std::string_view plain_number(const Value& number, std::array<char, 32>& scratch) {
  const std::string_view raw = number.raw();
  if (number.integer() && raw != "-0") return raw;
  const double value = number.number() == 0 ? 0 : number.number();
  if (!std::isfinite(value)) return raw;
  const bool whole = value == std::floor(value) && std::abs(value) < 1e15;
  const auto end = whole ? std::to_chars(scratch.begin(), scratch.end(), static_cast<long long>(value))
                         : std::to_chars(scratch.begin(), scratch.end(), value);
  return {scratch.data(), static_cast<std::size_t>(end.ptr - scratch.data())};
}

void append_plain(std::string& out, const Value& value) {
  std::array<char, 32> number;
  switch (value.kind()) {
    case Kind::string:
      return append_quoted(out, value.text());
    case Kind::number:
      out += plain_number(value, number);
      return;
    case Kind::array: {
      const char* separator = "[";
      for (Value child = value.first(); child; child = child.next()) {
        out += std::exchange(separator, ",");
        append_plain(out, child);
      }
      out += value.empty() ? "[]" : "]";
      return;
    }
    case Kind::object: {
      std::vector<std::pair<std::string, Value>> members;
      for (Value child = value.first(); child; child = child.next()) members.emplace_back(child.key().text(), child);
      std::stable_sort(members.begin(), members.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
      const char* separator = "{";
      for (const auto& [key, child] : members) {
        out += std::exchange(separator, ",");
        append_quoted(out, key);
        out += ':';
        append_plain(out, child);
      }
      out += members.empty() ? "{}" : "}";
      return;
    }
    default:
      out += value.raw();
  }
}

}  // namespace

bool is_bookkeeping(std::string_view key) { return is_among(kBookkeeping, key); }

Hash128 ContentHasher::of(const Value& value, bool is_record, bool nulls) {
  const Kind kind = value.kind();
  const Hash128 seed{static_cast<std::uint64_t>(kind) + 1, static_cast<std::uint64_t>(kind) + 11};
  switch (kind) {
    case Kind::string: {
      // Escaped in one way: most strings are so already, and need not be decoded.
      if (value.document()->plainly_escaped() || !value.escaped()) return mixed(seed, hash128(value.inner()));
      decoded_.clear();
      append_decoded(decoded_, value.inner());
      escaped_.clear();
      append_escaped(escaped_, decoded_);
      return mixed(seed, hash128(escaped_));
    }
    case Kind::array: {
      Hash128 state = seed;
      for (Value child = value.first(); child; child = child.next()) state = mixed(state, of(child, false, nulls));
      return state;
    }
    case Kind::object: {
      // A sum, so that the order of the keys does not matter.
      Hash128 sum = seed;
      std::string decoded;
      for (Value child = value.first(); child; child = child.next()) {
        const std::string_view name = child.key().text(decoded);
        if ((is_record && is_bookkeeping(name)) || (!nulls && child.is(Kind::null))) continue;
        // What a tool is called with may be null.
        const bool value_is_free = nulls || (child.is(Kind::object) && name == "arguments");
        const Hash128 member = mixed(hash128(name), of(child, false, value_is_free));
        sum.high += member.high;
        sum.low += member.low;
      }
      return mixed(sum, sum);
    }
    case Kind::number: {
      std::array<char, 32> scratch;
      return mixed(seed, hash128(by_value_ ? plain_number(value, scratch) : value.raw()));
    }
    default:
      return mixed(seed, hash128(value.raw()));
  }
}

Hash128 ContentHasher::hash(const Value& record) {
  by_value_ = false;
  return of(record, true, true);
}

Hash128 ContentHasher::hash_examples(const Value& record) {
  by_value_ = true;
  const bool known = is_whole_example(record);
  Hash128 sum;
  std::string decoded;
  for (Value child = record.first(); child; child = child.next()) {
    if (child.is(Kind::null)) continue;
    const std::string_view name = child.key().text(decoded);
    if (known ? !is_among(kOfExample, name) : is_bookkeeping(name) || name == "category") continue;
    const Hash128 member = mixed(hash128(name), of(child, false, name == "tools"));
    sum.high += member.high;
    sum.low += member.low;
  }
  return mixed(sum, sum);
}

std::string key_text(const Value& value) {
  if (!value || value.is(Kind::null)) return {};
  if (value.is(Kind::string)) return value.text();
  std::string text;
  append_plain(text, value);
  return text;
}

Result<std::string> given_id(const Value& record) {
  const Value id = record.find("id");
  if (!has_id(id)) return std::string();
  if (id.is(Kind::string)) return id.text();
  if (id.is(Kind::number)) return std::string(id.raw());
  return make_error(Code::input, std::string("the id is of type ") + kind_name(id.kind()), "/id", "make it a string");
}

std::string content_id(const Hash128& content, std::uint64_t occurrence) {
  std::string id = hex(content.high);
  if (occurrence > 1) id += "-" + std::to_string(occurrence);
  return id;
}

std::string with_id(const Value& record, std::string_view id) {
  std::string out;
  const Value present = record.find("id");
  const std::string_view text = record.raw();
  if (present && text.find_first_of("\r\n") == std::string_view::npos) {
    if (present.equals(id)) return std::string(text);
    const std::size_t begin = present.begin() - record.begin();
    out.append(text.substr(0, begin));
    append_quoted(out, id);
    out.append(text.substr(begin + present.raw().size()));
    return out;
  }
  out = "{";
  const char* separator = "";
  if (!present) {
    out += "\"id\":";
    append_quoted(out, id);
    separator = ",";
  }
  if (!present && text.find_first_of("\r\n") == std::string_view::npos) {
    if (!record.empty()) out += ",";
    return out.append(text.substr(1));
  }
  for (Value member = record.first(); member; member = member.next()) {
    out += separator;
    separator = ",";
    out += member.key().raw();
    out += ':';
    if (member == present) {
      append_quoted(out, id);
    } else {
      append_compact(out, member);
    }
  }
  return out += '}';
}

std::string rating_problem(const Value& record) {
  const Value rating = record.find("rating");
  if (!rating || rating.is(Kind::null)) return {};
  const double value = rating.number();  // NaN where it is none
  if (value >= 1 && value <= 10 && value == std::floor(value)) return {};
  return rating.is(Kind::number) ? "the rating is " + std::string(rating.raw())
                                 : std::string("the rating is of type ") + kind_name(rating.kind());
}

Result<Normaliser::Record> Normaliser::normalise(std::string_view raw) {
  if (!document_.parse_object(raw)) {
    return make_error(Code::input, document_.problem().message, "", "each record is one JSON object");
  }
  auto id = given_id(document_.root());
  if (!id) return id.error();
  Record record;
  record.id = std::move(*id);
  record.is_given = !record.id.empty();
  record.had_number = document_.find("id").is(Kind::number);
  const Hash128 content = hasher_.hash(document_.root());
  record.content = content.low;
  if (!record.is_given) record.id = content_id(content, ++occurrences_[content.high]);
  const bool as_it_stands = document_.find("id").is(Kind::string) && document_.find("id").equals(record.id);
  if (as_it_stands) {
    append_line(record.text, document_.root());
  } else {
    record.text = with_id(document_.root(), record.id);
  }
  if (!document_.find("created_at")) {
    record.text.pop_back();
    while (record.text.back() == ' ' || record.text.back() == '\t') record.text.pop_back();
    record.text += ",\"created_at\":";
    append_quoted(record.text, created_at_);
    record.text += '}';
  }
  if (record.text.size() > JsonlReader::kLineLimit) {
    return make_error(Code::limit,
                      "longer than the " + std::to_string(JsonlReader::kLineLimit) + " bytes that a record may have",
                      "", "split the record");
  }
  return record;
}

Result<std::string> normalise_record(std::string_view raw, const std::string& created_at) {
  Normaliser normaliser(created_at);
  auto record = normaliser.normalise(raw);
  if (!record) return record.error();
  return std::move(record->text);
}

}  // namespace fthost::data

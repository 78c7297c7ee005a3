#include "data/record.hpp"

#include <algorithm>
#include <array>
#include <vector>

#include "data/json_text.hpp"
#include "data/jsonl_reader.hpp"

namespace fthost::data {

namespace {

constexpr std::array<std::string_view, 11> kBookkeeping = {
    "id", "rating", "ratings", "validated", "group", "split", "tags", "source", "created_at", "updated_at", "metadata"};

// A length in front makes the byte string of a value unambiguous; little-endian wherever it is computed.
void put_length(std::string& bytes, std::size_t at, std::size_t length) {
  for (std::size_t i = 0; i < 4; ++i) bytes[at + i] = static_cast<char>(length >> (8 * i) & 0xFF);
}

void add_length(std::string& bytes, std::size_t length) {
  bytes.resize(bytes.size() + 4);
  put_length(bytes, bytes.size() - 4, length);
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

}  // namespace

bool is_bookkeeping(std::string_view key) {
  return std::find(kBookkeeping.begin(), kBookkeeping.end(), key) != kBookkeeping.end();
}

void ContentHasher::add(const Value& value, bool is_record) {
  const Kind kind = value.kind();
  bytes_ += static_cast<char>('0' + static_cast<int>(kind));
  if (kind == Kind::string) {
    const std::size_t length_at = bytes_.size();
    add_length(bytes_, 0);
    if (value.escaped()) {
      append_decoded(bytes_, value.inner());
    } else {
      bytes_ += value.inner();
    }
    put_length(bytes_, length_at, bytes_.size() - length_at - 4);
  } else if (kind == Kind::array) {
    add_length(bytes_, value.size());
    for (Value child = value.first(); child; child = child.next()) add(child, false);
  } else if (kind == Kind::object) {
    add_members(value, is_record);
  } else {
    add_length(bytes_, value.raw().size());
    bytes_ += value.raw();
  }
}

// In the order of the decoded keys; a key that stands twice keeps its order in the text.
void ContentHasher::add_members(const Value& object, bool is_record) {
  const std::size_t base = members_.size();
  for (Value child = object.first(); child; child = child.next()) {
    const Value key = child.key();
    const std::string_view name = key.escaped() ? std::string_view(keys_.emplace_back(key.text())) : key.inner();
    if (!is_record || !is_bookkeeping(name)) members_.push_back({name, child});
  }
  const auto begin = members_.begin() + static_cast<std::ptrdiff_t>(base);
  std::sort(begin, members_.end(), [](const Member& a, const Member& b) {
    return a.key != b.key ? a.key < b.key : a.value.index() < b.value.index();
  });
  const std::size_t end = members_.size();
  add_length(bytes_, end - base);
  for (std::size_t i = base; i < end; ++i) {
    add_length(bytes_, members_[i].key.size());
    bytes_ += members_[i].key;
    add(members_[i].value, false);
  }
  members_.resize(base);
}

Hash128 ContentHasher::hash(const Value& record) {
  bytes_.clear();
  keys_.clear();
  add(record, true);
  return hash128(bytes_);
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

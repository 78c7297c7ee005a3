#include "data/jsonl_index.hpp"

#include <utility>

#include "data/json_text.hpp"
#include "data/row_check.hpp"

namespace fthost::data {

std::uint32_t JsonlIndex::find(const Hash128& id) const {
  if (table_.empty()) return kNone;
  const std::size_t mask = table_.size() - 1;
  for (std::size_t at = static_cast<std::size_t>(id.low) & mask; table_[at] != 0; at = (at + 1) & mask) {
    if (entries_[table_[at] - 1].id == id) return table_[at] - 1;
  }
  return kNone;
}

void JsonlIndex::enter(std::uint32_t entry) {
  if ((entered_ + 1) * 4 > table_.size() * 3) {
    std::vector<std::uint32_t> old(table_.empty() ? 64 : table_.size() * 2);
    old.swap(table_);
    entered_ = 0;
    for (const std::uint32_t slot : old) {
      if (slot != 0) enter(slot - 1);
    }
  }
  const std::size_t mask = table_.size() - 1;
  std::size_t at = static_cast<std::size_t>(entries_[entry].id.low) & mask;
  while (table_[at] != 0) at = (at + 1) & mask;
  table_[at] = entry + 1;
  ++entered_;
}

std::uint32_t JsonlIndex::add(const JsonlEntry& entry) {
  const auto position = static_cast<std::uint32_t>(entries_.size());
  entries_.push_back(entry);
  enter(position);
  return position;
}

std::uint32_t JsonlIndex::append(JsonlEntry entry) {
  entry.line = ++last_line_;
  return add(entry);
}

void JsonlIndex::note(std::uint64_t line, std::string code, std::string message) {
  findings_.push_back({line, std::move(code), findings_.size() < kFullFindings ? std::move(message) : "no record"});
}

Result<void> JsonlIndex::load(JsonlReader& reader) {
  clear();
  Document document;
  std::vector<Unnamed> unnamed;
  Line line;
  for (;;) {
    auto more = reader.next(line);
    if (!more) return more.error();
    if (!*more) break;
    last_line_ = static_cast<std::uint32_t>(line.number);
    add_line(line, document, unnamed);
  }
  name(unnamed);
  return {};
}

void JsonlIndex::add_line(const Line& line, Document& document, std::vector<Unnamed>& unnamed) {
  if (line.too_long) {
    note(line.number, "line_too_long", line_too_long(line.text.size()).message);
    return;
  }
  if (!document.parse_object(line.text)) {
    if (is_blank(line.text)) return;
    Finding finding = finding_of(document.problem(), line.text);
    note(line.number, std::move(finding.code), std::move(finding.message));
    return;
  }
  auto id = given_id(document.root());
  if (!id) {
    note(line.number, "bad_id", id.error().message);
    return;
  }
  JsonlEntry entry{{},
                   line.offset,
                   revision_of(line.text),
                   static_cast<std::uint32_t>(line.text.size()),
                   static_cast<std::uint32_t>(line.number)};
  if (!id->empty()) {
    entry.id = hash128(*id);
    if (find(entry.id) == kNone) {
      add(entry);
      return;
    }
    note(line.number, "duplicate_id", "the id " + json_string(*id) + " is that of an earlier line");
  }
  const bool is_given = !id->empty();
  std::string base = is_given ? std::move(*id) : content_id(hasher_.hash(document.root()), 1);
  unnamed.push_back({static_cast<std::uint32_t>(entries_.size()), line.number, std::move(base), is_given});
  entries_.push_back(entry);
}

// Once all the ids that lines give themselves are known.
void JsonlIndex::name(std::vector<Unnamed>& unnamed) {
  std::unordered_map<std::string, std::uint64_t> counts;
  for (Unnamed& row : unnamed) {
    std::uint64_t& count = counts[row.base];
    std::string id = row.base;
    if (count == 0) count = 1;
    for (Hash128 hash = hash128(id);; hash = hash128(id)) {
      if (find(hash) == kNone) {
        entries_[row.entry].id = hash;
        break;
      }
      id = row.base + "-" + std::to_string(++count);
    }
    enter(row.entry);
    if (row.is_given || id != row.base) names_.emplace(row.entry, std::move(id));
  }
}

std::string JsonlIndex::id_of(std::uint32_t entry, const Value& record) {
  const auto named = names_.find(entry);
  if (named != names_.end()) return named->second;
  auto id = given_id(record);
  return id && !id->empty() ? *id : content_id(hasher_.hash(record), 1);
}

}  // namespace fthost::data

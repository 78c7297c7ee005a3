#include "data/snapshot.hpp"

#include <algorithm>
#include <utility>

#include "data/hash.hpp"
#include "data/json_text.hpp"
#include "data/row_check.hpp"

namespace fthost::data {

void RowReader::refuse(const Line& line, std::string code, std::string message, const char* path) {
  broken_(
      {std::move(code), Severity::error, reader_.name(), line.number, path, {}, std::move(message), "mend the line"});
}

// The row's id and key. The n-th row of an id: of a given id "ID\nN", of a content the id that the n-th gets.
bool RowReader::identify(Row& row) {
  auto given = given_id(row.record);
  if (!given) {
    refuse(row.line, "bad_id", given.error().message, "/id");
    return false;
  }
  row.id = std::move(*given);
  const bool is_given = !row.id.empty();
  if (!is_given) row.id = content_id(hasher_.hash(row.record), 1);
  row.number = rows_;
  row.occurrence = 1;
  const std::uint64_t first = row.key = hash64(row.id);
  if (keys_.insert(first, rows_) == HashIndex::kNone) return true;
  const std::uint32_t before = repeats_.find(first);
  const std::string base = row.id;
  std::uint32_t n = before == HashIndex::kNone ? 1 : before;
  do {
    const std::string name = base + (is_given ? "\n" : "-") + std::to_string(++n);
    row.key = hash64(name);
    if (!is_given) row.id = name;
  } while (keys_.insert(row.key, rows_) != HashIndex::kNone);
  repeats_.set(first, n);
  row.occurrence = n;
  return true;
}

Result<bool> RowReader::next(Row& row) {
  for (;;) {
    auto more = reader_.next(row.line);
    if (!more || !*more) return more;
    const Line& line = row.line;
    if (line.too_long) {
      refuse(line, "line_too_long", line_too_long(line.text.size()).message);
    } else if (!document_.parse_object(line.text)) {
      if (is_blank(line.text)) continue;
      Finding finding = finding_of(document_.problem(), line.text);
      refuse(line, std::move(finding.code), std::move(finding.message));
    } else {
      row.record = document_.root();
      if (!identify(row)) continue;
      if (++rows_ == HashIndex::kNone) {
        return make_error(Code::limit, "more than 4,294,967,294 rows", reader_.name(), "divide the file");
      }
      return true;
    }
  }
}

Result<Snapshot> Snapshot::read(RowReader& rows, int fd, const Cancelled& cancelled) {
  Snapshot snapshot(fd, rows.name());
  RowReader::Row row;
  for (;;) {
    auto more = rows.next(row);
    if (!more) return more.error();
    if (!*more) break;
    if (row.number % 1024 == 0 && cancelled()) return make_error(Code::cancelled, "cancelled");
    const auto length = static_cast<std::uint32_t>(row.line.text.size());
    snapshot.places_.push_back(
        {row.line.offset, row.key, hash64(row.line.text), length, static_cast<std::uint32_t>(row.line.number)});
    if (row.occurrence > 1) snapshot.occurrences_.insert(row.number, row.occurrence);
  }
  snapshot.keys_ = rows.take_keys();
  snapshot.end_ = rows.end_offset();
  return snapshot;
}

Result<std::string_view> Snapshot::text(std::uint32_t row) {
  const Place& place = places_[row];
  auto text = window_.at(place.offset, place.length);
  if (text && hash64(*text) != place.hash) {
    return make_error(Code::conflict, "line " + std::to_string(place.line) + " changed while the file was being read",
                      name_, "run the command again");
  }
  return text;
}

Result<Value> Snapshot::record(std::uint32_t row, Document& document) {
  auto bytes = text(row);
  if (!bytes) return bytes.error();
  document.parse_object(*bytes);  // it was one when it was read
  return document.root();
}

std::string Snapshot::id_of(std::uint32_t row, const Value& record) const {
  auto given = given_id(record);
  if (given && !given->empty()) return std::move(*given);
  const std::uint32_t occurrence = occurrences_.find(row);
  return content_id(ContentHasher().hash(record), occurrence == kNone ? 1 : occurrence);
}

void OrderCounter::add(std::uint32_t place) {
  ++count_;
  const auto at = std::lower_bound(ends_.begin(), ends_.end(), place);
  if (at == ends_.end()) {
    ends_.push_back(place);
  } else {
    *at = place;
  }
}

}  // namespace fthost::data

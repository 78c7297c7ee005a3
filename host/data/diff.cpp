#include "data/diff.hpp"

#include <algorithm>
#include <deque>

#include "data/hash.hpp"
#include "data/json_text.hpp"

namespace fthost::data {

namespace {

// The members of an object in the order of their decoded keys; of a key that stands twice the first one first.
class SortedMembers {
 public:
  struct Member {
    std::string_view key;
    Value value;
  };

  explicit SortedMembers(const Value& object) {
    for (Value child = object.first(); child; child = child.next()) {
      const Value key = child.key();
      members_.push_back({key.escaped() ? std::string_view(keys_.emplace_back(key.text())) : key.inner(), child});
    }
    std::stable_sort(members_.begin(), members_.end(), [](const Member& a, const Member& b) { return a.key < b.key; });
  }
  const std::vector<Member>& list() const { return members_; }

 private:
  std::vector<Member> members_;
  std::deque<std::string> keys_;
};

std::vector<Value> items_of(const Value& list) {
  std::vector<Value> items;
  for (Value child = list.first(); child; child = child.next()) items.push_back(child);
  return items;
}

bool same_text(const Value& a, const Value& b) {
  if (!a.escaped() && !b.escaped()) return false;  // their bytes differ
  std::string scratch_a, scratch_b;
  return a.text(scratch_a) == b.text(scratch_b);
}

void append_object_changes(const Value& before, const Value& after, const std::string& path,
                           std::vector<FieldChange>& changes) {
  const SortedMembers olds(before), news(after);
  auto a = olds.list().begin(), b = news.list().begin();
  const auto a_end = olds.list().end(), b_end = news.list().end();
  while (a != a_end || b != b_end) {
    const int order = a == a_end ? 1 : b == b_end ? -1 : a->key.compare(b->key);
    std::string member = path + "/" + pointer_key(order <= 0 ? a->key : b->key);
    if (order < 0) {
      changes.push_back({std::move(member), (a++)->value, {}});
    } else if (order > 0) {
      changes.push_back({std::move(member), {}, (b++)->value});
    } else {
      append_changes((a++)->value, (b++)->value, std::move(member), changes);
    }
  }
}

void append_list_changes(const Value& before, const Value& after, const std::string& path,
                         std::vector<FieldChange>& changes) {
  const std::vector<Value> olds = items_of(before), news = items_of(after);
  const std::size_t shorter = std::min(olds.size(), news.size());
  std::size_t head = 0, tail = 0;
  while (head < shorter && same_value(olds[head], news[head])) ++head;
  while (tail < shorter - head && same_value(olds[olds.size() - 1 - tail], news[news.size() - 1 - tail])) ++tail;
  const std::size_t old_end = olds.size() - tail, new_end = news.size() - tail;
  for (std::size_t i = head; i < std::max(old_end, new_end); ++i) {
    const Value a = i < old_end ? olds[i] : Value(), b = i < new_end ? news[i] : Value();
    append_changes(a, b, path + "/" + std::to_string(i), changes);
  }
}

// Rows of one version beside those of the other.
class RowDiff {
 public:
  RowDiff(Snapshot& a, const DiffOptions& options, const ChangeSink& sink)
      : a_(a), options_(options), sink_(sink), met_(a.size()) {
    counts_.met.resize(options.fields.size());
  }

  bool counts(std::string_view id) const {
    return options_.ids.empty() || options_.ids.find(std::string(id)) != options_.ids.end();
  }

  Result<void> add(const RowReader::Row& row) {
    const std::uint32_t old = a_.find(row.key);
    if (old != Snapshot::kNone) met_[old] = true;
    if (!counts(row.id)) return {};
    ++counts_.rows_b;
    meet(row.record);
    if (old == Snapshot::kNone) {
      ++counts_.added;
      changes_.assign(1, {"", {}, row.record});
      return sink_({RowChange::Kind::added, row.id, 0, row.line.number, changes_});
    }
    ++counts_.rows_a;
    order_.add(old);
    const Snapshot::Place& place = a_.place(old);
    changes_.clear();
    if (place.length != row.line.text.size() || place.hash != hash64(row.line.text)) {
      auto before = a_.record(old, document_);
      if (!before) return before.error();
      compare(*before, row.record);
    }
    if (changes_.empty()) {
      ++counts_.equal;
      return {};
    }
    ++counts_.changed;
    return sink_({RowChange::Kind::changed, row.id, place.line, row.line.number, changes_});
  }

  // The rows of `a` that have not been met.
  Result<void> add_removed(const Snapshot::Cancelled& cancelled) {
    for (std::uint32_t row = 0; row < a_.size(); ++row) {
      if (met_[row]) continue;
      if (cancelled()) return make_error(Code::cancelled, "cancelled");
      auto record = a_.record(row, document_);
      if (!record) return record.error();
      const std::string id = a_.id_of(row, *record);
      if (!counts(id)) continue;
      ++counts_.rows_a;
      ++counts_.removed;
      meet(*record);
      changes_.assign(1, {"", *record, {}});
      if (auto taken = sink_({RowChange::Kind::removed, id, a_.place(row).line, 0, changes_}); !taken) return taken;
    }
    counts_.moved = order_.moved();
    return {};
  }

  const DiffCounts& counted() const { return counts_; }

 private:
  void meet(const Value& record) {
    for (std::size_t i = 0; i < counts_.met.size(); ++i) {
      if (!counts_.met[i] && record.pointer(options_.fields[i])) counts_.met[i] = true;
    }
  }
  void compare(const Value& before, const Value& after) {
    meet(before);
    if (options_.fields.empty()) return append_changes(before, after, "", changes_);
    for (const auto& field : options_.fields) {
      append_changes(before.pointer(field), after.pointer(field), field, changes_);
    }
  }

  Snapshot& a_;
  const DiffOptions& options_;
  const ChangeSink& sink_;
  std::vector<bool> met_;
  std::vector<FieldChange> changes_;
  Document document_;
  OrderCounter order_;
  DiffCounts counts_;
};

}  // namespace

bool same_value(const Value& a, const Value& b) {
  if (!a || !b) return !a && !b;
  if (a.kind() != b.kind()) return false;
  if (a.raw() == b.raw()) return true;
  if (a.is(Kind::string)) return same_text(a, b);
  if (a.is(Kind::array)) {
    Value x = a.first(), y = b.first();
    for (; x && y; x = x.next(), y = y.next()) {
      if (!same_value(x, y)) return false;
    }
    return !x && !y;
  }
  if (!a.is(Kind::object)) return false;
  const SortedMembers olds(a), news(b);
  return std::equal(olds.list().begin(), olds.list().end(), news.list().begin(), news.list().end(),
                    [](const auto& x, const auto& y) { return x.key == y.key && same_value(x.value, y.value); });
}

void append_changes(const Value& before, const Value& after, std::string path, std::vector<FieldChange>& changes) {
  if (before && after && before.raw() == after.raw()) return;
  if (before.is(Kind::object) && after.is(Kind::object)) return append_object_changes(before, after, path, changes);
  if (before.is(Kind::array) && after.is(Kind::array)) return append_list_changes(before, after, path, changes);
  if (!same_value(before, after)) changes.push_back({std::move(path), before, after});
}

const char* kind_name(RowChange::Kind kind) {
  switch (kind) {
    case RowChange::Kind::added:
      return "added";
    case RowChange::Kind::removed:
      return "removed";
    case RowChange::Kind::changed:
      return "changed";
  }
  return "changed";
}

Result<DiffCounts> diff_rows(RowReader& a, int fd_a, RowReader& b, const DiffOptions& options,
                             const Snapshot::Cancelled& cancelled, const ChangeSink& sink) {
  auto olds = Snapshot::read(a, fd_a, cancelled);
  if (!olds) return olds.error();
  RowDiff diff(*olds, options, sink);
  RowReader::Row row;
  for (;;) {
    auto more = b.next(row);
    if (!more) return more.error();
    if (!*more) break;
    if (row.number % 1024 == 0 && cancelled()) return make_error(Code::cancelled, "cancelled");
    if (auto added = diff.add(row); !added) return added.error();
  }
  if (auto removed = diff.add_removed(cancelled); !removed) return removed.error();
  return diff.counted();
}

}  // namespace fthost::data

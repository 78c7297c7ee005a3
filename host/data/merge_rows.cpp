#include "data/merge_rows.hpp"

#include <algorithm>

#include "data/diff.hpp"

namespace fthost::data {

namespace {

constexpr std::uint32_t kNone = Snapshot::kNone;

// A row of theirs that ours lacks, and the row of ours that it goes before.
struct Insertion {
  std::uint32_t before, row;
};

class Merge {
 public:
  Merge(Snapshot& base, Snapshot& ours, Snapshot& theirs, Side prefer, const MergeSinks& sinks)
      : base_(base), ours_(ours), theirs_(theirs), prefer_(prefer), sinks_(sinks) {}

  Result<MergeCounts> run(const Snapshot::Cancelled& cancelled) {
    const std::vector<Insertion> insertions = place_theirs();
    auto next = insertions.begin();
    if (auto begun = begin(); !begun) return begun.error();
    for (std::uint32_t row = 0;; ++row) {
      if (row % 1024 == 0 && cancelled()) return make_error(Code::cancelled, "cancelled");
      for (; next != insertions.end() && next->before == row; ++next) {
        if (auto done = add_theirs(next->row); !done) return done.error();
      }
      if (row == ours_.size()) break;
      if (auto done = merge(row); !done) return done.error();
    }
    return counts_;
  }

 private:
  std::uint32_t find(Snapshot& other, const Snapshot& from, std::uint32_t row) const {
    return other.find(from.place(row).key);
  }

  // Where the rows that only theirs has come to stand.
  std::vector<Insertion> place_theirs() const {
    std::vector<Insertion> insertions;
    std::uint32_t after = kNone, before = kNone;  // `before` follows from `after`; kNone: not yet
    bool shared = false;
    for (std::uint32_t row = 0; row < theirs_.size(); ++row) {
      const std::uint32_t mine = find(ours_, theirs_, row);
      if (mine != kNone) {
        shared = true;
        after = mine;
        before = kNone;
        continue;
      }
      if (before == kNone) {
        before = after == kNone ? 0 : after + 1;
        while (before < ours_.size() && is_ours_alone(before)) ++before;
      }
      insertions.push_back({before, row});
    }
    for (auto& insertion : insertions) {
      if (!shared) insertion.before = ours_.size();  // nothing says where
    }
    std::stable_sort(insertions.begin(), insertions.end(),
                     [](const Insertion& a, const Insertion& b) { return a.before < b.before; });
    return insertions;
  }

  bool is_ours_alone(std::uint32_t row) const {
    return find(base_, ours_, row) == kNone && find(theirs_, ours_, row) == kNone;
  }

  // What stands before the first row: a byte order mark, blank lines.
  Result<void> begin() {
    const std::uint64_t first = ours_.size() > 0 ? ours_.place(0).offset : ours_.file_size();
    if (auto copied = copy(0, first); !copied) return copied;
    if (ours_.size() == 0) return {};
    const Snapshot::Place& place = ours_.place(0);
    auto end = ours_.bytes(place.offset + place.length, 2);
    if (!end) return end.error();
    if (*end == "\r\n") line_end_ = "\r\n";
    return {};
  }

  // Bytes of ours as they stand.
  Result<void> copy(std::uint64_t from, std::uint64_t to) {
    constexpr std::uint64_t kPiece = std::uint64_t{64} << 10;
    while (from < to) {
      auto piece = ours_.bytes(from, static_cast<std::size_t>(std::min(kPiece, to - from)));
      if (!piece) return piece.error();
      if (piece->empty()) return make_error(Code::conflict, "became shorter while it was being read", ours_.name());
      last_ = piece->back();
      from += piece->size();
      if (auto written = sinks_.write(*piece); !written) return written;
    }
    return {};
  }

  Result<void> write(std::string_view text) {
    if (last_ != '\n' && counts_.rows > 0) {
      if (auto ended = sinks_.write(line_end_); !ended) return ended;
    }
    ++counts_.rows;
    last_ = '}';
    return sinks_.write(text);
  }

  Result<void> write_line(std::string_view text) {
    if (auto written = write(text); !written) return written;
    last_ = '\n';
    return sinks_.write(line_end_);
  }

  // The line end of a row of ours, and the blank lines behind it.
  Result<void> finish(std::uint32_t row) {
    const Snapshot::Place& place = ours_.place(row);
    const std::uint64_t to = row + 1 < ours_.size() ? ours_.place(row + 1).offset : ours_.file_size();
    return copy(place.offset + place.length, to);
  }

  // A row of ours, with this text for its own.
  Result<void> write_ours(std::uint32_t row, std::string_view text) {
    if (auto written = write(text); !written) return written;
    return finish(row);
  }

  Result<void> keep(std::uint32_t row) {
    ++counts_.kept;
    auto text = ours_.text(row);
    if (!text) return text.error();
    return write_ours(row, *text);
  }

  Result<bool> same(Snapshot& a, std::uint32_t row_a, Snapshot& b, std::uint32_t row_b) {
    if (a.same_bytes(row_a, b, row_b)) return true;
    auto x = a.record(row_a, document_a_);
    if (!x) return x.error();
    auto y = b.record(row_b, document_b_);
    if (!y) return y.error();
    return same_value(*x, *y);
  }

  Result<void> merge(std::uint32_t row) {
    const std::uint32_t before = find(base_, ours_, row), other = find(theirs_, ours_, row);
    if (other == kNone) {
      if (before == kNone) return keep(row);
      return merge_removed(row, before);
    }
    auto alike = same(ours_, row, theirs_, other);
    if (!alike) return alike.error();
    if (*alike) return keep(row);
    if (before != kNone) {
      auto theirs_unchanged = same(base_, before, theirs_, other);
      if (!theirs_unchanged) return theirs_unchanged.error();
      if (*theirs_unchanged) return keep(row);
      auto ours_unchanged = same(base_, before, ours_, row);
      if (!ours_unchanged) return ours_unchanged.error();
      if (*ours_unchanged) {
        ++counts_.taken;
        auto text = theirs_.text(other);
        if (!text) return text.error();
        return write_ours(row, *text);
      }
    }
    return merge_changed(row, before, other);
  }

  Result<void> merge_removed(std::uint32_t row, std::uint32_t before) {
    auto unchanged = same(base_, before, ours_, row);
    if (!unchanged) return unchanged.error();
    if (!*unchanged) {
      if (auto told = tell(RowConflict::Kind::removed_by_theirs, before, row, kNone, {}); !told) return told;
      if (prefer_ != Side::theirs) return keep(row);
    }
    ++counts_.removed;
    return {};
  }

  Result<void> merge_changed(std::uint32_t row, std::uint32_t before, std::uint32_t other) {
    Value base;
    if (before != kNone) {
      auto record = base_.record(before, document_a_);
      if (!record) return record.error();
      base = *record;
    }
    auto ours = ours_.record(row, document_b_);
    if (!ours) return ours.error();
    auto theirs = theirs_.record(other, document_c_);
    if (!theirs) return theirs.error();
    MergedRecord merged = merge_record(base, *ours, *theirs, prefer_);
    if (!merged.conflicts.empty()) {
      const auto kind = before == kNone ? RowConflict::Kind::added : RowConflict::Kind::changed;
      if (auto told = tell(kind, before, row, other, std::move(merged.conflicts)); !told) return told;
      if (prefer_ == Side::none) return keep(row);
    }
    ++counts_.merged;
    return write_ours(row, merged.text);
  }

  // A row that ours does not have.
  Result<void> add_theirs(std::uint32_t row) {
    const std::uint32_t before = find(base_, theirs_, row);
    if (before != kNone) {  // ours removed it
      auto unchanged = same(base_, before, theirs_, row);
      if (!unchanged) return unchanged.error();
      if (*unchanged) return {};
      if (auto told = tell(RowConflict::Kind::removed_by_ours, before, kNone, row, {}); !told) return told;
      if (prefer_ != Side::theirs) return {};
    }
    ++counts_.added;
    auto text = theirs_.text(row);
    if (!text) return text.error();
    return write_line(*text);
  }

  Result<void> tell(RowConflict::Kind kind, std::uint32_t before, std::uint32_t row, std::uint32_t other,
                    std::vector<std::string> paths) {
    ++counts_.conflicts;
    RowConflict conflict{kind, {}, 0, 0, std::move(paths), {}, {}, {}};
    const auto look = [&](Snapshot& version, std::uint32_t at, Document& document, std::string_view& text) {
      if (at == kNone) return Result<void>();
      auto record = version.record(at, document);
      if (!record) return Result<void>(record.error());
      text = record->raw();
      conflict.id = version.id_of(at, *record);
      return Result<void>();
    };
    if (auto done = look(base_, before, document_a_, conflict.base); !done) return done;
    if (auto done = look(theirs_, other, document_c_, conflict.theirs); !done) return done;
    if (auto done = look(ours_, row, document_b_, conflict.ours); !done) return done;
    if (row != kNone) conflict.line_ours = ours_.place(row).line;
    if (other != kNone) conflict.line_theirs = theirs_.place(other).line;
    return sinks_.conflict(conflict);
  }

  Snapshot &base_, &ours_, &theirs_;
  Side prefer_;
  const MergeSinks& sinks_;
  Document document_a_, document_b_, document_c_;
  std::string_view line_end_ = "\n";
  char last_ = '\n';
  MergeCounts counts_;
};

}  // namespace

const char* kind_name(RowConflict::Kind kind) {
  switch (kind) {
    case RowConflict::Kind::changed:
      return "changed";
    case RowConflict::Kind::added:
      return "added";
    case RowConflict::Kind::removed_by_ours:
      return "removed_by_ours";
    case RowConflict::Kind::removed_by_theirs:
      return "removed_by_theirs";
  }
  return "changed";
}

Result<MergeCounts> merge_rows(Snapshot& base, Snapshot& ours, Snapshot& theirs, Side prefer, const MergeSinks& sinks,
                               const Snapshot::Cancelled& cancelled) {
  return Merge(base, ours, theirs, prefer, sinks).run(cancelled);
}

}  // namespace fthost::data

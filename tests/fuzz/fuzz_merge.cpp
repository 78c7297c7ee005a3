// Three versions of a dataset, cut out of one text: comparing one with itself finds nothing, merging gives back the
// side that changed, and whatever the three are, the result is whole lines.
#include <sys/mman.h>
#include <unistd.h>

#include "data/diff.hpp"
#include "data/merge_rows.hpp"
#include "fuzz.hpp"

namespace {

using namespace fthost::data;

// A version in memory, and its rows.
class Version {
 public:
  explicit Version(std::string_view text) : text_(text), fd_(::memfd_create("fuzz", 0)) {
    require(::pwrite(fd_, text.data(), text.size(), 0) == static_cast<ssize_t>(text.size()), "memory can be written");
  }
  Version(const Version&) = delete;
  ~Version() { ::close(fd_); }

  RowReader rows() const {
    return {JsonlReader("fuzz", pull()), [](const Finding&) {}};
  }
  Snapshot snapshot() const {
    RowReader reader = rows();
    auto read = Snapshot::read(reader, fd_, [] { return false; });
    require(bool(read), "memory can be read");
    return std::move(*read);
  }
  int fd() const { return fd_; }
  // Every line is a record with an id of its own: of rows with one id nobody can say which is which.
  bool is_plain() const {
    bool plain = true;
    RowReader reader({"fuzz", pull()}, [&](const Finding&) { plain = false; });
    RowReader::Row row;
    for (auto more = reader.next(row); more && *more; more = reader.next(row)) plain = plain && row.occurrence == 1;
    return plain;
  }

 private:
  JsonlReader::Pull pull() const {
    return [left = text_](void* buffer, std::size_t capacity) mutable {
      const std::size_t count = left.copy(static_cast<char*>(buffer), capacity);
      left.remove_prefix(count);
      return static_cast<std::int64_t>(count);
    };
  }

  std::string_view text_;
  int fd_;
};

DiffCounts diff(const Version& a, const Version& b) {
  RowReader rows_a = a.rows(), rows_b = b.rows();
  const auto counts = diff_rows(
      rows_a, a.fd(), rows_b, {}, [] { return false; }, [](const RowChange&) { return fthost::Result<void>(); });
  require(bool(counts), "memory can be compared");
  return *counts;
}

std::string merge(const Version& base, const Version& ours, const Version& theirs, MergeCounts& counts, Side prefer) {
  Snapshot a = base.snapshot(), b = ours.snapshot(), c = theirs.snapshot();
  std::string text;
  const MergeSinks sinks{[&](std::string_view bytes) {
                           text += bytes;
                           return fthost::Result<void>();
                         },
                         [](const RowConflict&) { return fthost::Result<void>(); }};
  const auto merged = merge_rows(a, b, c, prefer, sinks, [] { return false; });
  require(bool(merged), "memory can be merged");
  counts = *merged;
  return text;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = as_text(data, size);
  const std::size_t first = std::min(text.find('\0'), size), second = std::min(text.find('\0', first + 1), size);
  const Version base(text.substr(0, first));
  const Version ours(text.substr(std::min(first + 1, size), second - std::min(first + 1, second)));
  const Version theirs(text.substr(std::min(second + 1, size)));

  require(!diff(base, base).different(), "a version equals itself");
  const DiffCounts there = diff(ours, theirs), back = diff(theirs, ours);
  require(there.added == back.removed && there.removed == back.added && there.changed == back.changed &&
              there.equal == back.equal && there.moved == back.moved,
          "comparing the other way round finds the same");

  if (!base.is_plain() || !ours.is_plain() || !theirs.is_plain()) return 0;
  MergeCounts counts;
  for (const Side prefer : {Side::none, Side::ours, Side::theirs}) {
    const std::string merged = merge(base, ours, theirs, counts, prefer);  // a version does not keep its text
    require(Version(merged).snapshot().size() == counts.rows, "every row that was written is one");
    const std::string taken = merge(base, base, theirs, counts, prefer);
    require(counts.conflicts == 0, "what one side changed is no conflict");
    const DiffCounts left = diff(Version(taken), theirs);
    require(left.added + left.removed + left.changed == 0, "what one side changed is taken");
    const std::string kept = merge(base, ours, base, counts, prefer);
    require(counts.conflicts == 0 && !diff(Version(kept), ours).different(), "what ours changed is kept");
  }
  return 0;
}

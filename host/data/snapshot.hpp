// Rows of one version of a dataset: who each is (RowReader), and where each lies, so that other versions can be laid
// beside it (Snapshot). One thread. A row is 32 bytes, and 16 to 32 in the table of keys; its text stays in the file.
//
// A row's key stands for its id: the one it gives itself, or the one its content gets. Where an id stands again in the
// same file the second row has a key of its own, the third another: the n-th rows of two versions belong together.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "data/finding.hpp"
#include "data/hash_index.hpp"
#include "data/jsonl_reader.hpp"
#include "data/record.hpp"
#include "data/window.hpp"

namespace fthost::data {

class RowReader {
 public:
  struct Row {
    Line line;
    Value record;
    std::string id;
    std::uint64_t key = 0;
    std::uint32_t number = 0;      // from 0, of the rows that are records
    std::uint32_t occurrence = 1;  // of its id
  };

  // Lines that are no records go to `broken` and are passed over; blank ones too, without a word.
  RowReader(JsonlReader reader, FindingSink broken) : reader_(std::move(reader)), broken_(std::move(broken)) {}

  // True and a row, good until the next; or false at the end.
  Result<bool> next(Row& row);
  const std::string& name() const { return reader_.name(); }
  std::uint64_t rows() const { return rows_; }
  std::uint64_t end_offset() const { return reader_.offset(); }
  // By key, the row's number.
  const HashIndex& keys() const { return keys_; }
  HashIndex take_keys() { return std::move(keys_); }

 private:
  bool identify(Row& row);
  void refuse(const Line& line, std::string code, std::string message, const char* path = "");

  JsonlReader reader_;
  FindingSink broken_;
  Document document_;
  ContentHasher hasher_;
  HashIndex keys_, repeats_;  // repeats_: by the key of the id, how often it stood
  std::uint32_t rows_ = 0;
};

class Snapshot {
 public:
  static constexpr std::uint32_t kNone = HashIndex::kNone;
  struct Place {
    std::uint64_t offset, key, hash;  // hash: of the line
    std::uint32_t length, line;
  };
  using Cancelled = std::function<bool()>;

  // Reads all of `rows`. `fd` gives the same bytes by their offset and stays open as long as the snapshot is used.
  static Result<Snapshot> read(RowReader& rows, int fd, const Cancelled& cancelled);

  std::uint32_t size() const { return static_cast<std::uint32_t>(places_.size()); }
  const Place& place(std::uint32_t row) const { return places_[row]; }
  std::uint32_t find(std::uint64_t key) const { return keys_.find(key); }
  const std::string& name() const { return name_; }
  // The bytes of a row, good until the next call; an error where the file has changed since.
  Result<std::string_view> text(std::uint32_t row);
  // The same as a record.
  Result<Value> record(std::uint32_t row, Document& document);
  // The id of a row whose record is given.
  std::string id_of(std::uint32_t row, const Value& record) const;
  // Whether the two rows have the same bytes.
  bool same_bytes(std::uint32_t row, const Snapshot& other, std::uint32_t others) const {
    return places_[row].hash == other.places_[others].hash && places_[row].length == other.places_[others].length;
  }
  // Any bytes of the file, good until the next call.
  Result<std::string_view> bytes(std::uint64_t offset, std::size_t length) { return window_.at(offset, length); }
  std::uint64_t file_size() const { return end_; }

 private:
  Snapshot(int fd, const std::string& name) : name_(name), window_(fd, name) {}

  std::string name_;
  WindowReader window_;
  std::vector<Place> places_;
  HashIndex keys_, occurrences_;  // occurrences_: by row, of those whose id stood before
  std::uint64_t end_ = 0;
};

// How many rows have changed their place: the fewest that must be moved to bring one order into the other. Four bytes
// a row.
class OrderCounter {
 public:
  // The places in the old order, as they come in the new one.
  void add(std::uint32_t place);
  std::uint64_t moved() const { return count_ - ends_.size(); }

 private:
  std::vector<std::uint32_t> ends_;  // [n]: the least end of a growing sequence of n + 1
  std::uint64_t count_ = 0;
};

}  // namespace fthost::data

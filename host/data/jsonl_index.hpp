// JsonlIndex: where each record of a JSONL file is, by id; 40 bytes a record and 4 to 8 in the table. One thread.
// Lines that are no records stay in the file and become findings.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "base/result.hpp"
#include "data/hash.hpp"
#include "data/json.hpp"
#include "data/jsonl_reader.hpp"
#include "data/record.hpp"

namespace fthost::data {

struct JsonlEntry {
  Hash128 id;                  // hash of the id
  std::uint64_t offset = 0;    // of the line's text
  std::uint64_t revision = 0;  // of the line; 0: not in the file
  std::uint32_t length = 0;
  std::uint32_t line = 0;  // of the file; what the journal adds has the lines after the last
};

struct LineFinding {
  std::uint64_t line;
  std::string code, message;
};

class JsonlIndex {
 public:
  static constexpr std::uint32_t kNone = 0xFFFFFFFFu;
  static constexpr std::size_t kFullFindings = 1000;  // of more only line and code are kept

  // Reads the whole file. A record without an id gets that of its content; one whose id an earlier line has gets
  // "<id>-2", "-3", ..., and a finding.
  Result<void> load(JsonlReader& reader);
  void clear() { *this = JsonlIndex(); }

  std::uint32_t find(std::string_view id) const { return find(hash128(id)); }
  std::uint32_t find(const Hash128& id) const;
  // The id must be new. It gets the line after the last.
  std::uint32_t append(JsonlEntry entry);

  const std::vector<JsonlEntry>& entries() const { return entries_; }
  JsonlEntry& at(std::uint32_t entry) { return entries_[entry]; }
  // The id of an entry whose record this is.
  std::string id_of(std::uint32_t entry, const Value& record);

  const std::vector<LineFinding>& findings() const { return findings_; }

 private:
  struct Unnamed {
    std::uint32_t entry;
    std::uint64_t line;
    std::string base;  // the id that an earlier line has, or that of the content
    bool is_given;
  };
  void add_line(const Line& line, Document& document, std::vector<Unnamed>& unnamed);
  void name(std::vector<Unnamed>& unnamed);
  std::uint32_t add(const JsonlEntry& entry);
  void enter(std::uint32_t entry);
  void note(std::uint64_t line, std::string code, std::string message);

  std::vector<JsonlEntry> entries_;
  std::vector<std::uint32_t> table_;  // entry + 1, by id; 0: free
  std::size_t entered_ = 0;
  std::uint32_t last_line_ = 0;
  std::unordered_map<std::uint32_t, std::string> names_;  // ids that cannot be read from the record
  std::vector<LineFinding> findings_;
  ContentHasher hasher_;
};

}  // namespace fthost::data

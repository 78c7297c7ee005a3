// RowNotes: what a pass over a file of JSON rows notes of each line for whoever decides about rows: what it holds,
// hashed, and the fields that it is divided by. Made a block at a time on any thread.
#pragma once

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "data/blocks.hpp"
#include "data/finding.hpp"
#include "data/json.hpp"
#include "data/minhash.hpp"
#include "data/record.hpp"
#include "flow/source.hpp"

namespace fthost::flow {

struct RowNote {
  enum class State : std::uint8_t { row, blank, broken, filtered };
  State state = State::row;
  float rating = -1;                // 0 to 100; -1: none
  bool made_id = false;             // the id is made of the content
  bool has_signature = false;       // the next one of RowNotes::signatures is this row's
  std::uint64_t content = 0;        // hash of what the row holds
  std::uint64_t guard = 0;          // hash of what must be equal in rows that are near: label, roles, weights
  std::string_view stratum, group;  // good as long as the block
  std::string_view id;              // given, or made of the content; where ids are asked for
};

struct RowNotes {
  std::vector<RowNote> rows;  // one a line
  std::vector<std::uint16_t> signatures;
  std::deque<std::string> texts;  // what the views point to that is not in the block
  std::vector<data::Finding> findings;
  void clear();
};

struct NoteRequest {
  Filter where;
  std::string by, group;  // fields
  bool content = false, ids = false;
  const data::MinHashOptions* signatures = nullptr;  // null: none
};

// One thread.
class RowNoter {
 public:
  explicit RowNoter(const NoteRequest& request);
  void operator()(const data::Block& block, RowNotes& notes);

 private:
  void note(std::uint64_t line, std::string_view text, RowNotes& notes);
  std::string_view field(const std::string& pointer, RowNotes& notes);
  void sign(RowNotes& notes, RowNote& row);
  void sign_as(std::uint64_t kind, const data::Value& value);
  void sign_value(const data::Value& value);
  void sign_object(const data::Value& object);
  void guard(std::uint64_t what, std::string_view value);
  void guard_weight(const data::Value& value);

  const NoteRequest request_;
  std::string by_, group_;  // pointers
  data::Document document_;
  data::ContentHasher hasher_;
  std::optional<data::MinHasher> minhash_;
  std::uint64_t guard_ = 0;
  std::string scratch_, key_, compact_;
};

}  // namespace fthost::flow

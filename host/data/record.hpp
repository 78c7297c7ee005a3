// A record's identity: its id, its content and its revision. Pure functions, and two small classes of one thread.
//
// Content is every field but the bookkeeping ones (is_bookkeeping), decoded: spacing, escapes and the order of keys do
// not matter; numbers count as they are written.
#pragma once

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.hpp"
#include "data/hash.hpp"
#include "data/json.hpp"

namespace fthost::data {

// id, rating, ratings, validated, group, split, tags, source, created_at, updated_at, metadata: what is said about a
// record, not what it is.
bool is_bookkeeping(std::string_view key);

template <std::size_t N>
bool is_among(const std::array<std::string_view, N>& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

// Hash of a record's content: of each value its own, of a list these in their order, of an object their sum with their
// keys. Reuses its memory from record to record.
class ContentHasher {
 public:
  Hash128 hash(const Value& record);
  // What makes two rows the same one wherever rows are compared: of a record with messages, or with a prompt and an
  // answer, all that is trained on or measured against (messages, tools, prompt, completion, chosen, rejected, ranked,
  // reference, label, text, weight); of any other all but the bookkeeping and `category`. A field that is null is not
  // there, but in what tools are and are called with; numbers count by their value. See
  // docs/decisions/0011-equal-rows.md.
  Hash128 hash_examples(const Value& record);

 private:
  // `nulls`: fields that are null count.
  Hash128 of(const Value& value, bool is_record, bool nulls);

  std::string decoded_, escaped_;
  bool by_value_ = false;  // numbers
};

// The text by which rows are grouped: of a string what it says, of another value its JSON in one way of writing (keys
// sorted, 1.0 as 1); "" where there is none, or null.
std::string key_text(const Value& value);

// The id that a record gives itself: a string that is not empty, or a number as it is written. Empty: none. An id of
// another type is an error.
Result<std::string> given_id(const Value& record);

// The id that content gets: 16 hexadecimal digits, and "-2", "-3", ... for the second and third row of that content.
std::string content_id(const Hash128& content, std::uint64_t occurrence);

// Hash of a record's line without its line end; never 0, which stands for "is not there".
inline std::uint64_t revision_of(std::string_view line) {
  const std::uint64_t hash = hash64(line);
  return hash == 0 ? 1 : hash;
}

// Brings raw records into the form that is stored: one line, with an id and the time it was made. Fields keep their
// order, unknown ones too; what is there stays as it stands. Occurrences are counted by file, so that importing a file
// twice gives the same ids, and a file with the same row twice gives two.
class Normaliser {
 public:
  explicit Normaliser(std::string created_at) : created_at_(std::move(created_at)) {}

  struct Record {
    std::string id, text;
    std::uint64_t content = 0;  // hash
    bool is_given = false;      // the id is the record's own
    bool had_number = false;    // as its id, which is text now
  };
  Result<Record> normalise(std::string_view raw);
  // Why the last record was refused; its code is none where its JSON is good.
  const Problem& problem() const { return document_.problem(); }
  // What the last record was made of; lives until the next.
  Value root() const { return document_.root(); }
  // Another file begins.
  void begin_file() { occurrences_.clear(); }

 private:
  std::string created_at_;
  Document document_;
  ContentHasher hasher_;
  std::unordered_map<std::uint64_t, std::uint64_t> occurrences_;  // by content
};

// What is wrong with the record's rating, which is a whole number from 1 to 10, null or not there; "" where it is good.
std::string rating_problem(const Value& record);
inline constexpr const char* kRatingHint = "write a whole number from 1 to 10, or leave it out";

// One record alone: its first occurrence.
Result<std::string> normalise_record(std::string_view raw, const std::string& created_at);

// The record with this id, as one line: put in front where it has none, or in place of another.
std::string with_id(const Value& record, std::string_view id);

}  // namespace fthost::data

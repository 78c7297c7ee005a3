// Statistics of a dataset, in one pass. One thread; memory grows with the number of different values, not of rows, but
// for 16 bytes a row to count duplicates.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "data/hash_index.hpp"
#include "data/json.hpp"
#include "data/record.hpp"

namespace fthost::data {

// Of whole numbers. A percentile p is the smallest value that at least p of 100 values do not exceed.
struct Distribution {
  std::uint64_t count = 0, min = 0, p5 = 0, p25 = 0, median = 0, p75 = 0, p90 = 0, p95 = 0, p99 = 0, max = 0;
  double mean = 0;
};

// How many values lie from `from` to below `to`.
struct Bin {
  std::uint64_t from = 0, to = 0, count = 0;
};

// Exact: counts how often each value came.
class Tally {
 public:
  void add(std::uint64_t value);
  void merge(const Tally& other);
  Distribution distribution() const;
  // Up to `most` bins (from 3) of one round width (1, 2 or 5 times a power of ten), and one more for the few values
  // beyond the 99th percentile, where they would need more.
  std::vector<Bin> histogram(std::size_t most) const;

 private:
  template <class Fn>
  void for_each(Fn fn) const;  // fn(value, times), by value

  std::vector<std::uint64_t> small_;              // values below its size
  std::map<std::uint64_t, std::uint64_t> large_;  // the rest
  std::uint64_t count_ = 0, sum_ = 0;
};

struct Stats {
  using Counts = std::map<std::string, std::uint64_t>;
  std::uint64_t rows = 0, messages = 0;
  Counts ratings;                // "1" to "10", and whatever else a rating says; "unrated"
  Counts roles;                  // of messages
  Counts tags, sources, splits;  // rows that have the value
  Counts categories;             // of metadata.category or category; "uncategorized"
  Counts languages;              // of what is not the system's, as text::language_of tells them
  std::uint64_t groups = 0, grouped_rows = 0, largest_group = 0;
  std::uint64_t duplicates = 0;        // rows that are the same as an earlier one (ContentHasher::hash_examples)
  std::uint64_t with_tools = 0;        // rows with tools or tool calls
  Distribution turns;                  // messages of the user, a row
  Distribution prompt_characters;      // of all messages but the assistant's, a row
  Distribution completion_characters;  // of the assistant's, and of a preference's chosen answer
  Distribution characters;             // of both
};

class StatsCollector {
 public:
  void add(const Value& record);
  Stats finish();
  const Tally& turns() const { return turns_; }
  const Tally& prompt_characters() const { return prompt_; }
  const Tally& completion_characters() const { return completion_; }
  const Tally& characters() const { return all_; }

 private:
  struct Row {
    std::uint64_t turns = 0, prompt = 0, completion = 0;
    bool calls = false;
  };
  void add_message(const Value& message, std::string_view otherwise, Row& row);
  void add_messages(const Value& record);
  void add_text(const Value& content);

  Stats stats_;
  Tally turns_, prompt_, completion_, all_;
  HashIndex contents_, groups_;
  std::vector<std::uint64_t> group_sizes_;
  ContentHasher hasher_;
  std::string scratch_, text_;
};

// Characters of a message's content: of the string, or of the text parts of a list.
std::uint64_t content_characters(const Value& content);

}  // namespace fthost::data

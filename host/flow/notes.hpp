// Notes: what is found and what is lost while rows pass. Bounded: beyond the limit it is counted, not kept.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "data/finding.hpp"

namespace fthost::flow {

using Json = nlohmann::ordered_json;

// What a plugin emitted as a finding: {code, severity, path, message, hint}. What is of another type is left out.
data::Finding finding_of(const std::string& file, std::uint64_t line, std::string_view json);

class Notes {
 public:
  static constexpr std::size_t kLimit = 10'000;
  static constexpr std::size_t kLossLimit = 1000;  // different losses; those beyond it are counted as one
  // Where findings go instead of being kept: they are then counted only.
  using Sink = std::function<void(const data::Finding& finding, std::string_view id)>;
  explicit Notes(Sink sink = {}) : sink_(std::move(sink)) {}
  Notes(Notes&&) = default;
  Notes& operator=(Notes&&) = default;

  // What becomes of findings that plugins emit, once they are counted by their lines; none: nothing.
  void place(std::function<void(data::Finding& finding)> place) { place_ = std::move(place); }
  // What a plugin emitted about a line.
  void unread(const std::string& file, std::uint64_t line, std::string_view json);
  // The same of what the host found.
  void unread(data::Finding finding);
  // About the record of this id if there is one.
  void finding(const data::Finding& finding, std::string_view id = {});
  // What the record number `row` (any counting in which neighbours differ) has lost: {path, action, message}. Places in
  // lists are counted together: /messages/3/name as /messages/*/name.
  void loss(std::string_view json, std::uint64_t row);
  // The number of the record that is being read, of whatever file: its losses come before it.
  std::uint64_t row() const { return row_; }
  void next_row() { ++row_; }
  // Bookkeeping that is lost is a loss like any other, and said so in these words.
  void count_bookkeeping(std::string message) { bookkeeping_ = std::move(message); }

  std::size_t errors() const { return errors_; }
  std::size_t warnings() const { return warnings_; }
  const std::map<std::string, std::size_t>& by_code() const { return by_code_; }
  // Rows with an error of their reading. Findings about one row come together.
  std::size_t broken_rows() const { return broken_rows_; }
  // Lines that are no JSON object, by their findings' codes.
  std::size_t no_objects() const;
  // The first error that is the file's and not a row's alone: it is cut short, or its rows can no longer be told apart.
  const std::optional<data::Finding>& damage() const { return damage_; }
  bool lost() const { return lost_; }  // a loss that is more than bookkeeping
  // By file and line; what is about a file as a whole follows its lines.
  Json findings() const;
  Json losses() const;  // [{path, action, message, rows}]

 private:
  struct Kept {
    std::string file;
    std::uint64_t line;
    Json json;
  };
  Sink sink_;
  std::function<void(data::Finding&)> place_;
  std::vector<Kept> findings_;
  std::map<std::string, std::size_t> by_code_;
  std::size_t errors_ = 0, warnings_ = 0, broken_rows_ = 0;
  std::string last_file_;
  std::uint64_t last_line_ = 0, last_row_ = 0;
  std::set<std::string> said_;  // of the last broken row
  bool lost_ = false;
  std::optional<data::Finding> damage_;
  struct Loss {
    std::size_t rows = 0;
    std::uint64_t last_row = ~std::uint64_t{0};
  };
  std::uint64_t row_ = 0;
  std::string bookkeeping_;
  std::map<std::tuple<std::string, std::string, std::string>, Loss> losses_;
  std::map<std::string, Loss*, std::less<>> known_losses_;  // by their JSON, into losses_
};

}  // namespace fthost::flow

// RuleTable: what a format or a vendor accepts, as data. A table is a JSON list of rules; each says where it looks,
// what must hold there, and what to tell a person where it does not. A table belongs to one thread.
//
//   {"code": "weight_on_user", "severity": "error", "at": "/messages/*", "when": {"/role": ["system", "user"]},
//    "refused": ["weight"], "message": "weight on a message that is not trained on", "hint": "remove it"}
//
// Where:  at       pattern, `*` for each element (default: the row). Nothing there: nothing to check.
//         when     conditions on the value at `at`, all of them: {pointer: value | [values] | {"present": bool}}
//         field    pattern from there to the value under test (default: itself)
// What (all that stand in a rule must hold; one finding for each value that breaks it):
//   any value  type      null boolean number integer string array object, or a list of them
//              in        list of strings, numbers, booleans, null          max_bytes  of its JSON text
//   number     min max
//   string     min_length max_length  in characters                        non_empty  not only white space
//              prefix    one of these beginnings                           json       holds JSON of this type ("any")
//   list,      min_count max_count    non_empty
//   object     required  keys that must be there     any_of  one of these must be there and not null
//              allowed   no other keys               refused, at_most_one  of these keys
//   list of objects, by the string under `key` (default "role"):
//              first last   one of these             count_of  {"values": [..], "min": n, "max": n}
//              order     {"leading": [..] at most once in all, "cycle": [..] in turn, "ignore": [..]}
//              after     {role: [roles it may directly follow]}
//              unique    pattern: its values over all elements differ
//              references, answered  {"from": pattern, "to": pattern}: every `from` repeats a `to` of an earlier
//                        element; every `to` but the last element's, which nothing can follow, by a later `from`
//   the file   rows {"min", "max"}    bytes {"max"}    same_keys true: all rows have the first row's keys
//
// `message` and `hint` may hold {value}, {key} and {count}. An unknown keyword is an error when the table is loaded.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "data/finding.hpp"
#include "data/json.hpp"

namespace fthost::data {

class RuleTable {
 public:
  // `owner` names the table in errors: `formatter "x"`; `provider` is the findings' provider.
  static Result<RuleTable> load(std::string_view json, std::string provider, const std::string& owner);
  RuleTable(RuleTable&&) noexcept;
  RuleTable& operator=(RuleTable&&) noexcept;
  ~RuleTable();

  // Findings about one row; file and line are the caller's to fill in.
  void check_row(const Document& row, const FindingSink& sink);
  // Findings about the file, after its last row. Counts rows that are JSON objects, and all bytes.
  void check_file(std::uint64_t rows, std::uint64_t bytes, const FindingSink& sink);

 private:
  struct State;
  explicit RuleTable(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

}  // namespace fthost::data

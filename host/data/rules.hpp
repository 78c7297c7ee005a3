// RuleTable: what a format or a vendor accepts, as data. A table is a JSON list of rules; each says where it looks,
// what must hold there, and what to tell a person where it does not. Immutable; copies share it; any thread.
//
//   {"code": "weight_on_user", "severity": "error", "at": "/messages/*", "when": {"/role": ["system", "user"]},
//    "refused": ["weight"], "message": "weight on a message that is not trained on", "hint": "remove it"}
//
// Where:  at       pattern, `*` for each element (default: the row). Nothing there: nothing to check.
//         when     conditions on the value at `at`, all of them: {pattern: value | [values] | {"present": bool}}; one
//                  of the values that the pattern names must be so, and for false there may be none; null is not there
//         field    pattern from there to the value under test (default: itself)
// What (all that stand in a rule must hold; one finding for each value that breaks it):
//   any value  type      null boolean number integer string array object, or a list of them
//              in        list of strings, numbers, booleans, null          max_bytes  of its JSON text
//   number     min max
//   string     min_length max_length  in characters                        non_empty  not only white space
//              prefix    one of these beginnings                           json       holds JSON of this type ("any")
//              only      nothing but these characters: "a-zA-Z0-9_-"       base64     after its first comma: true
//   string or  says      pattern from an element to its text ("" where elements are texts): a string is not only white
//   list                 space, a list has an element that is no such text
//   list,      min_count max_count    non_empty
//   object     required  keys that must be there     any_of  one of these must be there and not null
//              allowed   no other keys               refused, at_most_one  of these keys
//              differ    {"from": pattern, "to": pattern}: where both are there, they say different things
//   object or  count_at  {"at": pattern, "values": [..], "min": n, "max": n}: so many of the values there are one of
//   list                 these
//   list of objects, by the string under `key` (default "role"):
//              first last   one of these             count_of  {"values": [..], "min": n, "max": n}
//              order     {"leading": [..] at most once in all, "cycle": [..] in turn, "ignore": [..]}
//              after     {role: [roles it may directly follow]}
//              unique    pattern: its values over all elements differ
//              references, answered  {"from": pattern, "to": pattern}: every `from` repeats a `to` of an earlier
//                        element; every `to` but the last element's, which nothing can follow, by a later `from`
//   the file   rows {"min", "max"}    bytes {"max"}    same_keys true, or a list: all rows have the first row's keys,
//              or those of the list that it has
//              same_value, unique_value  true: all rows have one value there, or none has another's; both take at, when
//              and field; {count} of unique_value is the row that has it: "line 7"
//              lines     true: the rows are lines, and not the elements of one list
//
// Mending: fix       "remove" the value (of first, last, order, after: the element), {"set": JSON value} in its place,
// or
//                    "stringify": its JSON text as a string. Only where nothing that counts is lost.
//
// unless: a list of codes; what the rule finds in a row (or in the file) is not said where one of these has been: one
// defect, one finding.
// once: true counts what a rule finds and tells it once, of the whole file, for what most rows of a good file have.
// `message` and `hint` may hold {value}, {key} and {count}. An unknown keyword is an error when the table is loaded.
#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "data/finding.hpp"
#include "data/json.hpp"

namespace fthost::data {

struct Rule;
class RuleRun;
class Edits;
class Shapes;

using OnceCounts = std::map<const Rule*, std::uint64_t>;

class RuleTable {
 public:
  // `owner` names the table in errors: `formatter "x"`; `provider` is the findings' provider.
  static Result<RuleTable> load(std::string_view json, std::string provider, const std::string& owner);

  // Findings about one row, without file and line, and, where `edits` is not null, what mends them. `only_text`: those
  // rules alone that look at text which the row's shape does not tell.
  void check_row(const Document& row, RuleRun& run, std::vector<Finding>& findings, Edits* edits,
                 bool only_text = false) const;
  // The words and numbers that its rules compare with.
  void add_to(Shapes& shapes) const;
  // Rules that compare rows: how many; a hash of what they compare, none where the row has nothing of it; whether it
  // must be another in each row, or the first row's; and what to say of a row where that is not so.
  std::size_t key_rules() const;
  std::optional<std::uint64_t> keys_hash(std::size_t rule, const Document& row) const;
  bool must_differ(std::size_t rule) const;
  Finding other_keys(std::size_t rule, const std::string& first) const;
  // Findings about the file. Counts rows that are JSON objects, all bytes, and what the rules with `once` have found;
  // `list`: the rows are elements of one list. Too few rows, or too many, for a provider are an error where the file is
  // to be `sent` to it, and else a warning.
  void check_file(std::uint64_t rows, std::uint64_t bytes, bool list, bool sent, const OnceCounts& once,
                  std::vector<Finding>& findings) const;

 private:
  struct State;
  explicit RuleTable(std::shared_ptr<const State> state);
  std::shared_ptr<const State> state_;
};

}  // namespace fthost::data

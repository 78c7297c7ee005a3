// Where a job's rows come from: a collection of a storage, and a filter. Rows pass one at a time; nothing is kept.
#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

#include "base/result.hpp"
#include "data/json.hpp"
#include "io/cancel.hpp"
#include "plugin/registry.hpp"

namespace fthost::flow {

using Json = nlohmann::ordered_json;

// A key with dots as a JSON pointer: "metadata.topic" is /metadata/topic; "" is "".
std::string pointer_of_key(const std::string& key);

// {"rating": ">=8", "tags": "billing", "group": "refund", "has": "rating", "ids": [...], "not_ids": [...]}: all of it
// must hold. A condition is a value, or a string that begins with >=, <=, >, < or !=; a list fits if it contains the
// value. A key with dots goes into objects: "metadata.channel".
class Filter {
 public:
  static Result<Filter> parse(const Json& json);
  bool matches(const data::Value& record, std::string_view id) const;
  bool needs_id() const { return ids_ || not_ids_; }
  bool empty() const { return conditions_.empty() && !ids_ && !not_ids_; }

 private:
  enum class Op { equal, unequal, less, less_equal, more, more_equal, present };
  struct Condition {
    std::string pointer;  // "/metadata/channel"
    Op op;
    std::string text;  // compared with a string
    double number;     // compared with a number; NaN: the value is no number
  };
  static bool fits(const Condition& condition, const data::Value& value);

  std::vector<Condition> conditions_;
  std::shared_ptr<std::unordered_set<std::string>> ids_, not_ids_;
};

struct Row {
  std::uint64_t line;  // as the storage counts: for a file of lines its line
  std::string_view id, revision;
  data::Value record;  // its raw() is the record as it is stored
};

class Rows;

struct Source {
  std::shared_ptr<plugin::Instance> storage;
  std::string collection;
  Filter filter;
  std::string name;                       // what findings call it
  std::shared_ptr<const Rows> rows = {};  // instead of the storage's: what functions of a script have made of them

  // Every row that fits, in the storage's order, until `row` returns false. Findings of the storage itself (lines that
  // are no records) go to `finding` as JSON.
  Result<void> for_each(const io::CancelToken& cancel, const std::function<bool(const Row&)>& row,
                        const std::function<void(std::uint64_t line, std::string_view finding)>& finding = {}) const;
  // Whether `path` is where these records lie, by whatever name.
  bool is_own_file(const std::string& path) const;
};

}  // namespace fthost::flow

#include "flow/inspect.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>

#include "data/record.hpp"
#include "data/split.hpp"
#include "flow/equal_rows.hpp"

namespace fthost::flow {
namespace {

// The value that a key with dots names.
data::Value field_of(const data::Value& record, const std::string& key) {
  std::string pointer = "/" + key;
  std::replace(pointer.begin() + 1, pointer.end(), '.', '/');
  return record.pointer(pointer);
}

Result<double> share_of(const Json& options, const char* name, double fallback) {
  if (!options.contains(name)) return fallback;
  if (!options[name].is_number())
    return make_error(Code::config, std::string("split: ") + name + " must be a number from 0 to 1");
  const double share = options[name].get<double>();
  if (!(share >= 0 && share <= 1))
    return make_error(Code::config,
                      std::string("split: ") + name + " must be from 0 to 1, not " + options[name].dump());
  return share;
}

Result<std::string> text_of(const Json& options, const char* name) {
  if (!options.contains(name)) return std::string();
  if (!options[name].is_string())
    return make_error(Code::config, std::string("split: ") + name + " must be a string, not " + options[name].dump());
  return options[name].get<std::string>();
}

// A field that rows are divided by, and whether any has it; null counts as none. No name: no field.
class Key {
 public:
  explicit Key(std::string name) : name_(std::move(name)) {}
  data::Value of(const data::Value& record) {
    if (name_.empty()) return {};
    const data::Value value = field_of(record, name_);
    found_ = found_ || (value && !value.is(data::Kind::null));
    return value;
  }
  // A name that no row has is a mistake, which a frozen split would keep.
  Result<void> check() const {
    if (name_.empty() || found_) return {};
    return make_error(Code::config, "split: no example has the field \"" + name_ + "\"", {},
                      "write it as the examples have it, like rating or metadata.topic");
  }

 private:
  std::string name_;
  bool found_ = false;
};

// Why a script's tables cannot hold this value as it is, and what to do; empty: they can.
std::pair<std::string, std::string> misfit(const data::Value& value) {
  if (value.is(data::Kind::number)) {
    const std::string_view text = value.raw();
    std::int64_t whole = 0;
    if (value.integer() && std::from_chars(text.data(), text.data() + text.size(), whole).ec != std::errc())
      return {std::string(text.substr(0, 40)) + " does not fit a whole number of 64 bits", "make a text of it"};
    if (!std::isfinite(value.number()))
      return {std::string(text.substr(0, 40)) + " is beyond all numbers", "mend it, or make a text of it"};
  } else if (value.is(data::Kind::object)) {
    std::vector<std::string> keys;
    for (data::Value member = value.first(); member; member = member.next()) keys.push_back(member.key().text());
    std::sort(keys.begin(), keys.end());
    const auto twice = std::adjacent_find(keys.begin(), keys.end());
    if (twice != keys.end()) return {"the key " + Json(*twice).dump() + " stands twice", "keep one of the two"};
  }
  return {};
}

Result<void> check_fits(const data::Value& value, const data::Value& record, std::string_view id) {
  if (auto [why, hint] = misfit(value); !why.empty()) {
    const data::Document& document = *value.document();
    const std::string path = document.pointer_of(value).substr(document.pointer_of(record).size());
    return make_error(Code::input,
                      "the record cannot become a table: " + (path.empty() ? "" : "at " + path + ", ") + why,
                      "record \"" + std::string(id) + "\"", hint);
  }
  for (data::Value child = value.first(); child; child = child.next()) {
    if (auto fits = check_fits(child, record, id); !fits) return fits;
  }
  return {};
}

Error bad_previous(const std::string& where, const std::string& what) {
  return make_error(Code::input, "split: previous" + where + " must be " + what, {},
                    "give a split as it was returned, or its parts");
}

// The parts' ids: {"train": [...], ...}
Result<void> hold_parts(data::Splitter& splitter, const Json& parts, const std::string& where) {
  if (!parts.is_object()) return bad_previous(where, "a table of parts");
  for (const auto& [part, ids] : parts.items()) {
    if (!ids.is_array() && !ids.empty()) return bad_previous(where + "/" + part, "a list of ids");
    for (const auto& id : ids) {
      if (!id.is_string()) return bad_previous(where + "/" + part, "a list of ids, not of " + id.dump());
      if (auto held = splitter.hold(part, id.get_ref<const std::string&>()); !held) return held;
    }
  }
  return {};
}

}  // namespace

Result<void> hold_previous(data::Splitter& splitter, const Json& previous) {
  const bool whole = previous.is_object() && previous.contains("parts");
  if (auto held = hold_parts(splitter, whole ? previous["parts"] : previous, whole ? "/parts" : ""); !held) return held;
  return whole && previous.contains("left_out") ? hold_parts(splitter, previous["left_out"], "/left_out")
                                                : Result<void>();
}

Json strata_json(const data::Split& split) {
  constexpr std::size_t kListed = 1000;
  Json strata = Json::array();
  for (const auto& stratum : split.strata) {
    if (strata.size() == kListed) break;
    strata.push_back({{"value", stratum.value}, {"counts", stratum.counts}});
  }
  return strata;
}

Result<Json> count(const Source& source, const io::CancelToken& cancel) {
  std::uint64_t rows = 0;
  auto read = source.for_each(cancel, [&](const Row&) { return ++rows > 0; });
  if (!read) return read.error();
  return Json(rows);
}

Result<Json> as_table(const data::Value& record, std::string_view id) {
  if (auto fits = check_fits(record, record, id); !fits) return fits.error();
  return Json::parse(record.raw());
}

Result<Json> records(const Source& source, const io::CancelToken& cancel) {
  Json all = Json::array();
  Result<void> fitted;
  auto read = source.for_each(cancel, [&](const Row& row) {
    auto table = as_table(row.record, row.id);
    if (table)
      all.push_back(std::move(*table));
    else
      fitted = table.error();
    return static_cast<bool>(table);
  });
  if (!read) return read.error();
  if (!fitted) return fitted.error();
  return all;
}

Result<SplitPlan> split_plan(const Json& options) {
  auto train = share_of(options, "train", 0.8), test = share_of(options, "test", 0);
  if (!train) return train.error();
  if (!test) return test.error();
  if (*train + *test > 1 + 1e-9)
    return make_error(Code::config, "split: train and test are more than the whole", {}, "make their sum at most 1");
  data::SplitOptions wanted;
  wanted.parts = {{"train", *train}, {"validation", std::max(0.0, 1 - *train - *test)}};
  if (*test > 0) wanted.parts.push_back({"test", *test});
  if (options.contains("seed")) {
    if (!options["seed"].is_number_integer()) return make_error(Code::config, "split: the seed must be a whole number");
    wanted.seed = static_cast<std::uint64_t>(options["seed"].get<std::int64_t>());
  }
  const auto by = text_of(options, "by"), group = text_of(options, "group"), holdout = text_of(options, "holdout");
  for (const auto* text : {&by, &group, &holdout}) {
    if (!*text) return text->error();
  }
  if (!holdout->empty() && *holdout != "one-per-group") {
    return make_error(Code::config, "split: there is no holdout \"" + *holdout + "\"", {},
                      "the one there is: one-per-group");
  }
  if (!holdout->empty() && group->empty())
    return make_error(Code::config, "split: holdout one-per-group needs a group", {},
                      "name the field that says which belong together, as in --group category");
  wanted.one_per_group = !holdout->empty();
  return SplitPlan{wanted, *by, *group};
}

Result<Json> split(const Source& source, const Json& options, const io::CancelToken& cancel) {
  auto plan = split_plan(options);
  if (!plan) return plan.error();
  auto splitter = data::Splitter::create(plan->options);
  if (!splitter) return splitter.error();
  if (options.contains("previous")) {
    if (auto held = hold_previous(*splitter, options["previous"]); !held) return held.error();
  }
  // What the filter leaves out is looked at, too: a row that was split before keeps its part.
  Source all = source;
  all.filter = {};
  Key stratum_key(plan->by), group_key(plan->group);
  std::uint64_t rows = 0, broken = 0;
  EqualRows equal;
  data::ContentHasher hasher;
  const auto count_broken = [&](std::uint64_t, std::string_view) { ++broken; };
  const auto take = [&](const Row& row) {
    const data::Value stratum = stratum_key.of(row.record), group_value = group_key.of(row.record);
    const std::string group_name = group_value.is(data::Kind::null) ? "" : data::stratum_of(group_value);
    if (source.filter.matches(row.record, row.id)) {
      equal.add(static_cast<std::uint32_t>(rows++), hasher.hash_examples(row.record).low);
      splitter->add(row.id, data::stratum_of(stratum), group_name);
    } else {
      splitter->leave_out(row.id, group_name);
    }
    return true;
  };
  if (auto read = all.for_each(cancel, take, count_broken); !read) return read.error();
  if (rows > 0) {
    for (const Key* key : {&stratum_key, &group_key}) {
      if (auto known = key->check(); !known) return known.error();
    }
  }
  const data::Split split = splitter->finish();
  Json parts = Json::object(), left_out = Json::object();
  std::vector<int> part_of(rows, -1);
  double deviation = 0;
  for (std::size_t p = 0; p < split.parts.size(); ++p) {
    const auto& part = split.parts[p];
    Json ids = Json::array();
    for (const auto row : part.rows) {
      ids.push_back(std::string(split.id(row)));
      part_of[row] = static_cast<int>(p);
    }
    if (rows > 0) {
      const double share = static_cast<double>(part.rows.size()) / static_cast<double>(rows);
      deviation = std::max(deviation, std::abs(share - plan->options.parts[p].share));
    }
    parts[part.name] = std::move(ids);
    left_out[part.name] = part.left_out;
  }
  Json warnings = split.warnings;
  const std::uint64_t apart = equal.apart([&](std::uint32_t row) { return part_of[row]; });
  if (apart > 0) warnings.push_back(EqualRows::warning(apart));
  return Json{{"rows", rows + broken},
              {"broken", broken},
              {"parts", parts},
              {"left_out", left_out},
              {"strata", strata_json(split)},
              {"kept", split.kept},
              {"added", split.added},
              {"gone", split.gone},
              {"groups", split.groups},
              {"leaking_groups", split.leaking_groups},
              {"deviation", std::round(deviation * 1e6) / 1e6},
              {"equal_apart", apart},
              {"warnings", std::move(warnings)}};
}

}  // namespace fthost::flow

#include "data/split.hpp"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <numeric>
#include <optional>
#include <utility>

#include "data/hash.hpp"
#include "data/random.hpp"
#include "data/record.hpp"

namespace fthost::data {

struct Splitter::Unit {
  std::span<const std::uint32_t> rows;  // of unit_rows_
  std::uint32_t stratum = 0;
  std::uint8_t part = kFree;  // where the earlier split has it
};

std::string_view Split::id(std::uint32_t row) const {
  const std::uint64_t begin = row == 0 ? 0 : ends_[row - 1];
  return std::string_view(ids_).substr(begin, ends_[row] - begin);
}

Result<Splitter> Splitter::create(SplitOptions options) {
  const auto refuse = [](const std::string& message) {
    return make_error(Code::input, message, "split", "give two or three parts whose shares sum to 1");
  };
  if (options.parts.size() < 2 || options.parts.size() > 3) {
    return refuse(std::to_string(options.parts.size()) + " parts");
  }
  double sum = 0;
  for (const SplitOptions::Part& part : options.parts) {
    if (!(part.share >= 0 && part.share <= 1)) return refuse("the share of " + part.name + " is not between 0 and 1");
    sum += part.share;
  }
  if (std::abs(sum - 1) > 1e-6) return refuse("the shares do not sum to 1");
  return Splitter(std::move(options));
}

Result<void> Splitter::hold(std::string_view part, std::string_view id) {
  for (std::size_t p = 0; p < options_.parts.size(); ++p) {
    if (options_.parts[p].name != part) continue;
    const auto part_of_id = static_cast<std::uint8_t>(p);
    const std::uint32_t known = held_index_.insert(hash64(id), static_cast<std::uint32_t>(held_.size()));
    if (known == HashIndex::kNone) {
      held_.push_back({std::string(id), part_of_id});
    } else if (held_[known].part != part_of_id) {
      return make_error(Code::input,
                        "the earlier split has the id \"" + std::string(id) + "\" in " +
                            options_.parts[held_[known].part].name + " and in " + std::string(part),
                        "split", "leave it in one of the lists, or reshuffle");
    }
    return {};
  }
  return make_error(Code::input, "the earlier split has a part \"" + std::string(part) + "\" and this one has not",
                    "split", "split with the same parts, or reshuffle");
}

Splitter::Held* Splitter::held(std::string_view id) {
  const std::uint32_t place = held_index_.find(hash64(id));
  if (place == HashIndex::kNone) return nullptr;
  held_[place].seen = true;
  return &held_[place];
}

std::uint32_t Splitter::group_ordinal(std::string_view group) {
  if (group.empty()) return HashIndex::kNone;
  const std::uint32_t known = groups_index_.insert(hash64(group), group_count_);
  return known == HashIndex::kNone ? group_count_++ : known;
}

void Splitter::leave_out(std::string_view id, std::string_view group) {
  const Held* const known = held(id);
  if (!known) return;
  left_out_.resize(options_.parts.size());
  left_out_[known->part].emplace_back(id);
  const std::uint32_t ordinal = group_ordinal(group);
  if (ordinal == HashIndex::kNone) return;
  if (group_part_.size() <= ordinal) group_part_.resize(ordinal + 1, kFree);
  if (group_part_[ordinal] == kFree) group_part_[ordinal] = known->part;
}

void Splitter::add(std::string_view id, std::string_view stratum, std::string_view group) {
  split_.ids_ += id;
  split_.ends_.push_back(split_.ids_.size());
  const auto next_stratum = static_cast<std::uint32_t>(strata_.size());
  const std::uint32_t known = strata_index_.insert(hash64(stratum), next_stratum);
  if (known == HashIndex::kNone) strata_.emplace_back(stratum);
  row_stratum_.push_back(known == HashIndex::kNone ? next_stratum : known);
  row_group_.push_back(group_ordinal(group));
  const Held* const before = held(id);
  row_part_.push_back(before ? before->part : kFree);
  held_rows_ += before != nullptr;
}

namespace {

// What most of the rows have; among equals, what comes first.
template <class T>
T most(std::span<const std::uint32_t> rows, const std::vector<T>& of) {
  std::vector<std::pair<T, std::size_t>> counts;
  for (const std::uint32_t row : rows) {
    const auto found =
        std::find_if(counts.begin(), counts.end(), [&](const auto& entry) { return entry.first == of[row]; });
    if (found == counts.end()) {
      counts.emplace_back(of[row], 1);
    } else {
      ++found->second;
    }
  }
  return std::max_element(counts.begin(), counts.end(),
                          [](const auto& a, const auto& b) { return a.second < b.second; })
      ->first;
}

}  // namespace

std::vector<Splitter::Unit> Splitter::make_units() {
  // Groups in the order of their first row; the rows of each together in unit_rows_.
  const std::size_t rows = row_group_.size();
  std::vector<std::uint32_t> unit_of_group(group_count_, HashIndex::kNone), unit_of_row(rows), sizes;
  for (std::size_t row = 0; row < rows; ++row) {
    const std::uint32_t group = row_group_[row];
    const bool known = group != HashIndex::kNone && unit_of_group[group] != HashIndex::kNone;
    unit_of_row[row] = known ? unit_of_group[group] : static_cast<std::uint32_t>(sizes.size());
    if (!known) sizes.push_back(0);
    if (group != HashIndex::kNone) unit_of_group[group] = unit_of_row[row];
    ++sizes[unit_of_row[row]];
  }
  std::vector<std::uint32_t> next(sizes.size());
  std::exclusive_scan(sizes.begin(), sizes.end(), next.begin(), 0u);
  unit_rows_.resize(rows);
  std::vector<Unit> units(sizes.size());
  for (std::size_t u = 0; u < sizes.size(); ++u) units[u].rows = std::span(unit_rows_).subspan(next[u], sizes[u]);
  for (std::size_t row = 0; row < rows; ++row) unit_rows_[next[unit_of_row[row]]++] = static_cast<std::uint32_t>(row);
  for (Unit& unit : units) {
    const std::uint32_t group = row_group_[unit.rows[0]];
    if (group < group_part_.size()) unit.part = group_part_[group];
    if (unit.rows.size() == 1) {
      unit.stratum = row_stratum_[unit.rows[0]];
      if (row_part_[unit.rows[0]] != kFree) unit.part = row_part_[unit.rows[0]];
      continue;
    }
    unit.stratum = most(unit.rows, row_stratum_);
    std::vector<std::uint32_t> held;
    for (const std::uint32_t row : unit.rows) {
      if (row_part_[row] != kFree) held.push_back(row);
    }
    if (!held.empty()) unit.part = most(std::span<const std::uint32_t>(held), row_part_);
  }
  return units;
}

namespace {

// Which shares are rounded up. Three parts can leave a stratum whose favourites are full: others give way to it, each
// by taking a part that it may have as well.
class Rounding {
 public:
  Rounding(std::size_t strata, std::size_t parts) : parts_(parts), cells_(strata * parts), givers_(parts * parts) {}

  // A share that is not whole.
  void add(std::size_t stratum, std::size_t part, bool is_up) {
    cells_[stratum * parts_ + part] = is_up ? Cell::up : Cell::down;
    note(stratum);
  }
  // One more for the stratum: `quota` is changed, and the part named whose sum it enlarges. None: there is no way.
  template <class IsOpen>
  std::optional<std::size_t> make_way(std::size_t stratum, std::vector<std::vector<double>>& quota, IsOpen is_open) {
    std::vector<Step> reached(parts_);
    std::vector<std::size_t> queue;
    const auto reach = [&](std::size_t part, std::size_t by, std::size_t from) {
      if (reached[part].known) return;
      reached[part] = {true, by, from};
      queue.push_back(part);
    };
    for (std::size_t p = 0; p < parts_; ++p) {
      if (at(stratum, p) == Cell::down) reach(p, stratum, parts_);
    }
    for (std::size_t i = 0; i < queue.size(); ++i) {
      const std::size_t here = queue[i];
      if (is_open(here)) {
        for (std::size_t p = here; p != parts_; p = reached[p].from) take(reached[p], p, quota);
        return here;
      }
      for (std::size_t p = 0; p < parts_; ++p) {
        if (const auto giver = giver_of(here, p)) reach(p, *giver, here);
      }
    }
    return std::nullopt;
  }

 private:
  enum class Cell : std::uint8_t { whole, down, up };
  struct Step {
    bool known = false;
    std::size_t stratum = 0, from = 0;  // the part that the stratum gives up; parts_: none
  };
  Cell& at(std::size_t stratum, std::size_t part) { return cells_[stratum * parts_ + part]; }
  void take(const Step& step, std::size_t part, std::vector<std::vector<double>>& quota) {
    at(step.stratum, part) = Cell::up;
    ++quota[step.stratum][part];
    if (step.from != parts_) {
      at(step.stratum, step.from) = Cell::down;
      --quota[step.stratum][step.from];
    }
    note(step.stratum);
  }
  void note(std::size_t stratum) {
    for (std::size_t from = 0; from < parts_; ++from) {
      for (std::size_t to = 0; to < parts_; ++to) {
        if (gives(stratum, from, to)) givers_[from * parts_ + to].push_back(stratum);
      }
    }
  }
  bool gives(std::size_t stratum, std::size_t from, std::size_t to) {
    return at(stratum, from) == Cell::up && at(stratum, to) == Cell::down;
  }
  std::optional<std::size_t> giver_of(std::size_t from, std::size_t to) {
    auto& list = givers_[from * parts_ + to];
    while (!list.empty() && !gives(list.back(), from, to)) list.pop_back();
    return list.empty() ? std::nullopt : std::optional(list.back());
  }

  std::size_t parts_;
  std::vector<Cell> cells_;
  std::vector<std::vector<std::size_t>> givers_;  // [from, to]: strata, some of which have changed since
};

}  // namespace

// quota[stratum][part], whole numbers: each stratum's share down or up, the parts' sums by largest remainder.
std::vector<std::vector<double>> Splitter::quotas(const std::vector<std::uint64_t>& sizes) const {
  struct Rest {
    std::int64_t fraction;  // in 1e-9, so that equal ones compare equal
    std::size_t stratum, part;
  };
  const std::size_t parts = options_.parts.size();
  const std::uint64_t total = std::accumulate(sizes.begin(), sizes.end(), std::uint64_t{0});
  std::vector<std::uint64_t> rows = sizes;
  rows.push_back(total);  // the last "stratum" is the whole
  std::vector<std::vector<double>> quota(rows.size(), std::vector<double>(parts));
  std::vector<double> open_rows(rows.size());
  std::vector<Rest> rests;
  for (std::size_t s = 0; s < rows.size(); ++s) {
    double placed = 0;
    for (std::size_t p = 0; p < parts; ++p) {
      const double ideal = static_cast<double>(rows[s]) * options_.parts[p].share;
      placed += quota[s][p] = std::floor(ideal + 1e-9);
      rests.push_back({std::llround((ideal - quota[s][p]) * 1e9), s, p});
    }
    open_rows[s] = static_cast<double>(rows[s]) - placed;
  }
  std::stable_sort(rests.begin(), rests.end(), [](const Rest& a, const Rest& b) { return a.fraction > b.fraction; });
  const std::size_t all = sizes.size();
  for (const Rest& rest : rests) {
    if (rest.stratum != all || open_rows[all] < 1) continue;
    ++quota[all][rest.part];
    --open_rows[all];
  }
  std::vector<double> open_parts = quota[all];
  for (std::size_t s = 0; s < all; ++s) {
    for (std::size_t p = 0; p < parts; ++p) open_parts[p] -= quota[s][p];
  }
  const auto place = [&](std::size_t s, std::size_t p) {
    if (open_rows[s] < 1 || open_parts[p] < 1) return;
    ++quota[s][p];
    --open_rows[s];
    --open_parts[p];
  };
  Rounding rounding(all, parts);
  for (const Rest& rest : rests) {
    if (rest.stratum == all || rest.fraction == 0) continue;
    const double before = quota[rest.stratum][rest.part];
    place(rest.stratum, rest.part);
    rounding.add(rest.stratum, rest.part, quota[rest.stratum][rest.part] > before);
  }
  for (std::size_t s = 0; s < all; ++s) {
    while (open_rows[s] >= 1) {
      const auto part = rounding.make_way(s, quota, [&](std::size_t p) { return open_parts[p] >= 1; });
      if (!part) break;
      --open_rows[s];
      --open_parts[*part];
    }
  }
  // Where no such way is left it takes what is open.
  for (std::size_t s = 0; s < all; ++s) {
    for (std::size_t p = 0; p < parts; ++p) {
      while (open_rows[s] >= 1 && open_parts[p] >= 1) place(s, p);
    }
  }
  quota.pop_back();
  return quota;
}

void Splitter::place_by_share(std::vector<Unit>& units) {
  const std::size_t parts = options_.parts.size();
  std::vector<std::uint32_t> order(strata_.size());  // strata by value, so that the order of rows does not matter here
  std::iota(order.begin(), order.end(), 0u);
  std::sort(order.begin(), order.end(), [&](std::uint32_t a, std::uint32_t b) { return strata_[a] < strata_[b]; });
  std::vector<std::size_t> rank(strata_.size());
  for (std::size_t i = 0; i < order.size(); ++i) rank[order[i]] = i;

  std::vector<std::uint64_t> sizes(strata_.size());
  std::vector<std::vector<Unit*>> open(strata_.size());
  std::vector<std::vector<double>> held(strata_.size(), std::vector<double>(parts));
  for (Unit& unit : units) {
    const std::size_t s = rank[unit.stratum];
    sizes[s] += unit.rows.size();
    if (unit.part == kFree) {
      open[s].push_back(&unit);
      continue;
    }
    for (const std::uint32_t row : unit.rows) {
      if (row_part_[row] == kFree) row_part_[row] = unit.part;
      ++held[s][row_part_[row]];
    }
  }
  std::vector<std::vector<double>> quota = quotas(sizes);
  std::vector<double> carried(parts);  // what earlier strata could not give, because groups do not divide
  for (std::size_t s = 0; s < open.size(); ++s) {
    Random random(options_.seed ^ hash64(strata_[order[s]]));
    random.shuffle(std::span<Unit*>(open[s]));
    std::stable_sort(open[s].begin(), open[s].end(),
                     [](const Unit* a, const Unit* b) { return a->rows.size() > b->rows.size(); });
    std::vector<double> missing(parts);
    for (std::size_t p = 0; p < parts; ++p) missing[p] = quota[s][p] - held[s][p] + carried[p];
    for (Unit* unit : open[s]) {
      const auto most = std::max_element(missing.begin(), missing.end());
      unit->part = static_cast<std::uint8_t>(most - missing.begin());
      for (const std::uint32_t row : unit->rows) row_part_[row] = unit->part;
      *most -= static_cast<double>(unit->rows.size());
    }
    if (group_count_ > 0) carried = missing;
  }
}

void Splitter::hold_out_one_per_group(std::vector<Unit>& units) {
  std::uint64_t alone = 0;
  for (Unit& unit : units) {
    std::vector<std::uint64_t> in_part(options_.parts.size());
    std::vector<std::uint32_t> open;
    for (const std::uint32_t row : unit.rows) {
      if (row_part_[row] == kFree) {
        open.push_back(row);
      } else {
        ++in_part[row_part_[row]];
      }
    }
    // The group's own generator: what other groups hold does not matter to it.
    Random random(options_.seed ^ hash64(split_.id(unit.rows[0])));
    random.shuffle(std::span<std::uint32_t>(open));
    for (std::size_t p = 1; p < options_.parts.size(); ++p) {
      const bool train_remains = open.size() + in_part[0] >= 2;
      if (in_part[p] > 0 || open.empty() || !train_remains) continue;
      row_part_[open.back()] = static_cast<std::uint8_t>(p);
      open.pop_back();
    }
    for (const std::uint32_t row : open) row_part_[row] = 0;
    alone += unit.rows.size() == 1;
  }
  if (alone > 0) {
    split_.warnings.push_back(alone == 1 ? "1 row is alone in its group or in none: it is not held out"
                                         : std::to_string(alone) +
                                               " rows are alone in their group or in none: they are not held out");
  }
}

void Splitter::report(const std::vector<Unit>& units) {
  for (const SplitOptions::Part& part : options_.parts) split_.parts.push_back({part.name, {}, {}});
  left_out_.resize(options_.parts.size());
  for (Held& held : held_) {
    if (held.seen) continue;
    left_out_[held.part].push_back(std::move(held.id));
    ++split_.gone;
  }
  for (std::size_t p = 0; p < left_out_.size(); ++p) split_.parts[p].left_out = std::move(left_out_[p]);
  std::vector<Split::Stratum> strata;
  for (const std::string& value : strata_) strata.push_back({value, std::vector<std::uint64_t>(options_.parts.size())});
  for (std::uint32_t row = 0; row < row_part_.size(); ++row) {
    split_.parts[row_part_[row]].rows.push_back(row);
    ++strata[row_stratum_[row]].counts[row_part_[row]];
  }
  std::sort(strata.begin(), strata.end(), [](const auto& a, const auto& b) { return a.value < b.value; });
  split_.strata = std::move(strata);
  split_.kept = held_rows_;
  split_.added = row_part_.size() - held_rows_;
  for (const Unit& unit : units) {
    split_.groups += unit.rows.size() > 1;
    const auto differs = [&](std::uint32_t row) { return row_part_[row] != row_part_[unit.rows[0]]; };
    split_.leaking_groups += std::any_of(unit.rows.begin(), unit.rows.end(), differs);
  }
  if (options_.one_per_group) split_.leaking_groups = 0;  // groups are divided on purpose
  if (split_.leaking_groups > 0) {
    split_.warnings.push_back(
        (split_.leaking_groups == 1 ? "1 group is" : std::to_string(split_.leaking_groups) + " groups are") +
        " in more than one part since the earlier split: reshuffle to bring them together");
  }
  if (split_.gone > 0) {
    split_.warnings.push_back((split_.gone == 1 ? "1 row of the earlier split is"
                                                : std::to_string(split_.gone) + " rows of the earlier split are") +
                              std::string(" not there now: ") +
                              (split_.gone == 1 ? "it keeps its part" : "they keep their parts"));
  }
  if (row_part_.empty()) return;
  for (std::size_t p = 0; p < split_.parts.size(); ++p) {
    if (!split_.parts[p].rows.empty() || (options_.parts[p].share <= 0 && !options_.one_per_group)) continue;
    split_.warnings.push_back("the part " + split_.parts[p].name + " is empty");
  }
}

Split Splitter::finish() {
  std::vector<Unit> units = make_units();
  if (options_.one_per_group) {
    hold_out_one_per_group(units);
  } else {
    place_by_share(units);
  }
  report(units);
  return std::move(split_);
}

std::string stratum_of(const Value& value, std::span<const double> bounds) {
  if (!value.is(Kind::number) || bounds.empty()) return key_text(value);
  const auto shown = [](double bound) {
    char text[32];
    std::snprintf(text, sizeof text, "%g", bound);
    return std::string(text);
  };
  const double number = value.number();
  const auto above = std::upper_bound(bounds.begin(), bounds.end(), number);
  if (above == bounds.begin()) return "<" + shown(bounds.front());
  if (above == bounds.end()) return ">=" + shown(bounds.back());
  return shown(*(above - 1)) + "..<" + shown(*above);
}

}  // namespace fthost::data

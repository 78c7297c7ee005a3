// Ours is walked once and copied; what is between its tokens tells how additions are spaced.
#include "data/merge.hpp"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <optional>
#include <string_view>

#include "data/diff.hpp"
#include "data/json_text.hpp"

namespace fthost::data {

namespace {

// What a field, or an item of a list, becomes: text, or nothing at all.
using Outcome = std::optional<std::string>;

Outcome as_it_stands(const Value& value) { return value ? Outcome(std::string(value.raw())) : std::nullopt; }

std::string_view between(const Value& before, const Value& after) {
  const std::size_t begin = before.begin() + before.raw().size();
  return before.document()->text().substr(begin, after.begin() - begin);
}

// What stands between two items or members, as the first two show.
std::string_view separator_of(const Value& container) {
  const Value first = container.first();
  const Value second = first ? first.next() : Value();
  if (!second) return {};
  return between(first, second.key() ? second.key() : second);
}

bool keys_differ(const Value& object) {
  std::vector<std::string> keys;
  for (Value member = object.first(); member; member = member.next()) keys.push_back(member.key().text());
  std::sort(keys.begin(), keys.end());
  return std::adjacent_find(keys.begin(), keys.end()) == keys.end();
}

int number_at(std::string_view text, std::size_t at, std::size_t digits) {
  int value = -1;
  if (at + digits > text.size()) return -1;
  const char* const end = text.data() + at + digits;
  return std::from_chars(text.data() + at, end, value).ptr == end ? value : -1;
}

struct Instant {
  std::int64_t seconds;
  std::string fraction;  // digits without trailing zeros
};

// "2026-11-21T06:40:15.25+01:00"; a time without a zone is in UTC, a date its midnight.
std::optional<Instant> instant_of(const std::string& text) {
  using namespace std::chrono;
  const int year = number_at(text, 0, 4), month = number_at(text, 5, 2), day = number_at(text, 8, 2);
  if (year < 0 || month < 0 || day < 0 || text[4] != '-' || text[7] != '-') return {};
  const year_month_day date(std::chrono::year(year), std::chrono::month(static_cast<unsigned>(month)),
                            std::chrono::day(static_cast<unsigned>(day)));
  if (!date.ok()) return {};
  Instant instant{sys_seconds(sys_days(date)).time_since_epoch().count(), {}};
  if (text.size() == 10) return instant;
  const int hour = number_at(text, 11, 2), minute = number_at(text, 14, 2), second = number_at(text, 17, 2);
  if (hour < 0 || minute < 0 || second < 0 || text[13] != ':' || text[16] != ':') return {};
  instant.seconds += hour * 3600 + minute * 60 + second;
  std::size_t at = 19;
  if (at < text.size() && text[at] == '.') {
    const std::size_t end = std::min(text.find_first_not_of("0123456789", at + 1), text.size());
    instant.fraction = text.substr(at + 1, end - at - 1);
    instant.fraction.erase(instant.fraction.find_last_not_of('0') + 1);
    at = end;
  }
  if (at == text.size() || text.substr(at) == "Z" || text.substr(at) == "z") return instant;
  const int hours = number_at(text, at + 1, 2), minutes = number_at(text, at + 4, 2);
  if ((text[at] != '+' && text[at] != '-') || text.size() != at + 6 || hours < 0 || minutes < 0) return {};
  instant.seconds -= (text[at] == '-' ? -1 : 1) * (hours * 3600 + minutes * 60);
  return instant;
}

class RecordMerge {
 public:
  RecordMerge(Side prefer, std::vector<std::string>& conflicts) : prefer_(prefer), conflicts_(conflicts) {}

  // Of objects whose keys differ.
  std::string object(const Value& base, const Value& ours, const Value& theirs, const std::string& path) {
    const Value first = ours.first() ? ours.first() : theirs.first();
    if (!first) return std::string(ours.raw());
    std::string_view separator = separator_of(ours);
    if (separator.empty()) separator = separator_of(theirs);
    if (separator.empty()) separator = ",";
    const std::string_view colon = between(first.key(), first);
    const std::string_view text = ours.raw();
    std::string out(text, 0, ours.first() ? ours.first().key().begin() - ours.begin() : 1);
    bool any = false;
    const auto add = [&](const Value& key, const Outcome& value) {
      if (!value) return;
      if (any) out += separator;
      any = true;
      out.append(key.raw()).append(colon).append(*value);
    };
    std::size_t end = ours.begin() + 1;  // of the last member
    for (Value mine = ours.first(); mine; mine = mine.next()) {
      const std::string key = mine.key().text();
      add(mine.key(), value(base.find(key), mine, theirs.find(key), path + "/" + pointer_key(key)));
      end = mine.begin() + mine.raw().size();
    }
    for (Value other = theirs.first(); other; other = other.next()) {
      const std::string key = other.key().text();
      if (ours.find(key)) continue;
      add(other.key(), value(base.find(key), {}, other, path + "/" + pointer_key(key)));
    }
    return out.append(text.substr(end - ours.begin()));
  }

 private:
  Outcome value(const Value& base, const Value& ours, const Value& theirs, const std::string& path) {
    if (same_value(ours, theirs) || same_value(base, theirs)) return as_it_stands(ours);
    if (same_value(base, ours)) return as_it_stands(theirs);
    if (ours && theirs) {
      if (auto merged = by_rule(base, ours, theirs, path)) return merged;
    }
    return conflict(ours, theirs, path);
  }

  Outcome conflict(const Value& ours, const Value& theirs, const std::string& path) {
    conflicts_.push_back(path);
    return as_it_stands(prefer_ == Side::theirs ? theirs : ours);
  }

  // What both sides changed; nothing: there is no rule for it.
  Outcome by_rule(const Value& base, const Value& ours, const Value& theirs, const std::string& path) {
    if (path == "/updated_at") return later(ours, theirs, ours, theirs);
    if (path == "/created_at") return later(ours, theirs, theirs, ours);
    if (path == "/validated") return later(ours.find("at"), theirs.find("at"), ours, theirs);
    const bool in_metadata = path == "/metadata" || path.starts_with("/metadata/");
    if (in_metadata && ours.is(Kind::object) && theirs.is(Kind::object) && keys_differ(ours) && keys_differ(theirs)) {
      return object(base.is(Kind::object) ? base : Value(), ours, theirs, path);
    }
    const bool lists = ours.is(Kind::array) && theirs.is(Kind::array) && (!base || base.is(Kind::array));
    if (path == "/tags" && lists) return set(base, ours, theirs, path);
    if (path == "/ratings" && lists) return set(base, ours, theirs, path);
    return {};
  }

  // The side whose time is later, ours where they are the same; nothing where one is no time.
  static Outcome later(const Value& our_time, const Value& their_time, const Value& ours, const Value& theirs) {
    int order = 0;
    if (!compare_times(our_time, their_time, order)) return {};
    return as_it_stands(order < 0 ? theirs : ours);
  }

  // Who says it: the text of `by`.
  static bool rater_of(const Value& item, std::string& rater) {
    const Value by = item.find("by");
    if (!by.is(Kind::string)) return false;
    rater = by.text();
    return true;
  }

  // Whether every item has a rater, and no two the same.
  static bool one_a_rater(const Value& list) {
    std::vector<std::string> raters;
    for (Value item = list.first(); item; item = item.next()) {
      if (!rater_of(item, raters.emplace_back())) return false;
    }
    std::sort(raters.begin(), raters.end());
    return std::adjacent_find(raters.begin(), raters.end()) == raters.end();
  }

  // The item of `list` that is the same one: of the same rater, or else of the same value.
  static Value counterpart(const Value& list, const Value& item, bool by_rater) {
    std::string rater, other;
    if (by_rater) rater_of(item, rater);
    for (Value candidate = list.first(); candidate; candidate = candidate.next()) {
      if (by_rater ? rater_of(candidate, other) && other == rater : same_value(candidate, item)) return candidate;
    }
    return {};
  }

  std::string set(const Value& base, const Value& ours, const Value& theirs, const std::string& path) {
    const bool by_rater =
        path == "/ratings" && one_a_rater(ours) && one_a_rater(theirs) && (!base || one_a_rater(base));
    std::string_view separator = separator_of(ours);
    if (separator.empty()) separator = separator_of(theirs);
    if (separator.empty()) separator = ",";
    std::string out = "[";
    const auto add = [&](const Outcome& item) {
      if (!item) return;
      if (out.size() > 1) out += separator;
      out += *item;
    };
    for (Value mine = ours.first(); mine; mine = mine.next()) {
      add(item(counterpart(base, mine, by_rater), mine, counterpart(theirs, mine, by_rater), path));
    }
    for (Value other = theirs.first(); other; other = other.next()) {
      if (!counterpart(ours, other, by_rater)) add(item(counterpart(base, other, by_rater), {}, other, path));
    }
    return out += ']';
  }

  Outcome item(const Value& base, const Value& ours, const Value& theirs, const std::string& path) {
    if (same_value(ours, theirs) || same_value(base, theirs)) return as_it_stands(ours);
    if (same_value(base, ours)) return as_it_stands(theirs);
    if (ours && theirs) {
      if (auto latest = later(ours.find("at"), theirs.find("at"), ours, theirs)) return latest;
    }
    return conflict(ours, theirs, path);
  }

  Side prefer_;
  std::vector<std::string>& conflicts_;
};

}  // namespace

bool compare_times(const Value& a, const Value& b, int& order) {
  if (a.is(Kind::number) && b.is(Kind::number)) {
    order = a.number() < b.number() ? -1 : a.number() > b.number() ? 1 : 0;
    return true;
  }
  if (!a.is(Kind::string) || !b.is(Kind::string)) return false;
  const auto x = instant_of(a.text()), y = instant_of(b.text());
  if (!x || !y) return false;
  if (x->seconds != y->seconds) {
    order = x->seconds < y->seconds ? -1 : 1;
  } else {
    order = x->fraction.compare(y->fraction);
  }
  return true;
}

MergedRecord merge_record(const Value& base, const Value& ours, const Value& theirs, Side prefer) {
  MergedRecord merged;
  if (keys_differ(ours) && keys_differ(theirs)) {
    merged.text = RecordMerge(prefer, merged.conflicts).object(base, ours, theirs, "");
  } else {  // of two members with one key none can be told to be the other side's
    merged.text = prefer == Side::theirs ? theirs.raw() : ours.raw();
    merged.conflicts.emplace_back();
  }
  std::sort(merged.conflicts.begin(), merged.conflicts.end());
  merged.conflicts.erase(std::unique(merged.conflicts.begin(), merged.conflicts.end()), merged.conflicts.end());
  return merged;
}

}  // namespace fthost::data

#include "data/stats.hpp"

#include <algorithm>
#include <utility>

#include "data/hash.hpp"
#include "text/language.hpp"

namespace fthost::data {

void Tally::add(std::uint64_t value) {
  constexpr std::uint64_t kSmall = 65536;
  ++count_;
  sum_ += value;
  if (value >= kSmall) {
    ++large_[value];
    return;
  }
  if (value >= small_.size()) small_.resize(std::min(kSmall, value * 2 + 64));
  ++small_[value];
}

void Tally::merge(const Tally& other) {
  if (small_.size() < other.small_.size()) small_.resize(other.small_.size());
  for (std::size_t value = 0; value < other.small_.size(); ++value) small_[value] += other.small_[value];
  for (const auto& [value, times] : other.large_) large_[value] += times;
  count_ += other.count_;
  sum_ += other.sum_;
}

Distribution Tally::distribution() const {
  Distribution result;
  if (count_ == 0) return result;
  result.count = count_;
  result.mean = static_cast<double>(sum_) / static_cast<double>(count_);
  const auto rank = [&](std::uint64_t percent) { return (count_ * percent + 99) / 100; };
  const std::uint64_t ranks[] = {
      1, std::max<std::uint64_t>(1, rank(5)), rank(25), rank(50), rank(75), rank(90), rank(95), rank(99), count_};
  std::uint64_t* const values[] = {&result.min, &result.p5,  &result.p25, &result.median, &result.p75,
                                   &result.p90, &result.p95, &result.p99, &result.max};
  std::uint64_t seen = 0;
  std::size_t next = 0;
  for_each([&](std::uint64_t value, std::uint64_t times) {
    seen += times;
    while (next < std::size(ranks) && times > 0 && seen >= ranks[next]) *values[next++] = value;
  });
  return result;
}

template <class Fn>
void Tally::for_each(Fn fn) const {
  for (std::size_t value = 0; value < small_.size(); ++value) fn(value, small_[value]);
  for (const auto& [value, times] : large_) fn(value, times);
}

std::vector<Bin> Tally::histogram(std::size_t most) const {
  std::vector<Bin> bins;
  if (count_ == 0) return bins;
  const Distribution all = distribution();
  std::uint64_t width = 1;
  for (std::uint64_t step = 0; all.p99 / width - all.min / width >= most; ++step)
    width = step % 3 == 1 ? width / 2 * 5 : width * 2;
  const std::uint64_t first = all.min / width;
  bins.resize(static_cast<std::size_t>(all.p99 / width - first + 1));
  for (std::size_t i = 0; i < bins.size(); ++i) bins[i] = {(first + i) * width, (first + i + 1) * width, 0};
  if (all.max >= bins.back().to) bins.push_back({bins.back().to, all.max + 1, 0});
  for_each([&](std::uint64_t value, std::uint64_t times) {
    if (times > 0) bins[std::min(static_cast<std::size_t>(value / width - first), bins.size() - 1)].count += times;
  });
  return bins;
}

std::uint64_t content_characters(const Value& content) {
  if (content.is(Kind::string)) return content.characters();
  std::uint64_t characters = 0;
  if (!content.is(Kind::array)) return 0;
  for (Value part = content.first(); part; part = part.next()) {
    const Value text = part.is(Kind::string) ? part : part.find("text");
    if (text.is(Kind::string)) characters += text.characters();
  }
  return characters;
}

namespace {

constexpr std::size_t kForLanguage = 2048;  // bytes of a row

}  // namespace

void StatsCollector::add_text(const Value& content) {
  if (text_.size() >= kForLanguage) return;
  if (content.is(Kind::string)) {
    (text_ += content.text(scratch_).substr(0, kForLanguage)) += '\n';
    return;
  }
  if (!content.is(Kind::array)) return;
  for (Value part = content.first(); part; part = part.next())
    add_text(part.is(Kind::string) ? part : part.find("text"));
}

// A list of messages, one message, or the text of one.
void StatsCollector::add_message(const Value& message, std::string_view otherwise, Row& row) {
  if (message.is(Kind::array)) {
    for (Value each = message.first(); each; each = each.next()) add_message(each, otherwise, row);
    return;
  }
  const bool is_text = message.is(Kind::string);
  if (!is_text && !message.is(Kind::object)) return;
  const Value role = message.find("role"), content = is_text ? message : message.find("content");
  const std::string name = role.is(Kind::string) ? role.text() : std::string(is_text ? otherwise : "");
  if (!is_text) {
    ++stats_.messages;
    ++stats_.roles[name];
  }
  row.turns += name == "user";
  if (name == "user" || name == "assistant") add_text(content);
  (name == "assistant" ? row.completion : row.prompt) += content_characters(content);
  row.calls = row.calls || message.find("tool_calls").is(Kind::array);
}

void StatsCollector::add_messages(const Value& record) {
  Row row;
  const Value messages = record.find("messages"), chosen = record.find("chosen");
  if (messages.is(Kind::array)) add_message(messages, {}, row);
  if (!messages.is(Kind::array) || messages.empty()) add_message(record.find("prompt"), "user", row);
  add_message(chosen ? chosen : record.find("completion"), "assistant", row);
  stats_.with_tools += row.calls;
  turns_.add(row.turns);
  prompt_.add(row.prompt);
  completion_.add(row.completion);
  all_.add(row.prompt + row.completion);
}

void StatsCollector::add(const Value& record) {
  const auto row = static_cast<std::uint32_t>(stats_.rows++);
  const auto count = [&](Stats::Counts& counts, const Value& value) {
    if (value.is(Kind::string)) ++counts[value.text()];
  };
  const Value rating = record.find("rating");
  if (!rating || rating.is(Kind::null)) {
    ++stats_.ratings["unrated"];
  } else {
    ++stats_.ratings[rating.is(Kind::string) ? rating.text() : std::string(rating.raw())];
  }
  for (Value tag = record.find("tags").first(); tag; tag = tag.next()) count(stats_.tags, tag);
  count(stats_.sources, record.find("source"));
  const Value nested = record.pointer("/metadata/category");
  const Value category = nested ? nested : record.find("category");
  ++stats_.categories[category.is(Kind::string) ? category.text() : "uncategorized"];
  count(stats_.splits, record.find("split"));
  if (const Value group = record.find("group"); group && !group.is(Kind::null)) {
    ++stats_.grouped_rows;
    const auto next = static_cast<std::uint32_t>(group_sizes_.size());
    const std::uint32_t known = groups_.insert(hash64(key_text(group)), next);
    if (known == HashIndex::kNone) group_sizes_.push_back(0);
    ++group_sizes_[known == HashIndex::kNone ? next : known];
  }
  stats_.duplicates += contents_.insert(hasher_.hash_examples(record).low, row) != HashIndex::kNone;
  const std::uint64_t before = stats_.with_tools;
  text_.clear();
  add_messages(record);
  ++stats_.languages[std::string(text::language_of(text_, kForLanguage))];
  const Value tools = record.find("tools");
  if (stats_.with_tools == before && tools.is(Kind::array) && !tools.empty()) ++stats_.with_tools;
}

Stats StatsCollector::finish() {
  stats_.groups = group_sizes_.size();
  if (!group_sizes_.empty()) stats_.largest_group = *std::max_element(group_sizes_.begin(), group_sizes_.end());
  stats_.turns = turns_.distribution();
  stats_.prompt_characters = prompt_.distribution();
  stats_.completion_characters = completion_.distribution();
  stats_.characters = all_.distribution();
  return std::move(stats_);
}

}  // namespace fthost::data

// The table of keys as JSON, and the finder that is made of it: by which pairs of bytes each key is noticed.
#include <algorithm>
#include <iterator>
#include <nlohmann/json.hpp>

#include "text/personal_scan.hpp"

namespace fthost::text {
namespace {

using TableJson = nlohmann::json;

constexpr std::size_t kLongest = 4096;

// How often a byte stands in text, roughly: a key is noticed by its rarest pair.
int commonness(unsigned char c) {
  if (is_lower_byte(static_cast<char>(c)) || c == ' ') return 6;
  if (is_digit_byte(static_cast<char>(c))) return 4;
  if (is_upper_byte(static_cast<char>(c)) ||
      std::string_view("-_.,/:").find(static_cast<char>(c)) != std::string_view::npos)
    return 2;
  return 1;
}

std::size_t rarest_pair(std::string_view prefix) {
  std::size_t best = 0;
  int least = 1000;
  for (std::size_t i = 0; i + 1 < prefix.size(); ++i) {
    const int sum =
        commonness(static_cast<unsigned char>(prefix[i])) * commonness(static_cast<unsigned char>(prefix[i + 1]));
    if (sum < least) least = sum, best = i;
  }
  return best;
}

std::uint16_t pair_of(std::string_view text, std::size_t at) { return PairFilter::pair(text.data() + at); }

// What is wrong with the table; thrown to load().
[[noreturn]] void bad_table(const std::string& path, const std::string& message) {
  throw Failure(make_error(Code::config, path + ": " + message));
}

void only_keys(const TableJson& object, const std::string& path, std::initializer_list<const char*> known) {
  if (!object.is_object()) bad_table(path, "is not an object");
  for (const auto& [key, value] : object.items()) {
    bool is_known = false;
    for (const char* name : known) is_known = is_known || key == name;
    if (!is_known) bad_table(path, "has the unknown field \"" + key + "\"");
  }
}

std::string text_at(const TableJson& object, const std::string& path, const char* key) {
  const auto found = object.find(key);
  if (found == object.end() || !found->is_string() || found->get_ref<const std::string&>().empty())
    bad_table(path + "/" + key, "must be a text that is not empty");
  return found->get<std::string>();
}

std::vector<std::string> texts_at(const TableJson& object, const std::string& path, const char* key) {
  std::vector<std::string> texts;
  const auto found = object.find(key);
  if (found == object.end()) return texts;
  if (!found->is_array()) bad_table(path + "/" + key, "must be a list of texts");
  for (const auto& item : *found) {
    if (!item.is_string() || item.get_ref<const std::string&>().empty())
      bad_table(path + "/" + key, "must be a list of texts");
    if (item.get_ref<const std::string&>().size() < 2) bad_table(path + "/" + key, "must have two bytes or more each");
    texts.push_back(item.get<std::string>());
    for (char& c : texts.back()) c = lower_byte(c);
  }
  return texts;
}

void read_limits(const TableJson& object, const std::string& path, std::size_t& least, std::size_t& most,
                 double& entropy) {
  const auto size_of = [](const TableJson& value) {
    return value.is_number_unsigned() && value.get<std::size_t>() <= kLongest;
  };
  const auto length = object.find("length");
  const bool two = length != object.end() && length->is_array() && length->size() == 2 && size_of((*length)[0]) &&
                   size_of((*length)[1]);
  if (!two || (*length)[0].get<std::size_t>() < 1 || (*length)[0].get<std::size_t>() > (*length)[1].get<std::size_t>())
    bad_table(path + "/length",
              "must be two whole numbers from 1 to " + std::to_string(kLongest) + ", the smaller one first");
  least = (*length)[0].get<std::size_t>();
  most = (*length)[1].get<std::size_t>();
  const auto given = object.find("entropy");
  if (given == object.end()) return;
  if (!given->is_number() || given->get<double>() < 0 || given->get<double>() > 8)
    bad_table(path + "/entropy", "must be a number from 0 to 8");
  entropy = given->get<double>();
}

// "A-Za-z0-9_-": bytes and ranges; a hyphen at an end is itself.
ByteSet bytes_of(const std::string& text, const std::string& path) {
  ByteSet set;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const auto first = static_cast<unsigned char>(text[i]);
    auto last = first;
    if (i + 2 < text.size() && text[i + 1] == '-') last = static_cast<unsigned char>(text[i += 2]);
    if (first > last || last > 0x7E || first <= ' ') bad_table(path, "must be ASCII characters and ranges of them");
    for (unsigned c = first; c <= last; ++c) set.add(static_cast<unsigned char>(c));
  }
  return set;
}

const TableJson& list_at(const TableJson& table, const char* key) {
  static const TableJson kNone = TableJson::array();
  const auto found = table.find(key);
  if (found == table.end()) return kNone;
  if (!found->is_array()) bad_table(std::string("/") + key, "must be a list");
  return *found;
}

}  // namespace

SecretTable::SecretTable() : state_(std::make_shared<State>()) {}

Result<SecretTable> SecretTable::load(std::string_view json, const std::string& where, const SecretTable& base) {
  const TableJson table = TableJson::parse(json, nullptr, false);
  auto state = std::make_shared<State>();
  try {
    if (table.is_discarded()) bad_table("the table", "is broken JSON");
    only_keys(table, "the table", {"schema_version", "keys", "assignments", "placeholders", "off"});
    if (table.value("schema_version", TableJson(1)) != 1)
      bad_table("/schema_version", "must be 1; a newer table needs a newer fthost");
    std::size_t index = 0;
    for (const auto& item : list_at(table, "keys")) {
      const std::string path = "/keys/" + std::to_string(index++);
      only_keys(item, path, {"name", "prefix", "alphabet", "length", "entropy", "keep_prefix"});
      State::Key key{text_at(item, path, "name"), text_at(item, path, "prefix"), {}};
      if (key.prefix.size() < 3)
        bad_table(path + "/prefix", "must have three bytes or more, or it would stand everywhere");
      key.alphabet = bytes_of(text_at(item, path, "alphabet"), path + "/alphabet");
      read_limits(item, path, key.least, key.most, key.entropy);
      const auto keep = item.find("keep_prefix");
      if (keep != item.end() && !keep->is_boolean()) bad_table(path + "/keep_prefix", "must be true or false");
      key.keep_prefix = keep != item.end() && keep->get<bool>();
      state->keys.push_back(std::move(key));
    }
    index = 0;
    for (const auto& item : list_at(table, "assignments")) {
      const std::string path = "/assignments/" + std::to_string(index++);
      only_keys(item, path, {"name", "words", "length", "entropy"});
      State::Assignment rule{text_at(item, path, "name"), texts_at(item, path, "words")};
      read_limits(item, path, rule.least, rule.most, rule.entropy);
      state->assignments.push_back(std::move(rule));
    }
    state->placeholders = texts_at(table, "", "placeholders");
    std::vector<std::string> off = texts_at(table, "", "off");
    for (const State::Key& key : state->keys) off.push_back(key.name);
    for (const State::Assignment& rule : state->assignments) off.push_back(rule.name);
    const auto counts = [&](const auto& item) { return std::find(off.begin(), off.end(), item.name) == off.end(); };
    const State& before = *base.state_;
    std::copy_if(before.keys.begin(), before.keys.end(), std::back_inserter(state->keys), counts);
    std::copy_if(before.assignments.begin(), before.assignments.end(), std::back_inserter(state->assignments), counts);
    state->placeholders.insert(state->placeholders.end(), before.placeholders.begin(), before.placeholders.end());
  } catch (const Failure& failure) {
    Error error = failure.error();
    error.where = where;
    error.hint = "see docs/redact.md for the form of the table";
    return error;
  }
  SecretTable loaded;
  loaded.state_ = std::move(state);
  return loaded;
}

PersonalFinder::PersonalFinder(SecretTable secrets, PersonalSet kinds) {
  auto state = std::make_unique<State>();
  state->secrets = std::move(secrets);
  state->kinds = kinds;
  const auto wants = [&](PersonalKind kind) { return (kinds & personal_bit(kind)) != 0; };
  const auto mark = [&](unsigned first, unsigned second, std::uint8_t bit) {
    state->hits.mark(static_cast<unsigned char>(first), static_cast<unsigned char>(second), bit);
  };
  const auto notice = [&](std::string_view prefix, std::uint32_t key) {
    const std::size_t offset = rarest_pair(prefix);
    const std::uint16_t pair = pair_of(prefix, offset);
    if ((state->hits.at(pair) & kHitKey) == 0) {
      mark(pair & 0xFFu, pair >> 8u, kHitKey);
      state->buckets[pair] = static_cast<std::uint16_t>(state->anchors.size());
      state->anchors.emplace_back();
    }
    state->anchors[state->buckets[pair]].push_back({key, static_cast<std::uint32_t>(offset)});
  };
  for (unsigned c = 1; c < 256; ++c) {
    if (wants(PersonalKind::email)) mark(c, '@', kHitAt);
    if (wants(PersonalKind::secret) || wants(PersonalKind::ip) || wants(PersonalKind::email)) mark(c, ':', kHitAssign);
    if (wants(PersonalKind::secret)) mark(c, '=', kHitAssign);
  }
  if (wants(PersonalKind::secret)) mark(0xBC, 0x9A, kHitAssign);
  for (unsigned c = '0'; c <= '9'; ++c) {
    for (unsigned d = '0'; d <= '9'; ++d) mark(c, d, kHitDigits);
    if (wants(PersonalKind::ip)) mark(c, '.', kHitDot);
  }
  if (wants(PersonalKind::secret)) {
    const auto& keys = state->secrets.state_->keys;
    for (std::size_t i = 0; i < keys.size(); ++i) notice(keys[i].prefix, static_cast<std::uint32_t>(i));
    for (const auto& rule : state->secrets.state_->assignments) {
      for (const std::string& word : rule.words) {
        const std::uint16_t end = pair_of(word, word.size() - 2);
        state->word_ends[end >> 6] |= std::uint64_t{1} << (end & 63);
      }
    }
    notice("-----BEGIN ", State::kPem);
    notice("eyJ", State::kJwt);
  }
  state_ = std::move(state);
}

}  // namespace fthost::text

#include "data/hash_index.hpp"

#include <boost/test/unit_test.hpp>
#include <unordered_map>

#include "data/random.hpp"

using fthost::data::HashIndex;
using fthost::data::Random;

BOOST_AUTO_TEST_SUITE(data_hash_index)

// Every answer against the standard library's table: keys that are hashes, counted, far apart, or in few parts.
BOOST_AUTO_TEST_CASE(a_key_keeps_its_first_number) {
  Random random(7);
  const auto hashes = [&](std::uint64_t) { return random.next(); };
  const auto counted = [](std::uint64_t i) { return i; };
  const auto high = [](std::uint64_t i) { return i << 44; };
  const auto few = [&](std::uint64_t) { return random.below(3000) * 0xF1DE83E19937733Du; };  // mixing undoes the factor
  const auto check = [](std::uint64_t count, auto&& key_of) {
    HashIndex index;
    std::unordered_map<std::uint64_t, std::uint32_t> known;
    for (std::uint64_t i = 0; i < count; ++i) {
      const std::uint64_t key = key_of(i);
      const auto value = static_cast<std::uint32_t>(i);
      index.prefetch(key);
      const auto [at, added] = known.emplace(key, value);
      BOOST_REQUIRE(index.find(key) == (added ? HashIndex::kNone : at->second));
      BOOST_REQUIRE(index.insert(key, value) == (added ? HashIndex::kNone : at->second));
      if (i % 16 == 0) index.set(key, at->second = value + 1);
      BOOST_REQUIRE(index.size() == known.size());
    }
    for (const auto& [key, value] : known) BOOST_REQUIRE(index.find(key) == value);
    index.clear();
    BOOST_TEST(index.size() == 0u);
    BOOST_TEST((known.empty() || index.find(known.begin()->first) == HashIndex::kNone));
  };
  for (const std::uint64_t count : {0, 1, 60, 3000, 3300, 20'000}) {
    check(count, hashes);
    check(count, counted);
    check(count, high);
    check(count, few);
  }
}

BOOST_AUTO_TEST_CASE(a_key_takes_fifteen_to_nineteen_bytes) {
  Random random(8);
  HashIndex index;
  for (std::uint32_t i = 0; i < 1'000'000; ++i) {
    index.insert(random.next(), i);
    if (index.size() < 400'000) continue;
    BOOST_REQUIRE(index.bytes() >= index.size() * 15);
    BOOST_REQUIRE(index.bytes() <= index.size() * 19);
    i += 999;
    for (int more = 0; more < 999; ++more) index.insert(random.next(), i);
  }
}

BOOST_AUTO_TEST_SUITE_END()

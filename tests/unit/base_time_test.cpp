#include <boost/test/unit_test.hpp>

#include "base/result.hpp"
#include "base/time.hpp"

BOOST_AUTO_TEST_CASE(manual_clock_moves_only_when_told) {
  fthost::ManualClock clock;
  int calls = 0;
  clock.on_advance([&] { ++calls; });
  const auto before = clock.now();
  BOOST_TEST((clock.now() == before));
  clock.advance(std::chrono::seconds(3));
  BOOST_TEST((clock.now() - before == std::chrono::seconds(3)));
  BOOST_TEST(calls == 1);
  BOOST_TEST(fthost::format_utc(clock.wall()) == "1970-01-01T00:00:03Z");
}

BOOST_AUTO_TEST_CASE(error_reads_as_where_what_and_what_to_do) {
  const auto error = fthost::make_error(fthost::Code::input, "broken JSON", "a.jsonl:3", "mend the line");
  BOOST_TEST(error.sentence() == "a.jsonl:3: broken JSON; mend the line");
  const fthost::Result<int> failed = error;
  BOOST_CHECK_THROW(failed.value(), fthost::Failure);
}

#include <boost/test/unit_test.hpp>
#include <latch>

#include "base/result.hpp"
#include "io/workers.hpp"

BOOST_AUTO_TEST_CASE(a_job_that_throws_ends_neither_the_process_nor_its_thread) {
  fthost::io::Workers workers(1);
  std::latch done(1);
  workers.submit([] { throw std::runtime_error("a defect that this test makes"); });
  workers.submit([] { throw fthost::Failure(fthost::make_error(fthost::Code::io, "another")); });
  workers.submit([] { throw 42; });
  workers.submit([&] { done.count_down(); });
  done.wait();
  BOOST_TEST(workers.threads() == 1u);
}

BOOST_AUTO_TEST_CASE(what_was_caught_becomes_an_error) {
  const auto caught = [](auto thrown) {
    try {
      throw thrown;
    } catch (...) {
      return fthost::caught_error();
    }
  };
  BOOST_TEST(caught(fthost::Failure(fthost::make_error(fthost::Code::io, "m", "w", "h"))).sentence() == "w: m; h");
  BOOST_TEST((caught(std::bad_alloc()).code == fthost::Code::limit));
  BOOST_TEST(caught(std::runtime_error("r")).message == "r");
  BOOST_TEST(caught(42).message == "an unknown exception was thrown");
}

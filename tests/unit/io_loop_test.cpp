#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/test/unit_test.hpp>

#include "io/http_connection.hpp"
#include "io/loop.hpp"

BOOST_AUTO_TEST_CASE(a_lookup_counts_until_it_has_come_back) {
  fthost::SystemClock clock;
  fthost::io::EventLoop loop(clock);
  fthost::io::HttpResolver resolver(loop);
  std::size_t begun = 0;
  const auto look_up = [&]() -> boost::asio::awaitable<void> {
    co_await resolver.resolve("localhost", 80);
    loop.stop();
  };
  loop.post([&] {
    boost::asio::co_spawn(loop.context(), look_up, boost::asio::detached);
    begun = loop.lookups();
  });
  BOOST_TEST(loop.lookups() == 0u);
  loop.run();
  BOOST_TEST(begun == 1u);
  BOOST_TEST(loop.lookups() == 0u);
}

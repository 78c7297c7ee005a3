#include <atomic>
#include <barrier>
#include <boost/test/unit_test.hpp>
#include <future>
#include <latch>
#include <thread>

#include "plugin_fixture.hpp"

namespace {

using fthost::Code;
using fthost::plugin::CallContext;
using fthost::plugin::CallTable;
using fthost::test::Json;
using fthost::test::Plugins;

std::shared_ptr<CallContext> context() { return std::make_shared<CallContext>(); }

}  // namespace

BOOST_AUTO_TEST_CASE(a_call_is_found_until_it_is_closed) {
  CallTable table;
  const auto first = context(), second = context();
  const ft_call a = table.open(first), b = table.open(second);
  BOOST_TEST(table.find(a) == first);
  BOOST_TEST(table.find(b) == second);
  table.close(a);
  BOOST_TEST(!table.find(a));
  BOOST_TEST(table.find(b) == second);
}

BOOST_AUTO_TEST_CASE(a_stale_call_is_not_taken_for_the_next_one_in_its_slot) {
  CallTable table;
  const ft_call old = table.open(context());
  table.close(old);
  const auto next = context();
  const ft_call reused = table.open(next);
  BOOST_TEST(reused.id != old.id);
  BOOST_TEST(!table.find(old));
  table.close(old);  // does nothing
  BOOST_TEST(table.find(reused) == next);
  BOOST_TEST(!table.find(ft_call{~std::uint64_t{0}}));
}

BOOST_AUTO_TEST_CASE(what_a_receiver_throws_does_not_pass_through_the_plugin) {
  Plugins plugins;
  const ft_host* host = plugins.services().host();
  const auto given = context();
  given->emit = [](std::uint32_t, std::uint64_t, std::string_view) -> ft_status { throw std::runtime_error("oops"); };
  const ft_call call = plugins.services().calls().open(given);
  BOOST_TEST(host->emit(host->ctx, call, FT_DETAIL, 1, {"a", 1}) == FT_E_INTERNAL);
  const auto error = given->take_error();
  BOOST_REQUIRE(error.has_value());
  BOOST_TEST(error->message == "oops");
  plugins.services().calls().close(call);
}

BOOST_AUTO_TEST_CASE(the_host_refuses_what_a_stale_call_emits) {
  Plugins plugins;
  const ft_host* host = plugins.services().host();
  std::size_t emitted = 0;
  const auto given = context();
  given->emit = [&](std::uint32_t, std::uint64_t, std::string_view) { return ++emitted, FT_OK; };
  const ft_call call = plugins.services().calls().open(given);
  BOOST_TEST(host->emit(host->ctx, call, FT_DETAIL, 1, {"a", 1}) == FT_OK);
  BOOST_TEST(host->cancelled(host->ctx, call) == 0);
  plugins.services().calls().close(call);
  BOOST_TEST(host->emit(host->ctx, call, FT_DETAIL, 1, {"a", 1}) == FT_E_CANCELLED);
  BOOST_TEST(host->cancelled(host->ctx, call) != 0);
  host->fail(host->ctx, call, FT_E_IO, {"{}", 2});
  BOOST_TEST(emitted == 1u);
}

BOOST_AUTO_TEST_CASE(an_instance_is_entered_by_one_thread_at_a_time) {
  Plugins plugins;
  const auto alone = plugins.create(FT_FORMATTER, "dialogue-text");
  BOOST_REQUIRE((alone->desc().flags & FT_CONCURRENT) == 0);
  std::atomic<int> inside{0}, most{0}, calls{0};
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 200; ++i) {
        const auto done = alone->call(context(), [&](ft_call) {
          most = std::max(most.load(), ++inside);
          std::this_thread::yield();
          --inside;
          ++calls;
          return FT_OK;
        });
        if (!done) most = 99;
      }
    });
  }
  for (auto& thread : threads) thread.join();
  BOOST_TEST(most == 1);
  BOOST_TEST(calls == 1600);
}

BOOST_AUTO_TEST_CASE(a_concurrent_instance_is_entered_by_many) {
  Plugins plugins;
  const auto shared = plugins.create(FT_SCORER, "exact");
  BOOST_REQUIRE((shared->desc().flags & FT_CONCURRENT) != 0);
  std::barrier both(2);  // passed only while two threads are inside
  const auto enter = [&] {
    return shared->call(context(), [&](ft_call) { return both.arrive_and_wait(), FT_OK; }).has_value();
  };
  auto other = std::async(std::launch::async, enter);
  BOOST_TEST(enter());
  BOOST_TEST(other.get());
}

BOOST_AUTO_TEST_CASE(a_call_that_waits_for_its_turn_can_be_cancelled) {
  Plugins plugins;
  const auto alone = plugins.create(FT_FORMATTER, "dialogue-text");
  std::latch entered(1), leave(1);
  auto first = std::async(std::launch::async, [&] {
    return alone->call(context(), [&](ft_call) { return entered.count_down(), leave.wait(), FT_OK; }).has_value();
  });
  entered.wait();
  const auto waiting = context();
  auto second = std::async(std::launch::async, [&] { return alone->call(waiting, [](ft_call) { return FT_OK; }); });
  waiting->cancel.cancel();
  const auto refused = second.get();  // while the first is still inside
  BOOST_TEST((!refused && refused.error().code == Code::cancelled));
  leave.count_down();
  BOOST_TEST(first.get());
  BOOST_TEST(alone->call(context(), [](ft_call) { return FT_OK; }).has_value());
}

BOOST_AUTO_TEST_CASE(a_cancelled_call_is_not_entered) {
  Plugins plugins;
  for (const auto& [kind, name] : {std::pair(FT_FORMATTER, "dialogue-text"), std::pair(FT_SCORER, "exact")}) {
    const auto instance = plugins.create(kind, name);
    const auto given = context();
    given->cancel.cancel();
    bool entered = false;
    const auto done = instance->call(given, [&](ft_call) { return entered = true, FT_OK; });
    BOOST_TEST((!done && done.error().code == Code::cancelled));
    BOOST_TEST(!entered);
    BOOST_TEST(instance->call(context(), [](ft_call) { return FT_OK; }).has_value());
  }
}

BOOST_AUTO_TEST_CASE(a_stuck_instance_takes_no_more_calls) {
  Plugins plugins;
  for (const auto& [kind, name] : {std::pair(FT_FORMATTER, "dialogue-text"), std::pair(FT_SCORER, "exact")}) {
    const auto instance = plugins.create(kind, name);
    instance->mark_stuck();
    const auto refused = instance->call(context(), [](ft_call) { return FT_OK; });
    BOOST_REQUIRE(!refused);
    BOOST_TEST(refused.error().sentence() ==
               instance->owner() + ": did not return from a cancelled call and takes no more; start the program again");
  }
}

BOOST_AUTO_TEST_CASE(what_a_plugin_throws_becomes_an_error) {
  Plugins plugins;
  const auto throws = plugins.create(FT_SCORER, "throws");
  const auto score = [&](const Json& rows) { return fthost::plugin::score_rows(*throws, rows, context()); };
  const auto standard = score({{{"output", "a"}}, {{"output", "b"}}});
  BOOST_REQUIRE(!standard);
  BOOST_TEST(standard.error().sentence() == "scorer \"throws\": row 7 of 3");
  const auto other = score(Json::array({{{"output", "a"}}}));
  BOOST_REQUIRE(!other);
  BOOST_TEST(other.error().message == "an unknown exception was thrown");
  const auto decoder = plugins.create(FT_FORMATTER, "throws-decoding");
  const auto decoded = Plugins::decode(*decoder, "text");
  BOOST_REQUIRE(!decoded.status);
  BOOST_TEST(decoded.status.error().message == "the decoder lost its way");
  BOOST_TEST(decoded.emitted.size() == 1u);  // what came before it is kept
}

BOOST_AUTO_TEST_CASE(a_side_file_must_lie_in_the_exports_folder) {
  Plugins plugins;
  const ft_host* host = plugins.services().host();
  const auto given = context();
  std::vector<std::string> files;
  given->emit_file = [&](std::string_view name, std::string_view) { return files.emplace_back(name), FT_OK; };
  const ft_call call = plugins.services().calls().open(given);
  const auto emit = [&](const std::string& name) {
    return host->emit_file(host->ctx, call, {name.data(), name.size()}, {"x", 1});
  };
  BOOST_TEST(emit("a.txt") == FT_OK);
  BOOST_TEST(emit("sub/b.txt") == FT_OK);
  for (const char* name : {"../a.txt", "/etc/a.txt", "sub/../../a.txt", ""}) BOOST_TEST(emit(name) < 0, name);
  BOOST_TEST(files == (std::vector<std::string>{"a.txt", "sub/b.txt"}), boost::test_tools::per_element());
}

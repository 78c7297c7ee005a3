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
    instance->mark_stuck();  // nothing is inside, so nothing is stuck
    BOOST_TEST(instance->call(context(), [&](ft_call) { return instance->mark_stuck(), FT_OK; }).has_value());
    const auto refused = instance->call(context(), [](ft_call) { return FT_OK; });
    BOOST_REQUIRE(!refused);
    BOOST_TEST(refused.error().sentence() ==
               instance->owner() + ": did not return from a cancelled call and takes no more; start the program again");
  }
}

BOOST_AUTO_TEST_CASE(a_call_that_waits_behind_a_stuck_one_is_refused) {
  Plugins plugins;
  for (int round = 0; round < 20; ++round) {
    const auto alone = plugins.create(FT_FORMATTER, "dialogue-text");
    std::latch entered(1), leave(1), about_to_wait(1);
    auto stuck = std::async(std::launch::async, [&] {
      return alone->call(context(), [&](ft_call) { return entered.count_down(), leave.wait(), FT_OK; }).has_value();
    });
    entered.wait();
    auto waiting = std::async(std::launch::async, [&] {
      about_to_wait.count_down();
      return alone->call(context(), [](ft_call) { return FT_OK; });
    });
    about_to_wait.wait();
    for (int i = 0; i < 100; ++i) std::this_thread::yield();
    alone->mark_stuck();
    const auto refused = waiting.get();  // while the first is still inside
    BOOST_TEST((!refused && refused.error().code == Code::internal));
    leave.count_down();
    stuck.get();
  }
}

BOOST_AUTO_TEST_CASE(an_exception_does_not_leave_the_call_open) {
  Plugins plugins;
  for (const auto& [kind, name] : {std::pair(FT_FORMATTER, "dialogue-text"), std::pair(FT_SCORER, "exact")}) {
    const auto instance = plugins.create(kind, name);
    ft_call used{};
    const auto thrown = instance->call(context(), [&](ft_call call) -> ft_status {
      used = call;
      throw std::runtime_error("row 7 of 3");
    });
    BOOST_REQUIRE(!thrown);
    BOOST_TEST(thrown.error().sentence() ==
               instance->owner() + ": let an exception out: row 7 of 3; this is a defect of the plugin");
    BOOST_TEST(!plugins.services().calls().find(used));
    BOOST_TEST(instance->call(context(), [](ft_call) { return FT_OK; }).has_value());
  }
  const auto raw = plugins.create(FT_SCORER, "throws-raw");
  const auto scored = fthost::plugin::score_rows(*raw, {{{"output", "a"}}}, context());
  BOOST_REQUIRE(!scored);
  BOOST_TEST(scored.error().message == "let an exception out: out of bounds");
}

BOOST_AUTO_TEST_CASE(a_status_that_is_none_is_a_defect) {
  Plugins plugins;
  const auto instance = plugins.create(FT_SCORER, "exact");
  for (const int status : {7, static_cast<int>(FT_END), -10}) {
    const auto done = instance->call(context(), [&](ft_call) { return static_cast<ft_status>(status); });
    BOOST_REQUIRE(!done);
    BOOST_TEST(done.error().sentence() == "scorer \"exact\": returned the unknown status " + std::to_string(status) +
                                              "; this is a defect of the plugin");
  }
}

BOOST_AUTO_TEST_CASE(what_the_host_fails_at_fails_the_call) {
  Plugins plugins;
  const ft_host* host = plugins.services().host();
  const auto instance = plugins.create(FT_SCORER, "exact");
  const auto given = context();
  given->emit = [](std::uint32_t, std::uint64_t, std::string_view) -> ft_status { throw std::runtime_error("broken"); };
  given->progress = [](std::uint64_t, std::uint64_t) { throw std::bad_alloc(); };
  ft_status seen = FT_OK;
  const auto emitted = instance->call(given, [&](ft_call call) {
    seen = host->emit(host->ctx, call, FT_DETAIL, 1, {"a", 1});
    return FT_OK;  // a plugin that does not look
  });
  BOOST_TEST(seen == FT_E_INTERNAL);
  BOOST_TEST((!emitted && emitted.error().message == "broken"));
  const auto told = instance->call(given, [&](ft_call call) { return host->progress(host->ctx, call, 1, 2), FT_OK; });
  BOOST_TEST((!told && told.error().code == Code::limit));
  BOOST_TEST(instance->call(given, [](ft_call) { return FT_OK; }).has_value());
}

BOOST_AUTO_TEST_CASE(a_plugin_may_say_why_in_any_json) {
  Plugins plugins;
  const ft_host* host = plugins.services().host();
  const auto instance = plugins.create(FT_SCORER, "exact");
  const auto said = [&](const std::string& json, ft_status status = FT_E_IO, ft_status returned = FT_E_IO) {
    return instance
        ->call(context(),
               [&](ft_call call) {
                 host->fail(host->ctx, call, status, {json.data(), json.size()});
                 return returned;
               })
        .error();
  };
  BOOST_TEST(said(R"({"message": 5})").message == R"({"message": 5})");
  BOOST_TEST(said(R"({"message": "m", "where": ["x"], "http_status": 404})").details ==
             R"({"where":["x"],"http_status":404})");
  BOOST_TEST(said("[1]").message == "[1]");
  BOOST_TEST(said("{\"message\": \"a\xff\", \"where\": \"w\"}").sentence() == "w: a\xEF\xBF\xBD");
  BOOST_TEST((said(R"({"message": "m"})", FT_E_AUTH, FT_E_INTERNAL).code == Code::auth));
  BOOST_TEST((said(R"({"message": "m"})", FT_OK, FT_E_AUTH).code == Code::auth));
  BOOST_TEST(host->service(host->ctx, nullptr) == nullptr);
}

BOOST_AUTO_TEST_CASE(what_a_plugins_thread_emits_after_the_call_is_refused) {
  Plugins plugins;
  const auto late = plugins.create(FT_SCORER, "emits-late");
  const auto reused = context();
  for (std::uint64_t round = 1; round <= 200; ++round) {
    const auto given = round % 2 ? context() : reused;
    auto emitted = std::make_unique<std::vector<std::string>>();
    bool strange = false;
    given->emit = [&](std::uint32_t, std::uint64_t row, std::string_view bytes) {
      strange = strange || row != round;
      emitted->emplace_back(bytes);
      return FT_OK;
    };
    BOOST_TEST(fthost::plugin::score_rows(*late, {{{"output", "a"}}}, given).has_value());
    BOOST_TEST(!emitted->empty());
    BOOST_TEST(!strange);
  }
}

BOOST_AUTO_TEST_CASE(an_output_that_waits_can_be_cancelled) {
  Plugins plugins;
  const ft_host* host = plugins.services().host();
  const auto instance = plugins.create(FT_SCORER, "exact");
  const auto given = context();
  std::latch full(1), cancelled(1);
  const auto woken = given->cancel.on_cancel([&] { cancelled.count_down(); });
  given->emit = [&](std::uint32_t, std::uint64_t, std::string_view) {
    full.count_down();
    cancelled.wait();  // back-pressure
    return FT_E_CANCELLED;
  };
  auto done = std::async(std::launch::async, [&] {
    return instance->call(given, [&](ft_call call) {
      std::thread second([&] {
        full.wait();
        host->emit(host->ctx, call, FT_DETAIL, 2, {"b", 1});
      });
      const ft_status status = host->emit(host->ctx, call, FT_DETAIL, 1, {"a", 1});
      second.join();
      return status;
    });
  });
  full.wait();
  given->cancel.cancel();
  const auto stopped = done.get();
  BOOST_TEST((!stopped && stopped.error().code == Code::cancelled));
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

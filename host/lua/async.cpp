#include "lua/async.hpp"

#include <nlohmann/json.hpp>

#include "io/loop.hpp"
#include "io/workers.hpp"
#include "lua/state.hpp"
#include "lua/status_line.hpp"

namespace fthost::lua {
namespace {

constexpr auto kPatience = std::chrono::seconds(2);  // between a cancel and calling an instance stuck

using Uses = std::vector<std::shared_ptr<plugin::Instance>>;

}  // namespace

void cancel_work(io::EventLoop& loop, const io::CancelToken& cancel, const std::shared_ptr<std::atomic<bool>>& finished,
                 const Watched& watched) {
  cancel.cancel();
  loop.after(kPatience, [finished, watched] {
    if (*finished) return;
    for (const auto& each : watched) {
      if (const auto instance = each.lock()) instance->mark_stuck();
    }
  });
}

int run_push(lua_State* L, Uses uses, PushWork work) {
  State& state = State::from(L);
  io::EventLoop& loop = state.need<io::EventLoop>();
  io::Workers& workers = state.need<io::Workers>();
  const io::CancelToken cancel;
  const auto finished = std::make_shared<std::atomic<bool>>(false);
  StatusLine* const line = state.find<StatusLine>();
  std::shared_ptr<void> shown = line ? line->begin() : nullptr;
  return await(
      L,
      [&](Completion done) {
        workers.submit([done, cancel, finished, uses, shown = std::move(shown), work = std::move(work)]() mutable {
          Result<Push> result = guarded([&] { return work(cancel); });
          *finished = true;
          shown = nullptr;  // before anything is printed of what comes of it
          work = nullptr;
          uses.clear();
          if (result) {
            done.finish(std::move(*result));
          } else {
            done.fail(result.error());
          }
        });
      },
      // The last of an instance's holders destroys it, which may take a while: never the loop.
      [&loop, line, cancel, finished, watched = Watched(uses.begin(), uses.end())] {
        if (line) line->hide();
        cancel_work(loop, cancel, finished, watched);
      });
}

int run_json(lua_State* L, Uses uses, Work work) {
  return run_push(L, std::move(uses), [work = std::move(work)](const io::CancelToken& cancel) -> Result<Push> {
    auto result = work(cancel);
    if (!result) return result.error();
    return Push([value = std::make_shared<Json>(std::move(*result))](lua_State* S) {
      push_json(S, *value);
      return 1;
    });
  });
}

int run_nothing(lua_State* L, Uses uses, std::function<Result<void>(const io::CancelToken&)> work) {
  return run_push(L, std::move(uses), [work = std::move(work)](const io::CancelToken& cancel) -> Result<Push> {
    auto done = work(cancel);
    if (!done) return done.error();
    return Push([](lua_State*) { return 0; });
  });
}

}  // namespace fthost::lua

// Blocking work for bindings: it runs on a worker while the script's task waits, and its JSON becomes the result.
// A cancelled task goes on at once; the work is told through its token.
#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include "lua/lua.hpp"

#include "base/result.hpp"
#include "io/cancel.hpp"
#include "io/loop.hpp"
#include "lua/task.hpp"
#include "lua/value.hpp"
#include "plugin/registry.hpp"

namespace fthost::lua {

// Lives as long as one piece of work. `uses` are the instances that it enters: one that has not returned two seconds
// after a cancel is marked stuck.
using Work = std::function<Result<Json>(const io::CancelToken& cancel)>;

int run_json(lua_State* L, std::vector<std::shared_ptr<plugin::Instance>> uses, Work work);

// The same for a result that is no JSON: `work` gives what pushes it.
using PushWork = std::function<Result<Push>(const io::CancelToken& cancel)>;
int run_push(lua_State* L, std::vector<std::shared_ptr<plugin::Instance>> uses, PushWork work);

// The same for work that has no result.
int run_nothing(lua_State* L, std::vector<std::shared_ptr<plugin::Instance>> uses,
                std::function<Result<void>(const io::CancelToken& cancel)> work);

// What work on a worker runs in: a job that throws is a defect, but it ends as its error, not with the process.
template <class F>
auto guarded(const F& work) -> decltype(work()) {
  try {
    return work();
  } catch (...) {
    return caught_error();
  }
}

// Instances that something is done with, without keeping them: a timer or a task may outlive the plugins' services.
using Watched = std::vector<std::weak_ptr<plugin::Instance>>;

// Tells work to stop, and watches the instances it has entered: those that do not return are marked stuck.
void cancel_work(io::EventLoop& loop, const io::CancelToken& cancel, const std::shared_ptr<std::atomic<bool>>& finished,
                 const Watched& watched);

}  // namespace fthost::lua

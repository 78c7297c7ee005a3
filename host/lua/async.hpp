// Blocking work for bindings: it runs on a worker while the script's task waits, and its JSON becomes the result.
// A cancelled task goes on at once; the work is told through its token.
#pragma once

#include <functional>
#include <memory>
#include <nlohmann/json_fwd.hpp>
#include "lua/lua.hpp"

#include "base/result.hpp"
#include "io/cancel.hpp"
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

// Tells the work of a cancelled wait to stop, and watches its instances.
void cancel_work(lua_State* L, const io::CancelToken& cancel, const std::shared_ptr<std::atomic<bool>>& finished,
                 const std::vector<std::shared_ptr<plugin::Instance>>& uses);

}  // namespace fthost::lua

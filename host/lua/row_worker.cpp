#include "lua/row_worker.hpp"

#include "io/files.hpp"
#include "lua/binding.hpp"
#include "lua/host_info.hpp"
#include "lua/modules.hpp"

namespace fthost::lua {

namespace {

constexpr int kHookCount = 10'000;        // instructions between two looks at the token
const char kContext = 0, kFunctions = 0;  // registry

// A stop leads out of pcall and of coroutines, too.
void look_for_cancel(lua_State* L, lua_Debug*) {
  State& state = State::from(L);
  if (!state.need<io::CancelToken>().cancelled()) return;
  state.limits().stop(Stop::interrupted);
  state.limits().halt(L);
}

}  // namespace

Error row_error(const Error& raised, const std::string& what, const std::string& row) {
  Error error = raised;
  error.message = what + (raised.where.empty() ? "" : " at " + raised.where) + ": " + raised.message;
  error.where = row;
  return error;
}

void take_row(lua_State* L, RowContext& context) {
  if (lua_isnil(L, -1) || is_row(L, -1, context)) return;
  std::string json;
  if (lua_istable(L, -1) || is_row_view(L, -1)) append_json(L, -1, json);
  if (!json.starts_with('{')) {
    const std::string given = json.empty() ? std::string("a ") + luaL_typename(L, -1) : "a list";
    throw Failure(make_error(Code::input, "the function must return a row or nothing, not " + given, {},
                             "return a table of fields, or change the row that it gets"));
  }
  context.own = std::move(json);
  if (!begin_row(context, context.own))
    throw Failure(make_error(Code::input, "the row cannot be read: " + context.document.problem().message));
}

void append_row(lua_State* L, const RowContext& context, int row, std::string& out) {
  if (context.changed)
    append_json(L, row, out);
  else
    out += context.document.text();
}

RowWorker::RowWorker(const Settings& settings, const std::vector<RowStep>& steps, const io::CancelToken& cancel)
    : steps_(steps), shared_(new Shared{cancel, {}}), state_(std::make_unique<State>(shared_->clock, settings)) {
  state_->provide(shared_->cancel);
  state_->open(open_term);
  auto loaded = state_->run([this](lua_State* L) {
    context_ = &push_row_context(L);
    lua_rawsetp(L, LUA_REGISTRYINDEX, &kContext);
    lua_newtable(L);
    for (std::size_t i = 0; i < steps_.size(); ++i) {
      load(L, steps_[i]);
      lua_rawseti(L, 1, static_cast<lua_Integer>(i) + 1);
    }
    lua_rawsetp(L, LUA_REGISTRYINDEX, &kFunctions);
  });
  if (!loaded) throw Failure(loaded.error());
  lua_sethook(state_->main(), look_for_cancel, LUA_MASKCOUNT, kHookCount);
}

// Pushes the function.
void RowWorker::load(lua_State* L, const RowStep& step) {
  const std::string text = io::read_file(step.path).value(), chunk = "@" + step.path;
  state_->modules().set_script_folder(std::filesystem::absolute(step.path).parent_path());
  if (luaL_loadbufferx(L, text.data(), text.size(), chunk.c_str(), "t") != LUA_OK) lua_error(L);  // names the line
  lua_call(L, 0, 1);
  if (!step.name.empty() && lua_istable(L, -1)) {
    lua_getfield(L, -1, step.name.c_str());
    lua_remove(L, -2);
  }
  if (lua_isfunction(L, -1)) return;
  throw Failure(make_error(
      Code::config,
      step.name.empty() ? "the file returns no function" : "the file returns no function \"" + step.name + "\"",
      step.path,
      step.name.empty() ? "end it with: return function(row) … end"
                        : "end it with: return { " + step.name + " = function(row) … end }"));
}

void RowWorker::operator()(const data::Block& block, RowsMade& made) {
  made.text.clear();
  made.rows.clear();
  made.error.reset();
  made.read = 0;
  auto done = state_->run([&](lua_State* L) {
    lua_rawgetp(L, LUA_REGISTRYINDEX, &kContext);
    lua_rawgetp(L, LUA_REGISTRYINDEX, &kFunctions);
    data::for_each_line(block, [&](std::uint64_t, std::string_view text) { run_row(L, text, made); });
  });
  end_row(*context_);
  if (done) return;
  if (shared_->cancel.cancelled()) {
    made.error = make_error(Code::cancelled, "cancelled");
  } else {
    made.error = row_error(done.error(), steps_[step_].asks ? "where" : "map", {});
  }
}

// The context is at 1 and the functions at 2.
void RowWorker::run_row(lua_State* L, std::string_view text, RowsMade& made) {
  lua_settop(L, 2);
  if (!begin_row(*context_, text))
    throw Failure(make_error(Code::internal, "a row is no JSON: " + context_->document.problem().message));
  push_row(L, 1);
  bool stays = true;
  for (step_ = 0; step_ < steps_.size() && stays; ++step_) {
    const bool asks = steps_[step_].asks;
    context_->read_only = asks;
    lua_rawgeti(L, 2, static_cast<lua_Integer>(step_) + 1);
    lua_pushvalue(L, 3);
    lua_call(L, 1, 1);
    if (asks) {
      stays = lua_toboolean(L, -1);
    } else {
      const std::uint64_t serial = context_->serial;
      take_row(L, *context_);
      if (serial != context_->serial) {
        push_row(L, 1);
        lua_replace(L, 3);
      }
    }
    lua_settop(L, 3);
  }
  if (stays) {
    append_row(L, *context_, 3, made.text);
    made.rows.push_back({made.read, made.text.size()});
  }
  ++made.read;
}

}  // namespace fthost::lua

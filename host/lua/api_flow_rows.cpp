// ft.flow over rows that a script's own functions see: a closure runs on the loop, a block of rows at a time and with a
// pause every few milliseconds; functions that a file names run on the workers. ft.dataset is made of these.
#include <algorithm>
#include <cstring>
#include <filesystem>
#include <utility>

#include "flow/rows.hpp"
#include "io/loop.hpp"
#include "lua/api_flow.hpp"
#include "lua/async.hpp"
#include "lua/handle.hpp"
#include "lua/host_info.hpp"
#include "lua/row_worker.hpp"

namespace fthost::lua {
namespace {

constexpr auto kSlice = std::chrono::milliseconds(4);        // of a closure's time before other tasks have a turn
constexpr unsigned kLook = 16;                               // rows between two looks at the clock
constexpr std::size_t kWorkerMemory = std::size_t{1} << 29;  // of a worker's Lua, where the script has no limit

using RowsHandle = std::shared_ptr<const flow::Rows>;

// A pass of closures over rows. The loop's, but for read() and finish(), during which the script waits.
struct Pass {
  Pass(RowsHandle rows, std::shared_ptr<flow::Rows> made)
      : in(std::move(rows)), out(std::move(made)), reader(in->name(), flow::pull_of(in->descriptor())) {}

  RowsHandle in;
  std::shared_ptr<flow::Rows> out;
  data::BlockReader reader;
  data::BlockReader::Buffer buffer;
  data::Block block;
  const char* at = nullptr;  // of the block: the row that comes next
  std::size_t rows = 0;      // that have been given out
  std::string kept;          // rows that stay, on their way to `out`
  struct Kept {
    std::size_t row, end;
  };
  std::vector<Kept> ends;
  TimePoint slice{};
  bool busy = false;

  Result<void> store() {
    std::size_t begin = 0;
    for (const Kept& row : ends) {
      const std::string_view text = std::string_view(kept).substr(begin, row.end - begin);
      if (auto added = out->add(in->line(row.row), in->id(row.row), text); !added) return added;
      begin = row.end;
    }
    kept.clear();
    ends.clear();
    return {};
  }
};
using PassHandle = std::shared_ptr<Pass>;

Pass& check_pass(lua_State* L) {
  Pass& pass = *check_handle<PassHandle>(L, 1, "pass");
  if (pass.busy) throw Failure(make_error(Code::input, function_name(L) + ": another task is using this pass"));
  return pass;
}
// Pushes it.
RowContext& context_of(lua_State* L) {
  lua_getiuservalue(L, 1, 1);
  return check_handle<RowContext>(L, lua_gettop(L), "row");
}

int push_rows(lua_State* L, RowsHandle rows) {
  // The file goes with the handle, of which Lua sees but a few bytes: earlier ones should go as soon as they can.
  const int kilobytes = static_cast<int>(std::min<std::uint64_t>(rows->bytes() >> 10, 1 << 20));
  push_handle<RowsHandle>(L, 0, std::move(rows));
  if (kilobytes > 0) lua_gc(L, LUA_GCSTEP, kilobytes);
  return 1;
}

// ft.flow.rows(source): its rows, to be worked on.
int flow_rows(lua_State* L) {
  const flow::Source source = source_of(L, 1);
  return run_push(L, {source.storage}, [source](const io::CancelToken& cancel) -> Result<Push> {
    RowsHandle rows = source.filter.empty() ? source.rows : nullptr;
    if (!rows) {
      auto collected = flow::Rows::collect(source, cancel);
      if (!collected) return collected.error();
      rows = std::move(*collected);
    }
    return Push([rows](lua_State* S) { return push_rows(S, rows); });
  });
}

int rows_count(lua_State* L) {
  lua_pushinteger(L, static_cast<lua_Integer>(check_handle<RowsHandle>(L, 1, "rows")->size()));
  return 1;
}

// ft.flow.pass(rows)
int flow_pass(lua_State* L) {
  const RowsHandle rows = check_rows(L, 1);
  auto made = flow::Rows::create(rows->name());
  if (!made) throw Failure(made.error());
  push_handle<PassHandle>(L, 1, std::make_shared<Pass>(rows, std::move(*made)));
  push_row_context(L);
  lua_setiuservalue(L, -2, 1);
  return 1;
}

// pass:read(): the next block of rows; false at the end.
int pass_read(lua_State* L) {
  check_pass(L);
  const PassHandle pass = check_handle<PassHandle>(L, 1, "pass");
  end_row(context_of(L));
  pass->busy = true;
  return run_push(L, {}, [pass](const io::CancelToken&) -> Result<Push> {
    auto stored = pass->store();
    if (!stored) return stored.error();
    auto more = pass->reader.next(pass->buffer, pass->block);
    if (!more) return more.error();
    if (!*more) pass->block = {};
    return Push([pass, more = *more](lua_State* S) {
      pass->busy = false;
      pass->at = pass->block.text.data();
      pass->slice = State::from(S).clock().now();
      lua_pushboolean(S, more);
      return 1;
    });
  });
}

int push_next(lua_State* L) {
  lua_settop(L, 1);
  Pass& pass = *check_handle<PassHandle>(L, 1, "pass");
  RowContext& context = context_of(L);
  end_row(context);
  const char* const end = pass.block.text.data() + pass.block.text.size();
  if (pass.at == end) return 0;
  const char* const newline =
      static_cast<const char*>(std::memchr(pass.at, '\n', static_cast<std::size_t>(end - pass.at)));
  const char* const stop = newline ? newline : end;
  ++pass.rows;
  if (!begin_row(context, {pass.at, static_cast<std::size_t>(stop - pass.at)}))
    throw Failure(make_error(Code::internal, "a row is no JSON: " + context.document.problem().message));
  pass.at = newline ? newline + 1 : end;
  push_row(L, 2);
  return 1;
}

// pass:next(): the next row of the block; nil at its end. Now and then other tasks have a turn before.
int pass_next(lua_State* L) {
  Pass& pass = check_pass(L);
  if (pass.rows % kLook == 0) {
    const TimePoint now = State::from(L).clock().now();
    if (now - pass.slice > kSlice) {
      return await(L, [](const Completion& done) {
        done.finish([](lua_State* S) {
          check_handle<PassHandle>(S, 1, "pass")->slice = State::from(S).clock().now();
          return push_next(S);
        });
      });
    }
  }
  return push_next(L);
}

// pass:asks(yes): whether what comes next is a condition.
int pass_asks(lua_State* L) {
  check_pass(L);
  context_of(L).read_only = lua_toboolean(L, 2) != 0;
  return 0;
}

// pass:take(returned, row): the row after a function has returned.
int pass_take(lua_State* L) {
  check_pass(L);
  lua_settop(L, 3);
  RowContext& context = context_of(L);
  const std::uint64_t serial = context.serial;
  lua_pushvalue(L, 2);
  take_row(L, context);
  if (serial == context.serial)
    lua_settop(L, 3);
  else
    push_row(L, 4);
  return 1;
}

// pass:keep(row): it stays.
int pass_keep(lua_State* L) {
  Pass& pass = check_pass(L);
  append_row(L, context_of(L), 2, pass.kept);
  pass.ends.push_back({pass.rows - 1, pass.kept.size()});
  return 0;
}

// pass:place(): "data/examples.jsonl:17", and how many rows have been given out.
int pass_place(lua_State* L) {
  const Pass& pass = check_pass(L);
  std::string place = pass.in->name();
  if (pass.rows > 0) place += ":" + std::to_string(pass.in->line(pass.rows - 1));
  lua_pushlstring(L, place.data(), place.size());
  lua_pushinteger(L, static_cast<lua_Integer>(pass.rows));
  return 2;
}

// pass:finish(): the rows that stay.
int pass_finish(lua_State* L) {
  check_pass(L);
  const PassHandle pass = check_handle<PassHandle>(L, 1, "pass");
  pass->busy = true;
  return run_push(L, {}, [pass](const io::CancelToken&) -> Result<Push> {
    auto stored = pass->store();
    if (stored) stored = pass->out->finish();
    if (!stored) return stored.error();
    return Push([rows = RowsHandle(pass->out)](lua_State* S) { return push_rows(S, rows); });
  });
}

// What a worker's Lua may do: read inside the project, and beside the files that its functions are in.
Settings worker_settings(lua_State* L, const std::vector<RowStep>& steps) {
  const State& state = State::from(L);
  Settings settings = state.settings();
  settings.sandbox = true;
  settings.limits.time = Duration{0};  // the script's own, which cancels the work
  if (settings.limits.memory == 0) settings.limits.memory = kWorkerMemory;
  if (!settings.gate.is_open()) return settings;
  Gate::Grants grants;
  grants.readable = {settings.scripts};
  for (const RowStep& step : steps) {
    auto folder = resolve_links(std::filesystem::absolute(step.path).parent_path());
    if (folder) grants.readable.push_back(*folder);
  }
  auto gate = Gate::sandbox(state.need<HostInfo>().project_folder, grants);
  if (!gate) throw Failure(gate.error());
  settings.gate = *gate;
  return settings;
}

Result<RowsHandle> apply_steps(const flow::Rows& in, const std::vector<RowStep>& steps, const Settings& settings,
                               unsigned threads, const io::CancelToken& cancel) {
  auto out = flow::Rows::create(in.name());
  if (!out) return out.error();
  data::BlockReader reader(in.name(), flow::pull_of(in.descriptor()));
  std::size_t first = 0;  // row of the block
  auto done = data::for_each_block<RowsMade>(
      reader, data::thread_count(threads), cancel, [&](unsigned) { return RowWorker(settings, steps, cancel); },
      [&](RowsMade& made, const data::Block&) -> Result<void> {
        std::size_t begin = 0;
        for (const RowsMade::Row& row : made.rows) {
          const std::string_view text = std::string_view(made.text).substr(begin, row.end - begin);
          const std::size_t at = first + row.row;
          if (auto added = (*out)->add(in.line(at), in.id(at), text); !added) return added;
          begin = row.end;
        }
        first += made.read;
        if (!made.error) return {};
        if (made.error->code == Code::cancelled) return *made.error;
        made.error->where = in.name() + ":" + std::to_string(in.line(first));
        return *made.error;
      });
  if (done) done = (*out)->finish();
  if (!done) return done.error();
  return RowsHandle(std::move(*out));
}

// ft.flow.apply{rows, steps = {{kind = "map" or "where", path, name}}, threads}
int flow_apply(lua_State* L) {
  const Options options = check_request(L, {"rows", "steps", "threads"});
  options.push("rows");
  const RowsHandle rows = check_rows(L, lua_gettop(L));
  std::vector<RowStep> steps;
  for (const Json& step : field(L, 1, "steps", Json::array())) {
    const std::string kind = step.value("kind", ""), path = step.value("path", "");
    if ((kind != "map" && kind != "where") || path.empty()) options.bad("steps", "a list of {kind, path, name}");
    steps.push_back({kind == "where", gated_path(L, path, Access::read), step.value("name", "")});
  }
  const unsigned threads = static_cast<unsigned>(options.integer("threads", 0, 0, 256));
  const Settings settings = worker_settings(L, steps);
  return run_push(L, {}, [rows, steps, settings, threads](const io::CancelToken& cancel) -> Result<Push> {
    auto made = apply_steps(*rows, steps, settings, threads, cancel);
    if (!made) return made.error();
    return Push([rows = std::move(*made)](lua_State* S) { return push_rows(S, rows); });
  });
}

}  // namespace

RowsHandle check_rows(lua_State* L, int index) { return check_handle<RowsHandle>(L, index, "rows"); }

void add_flow_rows(lua_State* L) {
  define_handle<RowsHandle>(L, "ft.flow.rows", {{"count", entry<rows_count>}});
  define_handle<PassHandle>(L, "ft.flow.pass",
                            {{"read", entry<pass_read>},
                             {"next", entry<pass_next>},
                             {"asks", entry<pass_asks>},
                             {"take", entry<pass_take>},
                             {"keep", entry<pass_keep>},
                             {"place", entry<pass_place>},
                             {"finish", entry<pass_finish>}});
  set_functions(L, "ft.flow", {{"rows", entry<flow_rows>}, {"pass", entry<flow_pass>}, {"apply", entry<flow_apply>}});
}

}  // namespace fthost::lua

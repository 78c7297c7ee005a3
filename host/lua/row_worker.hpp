// RowWorker: functions of a file over blocks of rows, in a sandboxed Lua state of its own. One thread; several workers
// share nothing but their settings.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "base/result.hpp"
#include "data/blocks.hpp"
#include "io/cancel.hpp"
#include "lua/row_view.hpp"
#include "lua/state.hpp"

namespace fthost::lua {

// A function that a file names: what the file returns, or the member `name` of the table that it returns.
struct RowStep {
  bool asks = false;  // a condition; else it changes rows
  std::string path, name;
};

// What has become of a block's rows.
struct RowsMade {
  std::string text;  // of those that stay, without line ends
  struct Row {
    std::uint32_t row;  // within the block, from 0
    std::size_t end;    // in `text`
  };
  std::vector<Row> rows;
  std::uint32_t read = 0;
  std::optional<Error> error;  // at the row `read`, which ended the work
};

class RowWorker {
 public:
  // Throws Failure where a file cannot be loaded or holds no such function. `steps` outlive it.
  RowWorker(const Settings& settings, const std::vector<RowStep>& steps, const io::CancelToken& cancel);
  void operator()(const data::Block& block, RowsMade& made);

 private:
  void load(lua_State* L, const RowStep& step);
  void run_row(lua_State* L, std::string_view text, RowsMade& made);

  const std::vector<RowStep>& steps_;
  struct Shared {  // where its address stays
    io::CancelToken cancel;
    SystemClock clock;
  };
  std::unique_ptr<Shared> shared_;
  std::unique_ptr<State> state_;
  RowContext* context_ = nullptr;
  std::size_t step_ = 0;  // that runs
};

// "map at clean.lua:3: …" at "data/examples.jsonl:17": what a function of a script has raised at a row.
Error row_error(const Error& raised, const std::string& what, const std::string& row);

// What a step's function has returned is on top: the row goes on as it is, or is made anew. Throws Failure for what is
// no row.
void take_row(lua_State* L, RowContext& context);
// Appends the row with its edits; `row` is the index of its view.
void append_row(lua_State* L, const RowContext& context, int row, std::string& out);

}  // namespace fthost::lua

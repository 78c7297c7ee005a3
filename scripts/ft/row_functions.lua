-- Functions of a script over rows: closures run here, on the loop, functions that a file names on the workers.
-- A pass reads rows from a temporary file into another one, so that nothing but a block of them is in memory.
local ft = require "ft"
local ui = require "ft.ui"

local M = {}

-- A function, or a file and the name of one in it, checked as far as it can be before anything runs.
function M.step(kind, fn, name)
  if type(fn) == "function" and name == nil then return { kind = kind, fn = fn } end
  if type(fn) == "string" and (name == nil or type(name) == "string") then return { kind = kind, path = fn, name = name or "" } end
  local what = type(fn) == "string" and "the function's name must be a string, not a " .. type(name)
    or type(fn) == "function" and "a function has no name beside it"
    or ("the first argument must be a function or a file, not %s"):format(fn == nil and "nothing" or "a " .. type(fn))
  error(ft.error {
    code = "input", message = ("dataset:%s: %s"):format(kind, what),
    hint = kind == "where" and "give conditions, a function of the row, or a Lua file" or "give a function of the row, or a Lua file",
  })
end

-- What a function has raised, with the row's place.
local function fail(pass, step, problem)
  local known = type(problem) == "table" and problem or {}
  local message = known.message or tostring(problem)
  error(ft.error {
    code = known.code, message = ("%s%s: %s"):format(step.kind, known.where and " at " .. known.where or "", message),
    where = (pass:place()), hint = known.hint, retryable = known.retryable, traceback = known.traceback,
  })
end

local function run_closures(rows, steps)
  local pass, total = ft.flow.pass(rows), rows:count()
  local bar = ui.progress "rows"
  local step, asking = steps[1], false
  local function block()
    local row = pass:next()
    while row do
      local stays = true
      for i = 1, #steps do
        step = steps[i]
        local asks = step.kind == "where"
        if asks ~= asking then
          pass:asks(asks)
          asking = asks
        end
        local returned = step.fn(row)
        if asks then
          stays = returned
          if not stays then break end
        elseif returned ~= nil and returned ~= row then
          row = pass:take(returned, row)
        end
      end
      if stays then pass:keep(row) end
      row = pass:next()
    end
  end
  while pass:read() do
    local _, problem = ft.try(block)
    if problem ~= nil then
      bar:close()
      fail(pass, step, problem)
    end
    local _, done = pass:place()
    bar:set(done, total)
  end
  bar:close()
  return pass:finish()
end

-- What the steps leave of a source's rows, and make of them.
function M.run(source, steps)
  local rows = ft.flow.rows(source)
  local from = 1
  while from <= #steps do
    local to, in_file = from, steps[from].path ~= nil
    while to < #steps and (steps[to + 1].path ~= nil) == in_file do to = to + 1 end
    local group = table.move(steps, from, to, 1, {})
    rows = in_file and ft.flow.apply { rows = rows, steps = ft.array(group) } or run_closures(rows, group)
    from = to + 1
  end
  return rows
end

return M

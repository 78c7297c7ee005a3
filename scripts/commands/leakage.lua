-- fthost leakage: what of a test file, or of the examples that are held out, was trained on.
local ft = require "ft"
local ui = require "ft.ui"
local findings = require "ft.findings"

local function refuse(option, message, hint)
  error(ft.error { code = "config", message = message, where = option, hint = hint })
end

-- One set of rows against another, printed.
local function compare(request)
  local report = ft.flow.leakage(request)
  findings.print(report.findings)
  for _, row in ipairs(report.shown) do
    local function place(line, id) return id and ("example %q"):format(id) or ("line %d"):format(line) end
    ui.line("  %s is %s %s", place(row.line, row.id), row.similarity == 1 and "the same as" or ("%.2f like"):format(row.similarity),
      place(row.known_line, row.known_id))
  end
  local leaks = report.exact + report.near
  if leaks > #report.shown then ui.line("  … and %d more", leaks - #report.shown) end
  return report, leaks
end

local function say(what, report, leaks, part)
  local rows, known = report.rows - report.broken, report.known_rows - report.known_broken
  ui.line("%s%s against %d%s: %d equal, %d near; %.1f %% leak", part and part .. ": " or "", ui.count(rows, "row"), known, what, report.exact, report.near,
    rows > 0 and 100 * leaks / rows or 0)
  local broken = report.broken + report.known_broken
  findings.without_text((report.without_text or 0) + (report.known_without_text or 0))
  if broken > 0 then ui.line("%s not compared", ui.count(broken, "broken row was", "broken rows were")) end
  return broken
end

-- The project's examples that train: of its split, or all where there is none yet.
local function trained_on(project, split)
  local data = project:dataset()
  if not split then return data, " of the project" end
  return data:part(split, "train"), " of the part train"
end

-- What is held out against what trains.
local function check_split(ctx, request)
  local split = ctx.project:read_split()
  if not split then
    refuse("leakage", "the project has no split yet", "make one with fthost split, or name a test file")
  end
  local train = trained_on(ctx.project, split)
  local result, broken_in_all = { parts = {}, leaks = 0 }, 0
  for _, name in ipairs { "validation", "test" } do
    if split.parts[name] and #split.parts[name] > 0 then
      request.source, request.known_source = ctx.project:dataset():part(split, name):source(), train:source()
      local report, leaks = compare(request)
      broken_in_all = broken_in_all + say(" of train", report, leaks, name)
      result.parts[name], result.leaks = report, result.leaks + leaks
    end
  end
  if next(result.parts) == nil then ui.line "Nothing is held out" end
  return result, (result.leaks > 0 or broken_in_all > 0) and 1 or 0
end

return {
  summary = "say which rows that are held out are trained on, too, or nearly so",
  usage = "[FILE] [--in FILE] [--near T]",
  details = "FILE is what is to be held out (a validation or test file), --in what is trained on; both hold JSON rows, one a line.\n" ..
    "In a project FILE is compared with the examples that train, and without FILE the parts of its split are compared with\n" ..
    "one another. Exit 1 if anything leaks, or a row cannot be read. A pair exactly at --near is compared with probability 0.95 or\n" ..
    "more, one above it with more.",
  project = "optional",
  positional = { { name = "file", help = "a file of JSON rows, or -, instead of what the project's split holds out" } },
  options = {
    { name = "in", type = "string", help = "the file in which they are looked for, instead of the project's examples" },
    { name = "near", type = "number", default = 0.8, help = "similarity from which a row counts as known; 0: equal rows only" },
    { name = "shingle", type = "integer", minimum = 1, default = 5, help = "words a shingle" },
    { name = "permutations", type = "integer", minimum = 8, default = 128, help = "of MinHash, a multiple of 8" },
    { name = "threads", type = "integer", minimum = 1, maximum = 1024, help = "threads to use (default: as many as the machine has)" },
  },
  run = function(ctx)
    local o, file = ctx.options, ctx.args.file
    if not (o.near >= 0 and o.near <= 1) then refuse("--near", ("%g is no similarity"):format(o.near), "give a number from 0 to 1") end
    if o.permutations % 8 ~= 0 or o.permutations > 1024 then
      refuse("--permutations", ("%d is no number of permutations"):format(o.permutations), "give a multiple of 8 up to 1024")
    end
    local request = { near = o.near, shingle = o.shingle, permutations = o.permutations, threads = o.threads }
    if not file then
      if o["in"] then refuse("--in", "there is nothing to look for in it", "name the file that is held out") end
      if not ctx.project then refuse("leakage", "there is nothing to compare", "name two files: FILE --in FILE, or go to a project's folder") end
      return check_split(ctx, request)
    end
    request.path = file
    local what = ""
    if o["in"] then
      request.known = o["in"]
    elseif ctx.project then
      local view
      view, what = trained_on(ctx.project, ctx.project:read_split())
      request.known_source = view:source()
    else
      refuse("leakage", "needs --in", "name the file that is trained on")
    end
    local report, leaks = compare(request)
    local broken = say(what, report, leaks)
    return report, (leaks > 0 or broken > 0) and 1 or 0
  end,
}

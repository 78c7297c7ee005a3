-- fthost split: which examples train and which are held out; frozen in data/splits/.
local ft = require "ft"
local ui = require "ft.ui"
local findings = require "ft.findings"

-- The rule of an earlier split goes on, or its groups would come apart; what is asked for otherwise is said not to be done.
local function keep_rule(ctx, previous)
  local o, rule = ctx.options, previous.rule
  if not rule then return end
  local kept = {
    ratio = rule.train or o.ratio, test = rule.test or 0, seed = previous.seed or o.seed,
    by = rule.by, group = rule.group, holdout = rule.holdout, near = rule.near,
  }
  for _, name in ipairs { "ratio", "test", "seed", "by", "group", "holdout", "near" } do
    local asked = ctx.given[name]
    if asked ~= nil and asked ~= kept[name] then
      local was = kept[name] == nil and "the earlier split has none, and that stays" or ("the earlier split's %s stays"):format(kept[name])
      ui.note("--%s %s: %s; --reshuffle to change it", name, asked, was)
    end
    o[name] = kept[name]
  end
end

-- "16 train, 4 validation (80/20)" and how many that are.
local function parts_text(counts)
  local n, parts, shares = 0, {}, {}
  local names = {}
  for _, name in ipairs { "train", "validation", "test" } do
    if counts[name] and (counts[name] > 0 or name ~= "test") then
      names[#names + 1] = name
      n = n + counts[name]
    end
  end
  for i, name in ipairs(names) do
    parts[i], shares[i] = ("%d %s"):format(counts[name], name), ("%.0f"):format(n > 0 and 100 * counts[name] / n or 0)
  end
  return ("%s (%s)"):format(table.concat(parts, ", "), table.concat(shares, "/")), n
end

-- How the groups fared; a warning tells of those that an earlier split has divided.
local function say_groups(split, o)
  if split.groups == 0 or o.holdout then return end
  ui.line("%s whole; the shares are off by up to %.1f points",
    ui.count(split.groups - split.leaking_groups, "group stays", "groups stay"), 100 * split.deviation)
end

-- What --json prints, of a file and of the examples alike.
local function document(split, counts, more)
  local result = {
    rows = more.rows, broken = more.broken, written = more.written, findings = more.findings or ft.array {}, strata = split.strata,
    kept = split.kept, gone = split.gone, groups = split.groups, leaking_groups = split.leaking_groups, deviation = split.deviation,
    equal_apart = split.equal_apart, warnings = split.warnings, without_text = more.without_text, hashing = more.hashing,
  }
  for name, count in pairs(counts) do result[name] = count end
  return result
end

-- The ids of an earlier run, which its list of ids keeps.
local function read_list(path)
  if not path or not ft.fs.exists(path) then return end
  local list = ft.json.decode(ft.fs.read(path), { where = path })
  if type(list) ~= "table" or type(list.parts) ~= "table" then
    error(ft.error { code = "config", message = "is no list of a split", where = path, hint = "name the file that an earlier --list wrote, or a new one" })
  end
  if list.schema_version ~= 1 then
    error(ft.error {
      code = "config", message = ("has schema version %s and this fthost knows 1"):format(tostring(list.schema_version)), where = path,
      hint = "update fthost, or name a new file",
    })
  end
  return list
end

-- The list is written after the rows, so what would keep it from that is told before.
local function check_list(ctx)
  local o = ctx.options
  if not o.list then return end
  local function refuse(message, hint) error(ft.error { code = "config", message = message, where = o.list, hint = hint }) end
  if o.list == "-" then refuse("the list of ids goes to a file", "give --list a name") end
  local place = ft.fs.resolve(o.list)
  for _, other in pairs { ctx.args.file, o.train or false, o.validation or false, o.test_file or false } do
    if other and other ~= "-" and ft.fs.resolve(other) == place then
      refuse("is the input or one of the outputs and cannot be the list of ids, too", "give --list another name")
    end
  end
  if ft.fs.kind(place:match "^(.*)/[^/]*$" .. "/.") ~= "folder" then refuse("its folder is not there", "make it, or name another") end
end

-- Every part that gets rows has a file, and every file a part. A list alone is enough: the ids are in it.
local function check_files(o)
  local named = o.train or o.validation or o.test_file
  local parts = {
    { "train", o.train, "--train", o.ratio, "--ratio" }, { "validation", o.validation, "--validation", 1 - o.ratio - o.test, "--ratio" },
    { "test", o.test_file, "--test-file", o.test, "--test" },
  }
  for _, part in ipairs(parts) do
    local name, file, option, share, share_option = table.unpack(part)
    local has_rows = share > 1e-9 or (o.holdout and name == "validation")
    if has_rows and not file and named then
      error(ft.error { code = "config", message = "the rows of this part would be in no file", where = option, hint = "name a file for it" })
    elseif file and not has_rows then
      error(ft.error {
        code = "config", message = ("no row would be in it: the part %s has no share"):format(name), where = option,
        hint = ("give it one with %s, or leave the file out"):format(share_option),
      })
    end
  end
end

-- A file into files.
local function split_file(ctx)
  local o = ctx.options
  for _, name in ipairs { "min_rating" } do
    if ctx.given[name] then
      error(ft.error { code = "config", message = "is for a project's examples", where = "--" .. name:gsub("_", "-"), hint = "leave it out, or leave FILE out" })
    end
  end
  if not (o.train or o.validation or o.test_file or o.list) then
    error(ft.error { code = "config", message = "a file is split into files", where = ctx.args.file, hint = "name them with --train and --validation" })
  end
  if o.reshuffle and not o.list then
    error(ft.error { code = "config", message = "is for a split that --list keeps", where = "--reshuffle", hint = "give --list, or another --seed" })
  end
  check_list(ctx)
  local previous = read_list(o.list)
  if previous and o.reshuffle then
    ui.confirm(ctx, "Split anew? Rows that were held out may be trained on.")
    previous = nil
  end
  if previous then keep_rule(ctx, previous) end
  check_files(o)
  local outputs = { train = o.train, validation = o.validation, test = o.test_file }
  local report = ft.flow.pipeline {
    path = ctx.args.file, threads = o.threads, outputs = next(outputs) and outputs or nil,
    split = {
      train = o.ratio, test = o.test > 0 and o.test or nil, seed = o.seed, by = o.by, group = o.group, near = o.near,
      holdout = o.holdout, previous = previous, ids = o.list ~= nil,
    },
  }
  local split = report.split
  local nothing = report.rows == report.broken
  if o.list and not nothing then
    ft.fs.write(o.list, ft.json.encode {
      schema_version = 1, created_at = previous and previous.created_at or ft.timestamp(), seed = o.seed,
      rule = { train = o.ratio, test = o.test, by = o.by, group = o.group, holdout = o.holdout, near = o.near }, parts = split.ids,
      left_out = split.left_out,
    } .. "\n")
  end
  -- What goes to standard output is rows.
  local rows_out = o.train == "-" or o.validation == "-" or o.test_file == "-"
  if rows_out then ui.give_up_output() end -- standard output carries the rows
  findings.print(report.findings)
  local text, n = parts_text(split.parts)
  ui.line("Split %s: %s", ui.count(n, "row"), text)
  say_groups(split, o)
  if previous then ui.line("%d were split before and stayed where they were", split.kept) end
  for _, warning in ipairs(split.warnings or {}) do ui.line("  %s", warning) end
  findings.without_text(report.without_text)
  findings.nothing_written(report, o.train or o.validation or o.test_file or o.list)
  if report.broken > 0 then ui.line("%s left out", ui.count(report.broken, "broken row is", "broken rows are")) end
  return document(split, split.parts, report), (report.broken > 0 or nothing) and 1 or 0
end

return {
  summary = "divide the examples, or a file, into train and validation, and keep it so",
  usage = "[FILE] [--ratio R] [--by KEY] [--group KEY] [--near T] [--holdout one-per-group]",
  details = "The split is sticky: new examples fill the parts, old ones never move, until --reshuffle. A FILE of JSON rows, one a\n" ..
    "line, is divided into the files --train, --validation and --test-file; --list FILE keeps its ids, so that the next time\n" ..
    "old rows stay where they were; one that is away for a time comes back to its part. With --near T rows are grouped by the share of\n" ..
    "word 5-grams that they have in common (MinHash); a pair exactly at T is compared with probability 0.95 or more.",
  project = "optional",
  positional = { { name = "file", help = "a file to divide instead of the project's examples; - is standard input" } },
  options = {
    { name = "ratio", type = "number", help = "the share of train, 0 to 1" },
    { name = "test", type = "number", default = 0, help = "the share of a third part, test" },
    { name = "seed", type = "integer", help = "the order's seed" },
    { name = "by", type = "string", help = "keep the shares within each value of this field, e.g. rating" },
    { name = "near", type = "number", help = "keep rows this alike together: 0.8 is four of five word 5-grams" },
    { name = "group", type = "string", help = "keep examples with the same value of this field together" },
    { name = "holdout", type = "string", help = "one-per-group: hold out one example of each group (with --group)" },
    { name = "min-rating", type = "integer", help = "leave out what is rated lower, or not rated" },
    { name = "reshuffle", type = "flag", help = "split anew; asks first" },
    { name = "train", type = "string", help = "the file for what is trained on (FILE only; - is standard output)" },
    { name = "validation", type = "string", help = "the file for what is held out (FILE only)" },
    { name = "test-file", type = "string", help = "the file for the third part (FILE only)" },
    { name = "list", type = "string", help = "keep the parts' ids in this file, and what is in it where it was (FILE only)" },
    { name = "threads", type = "integer", minimum = 1, maximum = 1024, help = "threads to use (FILE only; default: all)" },
  },
  run = function(ctx)
    local o = ctx.options
    if not (o.ratio > 0 and o.ratio <= 1) then
      error(ft.error { code = "config", message = ("%g is no share"):format(o.ratio), where = "--ratio", hint = "give a number above 0 and up to 1" })
    end
    if not (o.test >= 0 and o.test < 1) then
      error(ft.error { code = "config", message = ("%g is no share"):format(o.test), where = "--test", hint = "give a number from 0 to below 1" })
    end
    if o.ratio + o.test > 1 + 1e-9 then
      error(ft.error {
        code = "config", message = ("%g and %g of --test are more than the whole"):format(o.ratio, o.test), where = "--ratio",
        hint = "make their sum at most 1",
      })
    end
    if o.holdout and o.holdout ~= "one-per-group" then
      error(ft.error { code = "config", message = ('there is no holdout "%s"'):format(o.holdout), where = "--holdout", hint = "the one there is: one-per-group" })
    end
    if o.holdout and ctx.given.ratio then
      error(ft.error { code = "config", message = "says nothing beside --holdout one-per-group", where = "--ratio", hint = "leave one of them out" })
    end
    if o.near and not (o.near > 0 and o.near <= 1) then
      error(ft.error { code = "config", message = ("%g is no similarity"):format(o.near), where = "--near", hint = "give a number above 0 and up to 1" })
    end
    if ctx.args.file then return split_file(ctx) end
    if not ctx.project then
      error(ft.error { code = "config", message = "there is nothing to split", hint = "name a file, or go to a project's folder" })
    end
    for _, name in ipairs { "train", "validation", "test_file", "list", "threads" } do
      if ctx.given[name] then
        error(ft.error { code = "config", message = "is for a FILE", where = "--" .. name:gsub("_", "-"), hint = "name the file, or leave it out" })
      end
    end
    local previous = ctx.project:read_split()
    if previous and o.reshuffle then
      ui.confirm(ctx, "Split anew? Examples that were held out may be trained on.")
      previous = nil
    end
    if previous then keep_rule(ctx, previous) end
    local split = ctx.project:splittable(o.min_rating):split {
      train = o.ratio, test = o.test > 0 and o.test or nil, seed = o.seed, by = o.by, group = o.group,
      holdout = o.holdout, previous = previous, near = o.near,
    }
    if #split.parts.train == 0 then
      local rows = 0
      for _, ids in pairs(split.parts) do rows = rows + #ids end
      if rows > 0 then
        error(ft.error {
          code = "input", message = ("%g of %s is none to train on"):format(o.ratio, ui.count(rows, "example")),
          where = "--ratio", hint = "give a larger share",
        })
      end
      local which = o.min_rating and (" (--min-rating leaves out what is rated below %d or not at all)"):format(o.min_rating)
        or ctx.profile.rated_only and " (rated ones: the profile " .. ctx.profile.name .. " takes no others)" or ""
      error(ft.error {
        code = "input", message = "there is nothing to split", hint = "add or import examples first" .. which,
      })
    end
    local file = {
      schema_version = 1, created_at = previous and previous.created_at or ft.timestamp(), seed = o.seed,
      rule = { train = o.ratio, test = o.test, by = o.by, group = o.group, holdout = o.holdout, near = o.near, min_rating = o.min_rating },
      parts = split.parts, left_out = split.left_out,
    }
    local path = ctx.project:write_split(file)
    local counts = {}
    for name, ids in pairs(split.parts) do counts[name] = #ids end
    local text, n = parts_text(counts)
    ui.line("Split %s: %s", ui.count(n, "example"), text)
    if previous then
      ui.line("%d were split before and stayed where they were", split.kept)
      local left = -split.gone -- which a warning tells
      for _, ids in pairs(split.left_out) do left = left + #ids end
      if left > 0 then ui.line("%d more were split before and are left out now; they keep their part", left) end
    end
    say_groups(split, o)
    for _, warning in ipairs(split.warnings) do ui.line("  %s", warning) end
    findings.without_text(split.without_text)
    return document(split, counts, {
      rows = split.rows, broken = split.broken, written = { list = path }, without_text = split.without_text, hashing = split.hashing,
    })
  end,
}

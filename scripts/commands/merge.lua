-- fthost merge: two versions of a dataset that come from a third one, made into one; also as git's merge driver.
local ft = require "ft"
local ui = require "ft.ui"
local command = require "ft.command"

local kinds = {
  changed = "both sides changed %s",
  added = "both sides added it, with different %s",
  removed_by_ours = "ours removed it, theirs changed it",
  removed_by_theirs = "theirs removed it, ours changed it",
}

local function sentence(conflict, side)
  local paths = {}
  for i, path in ipairs(conflict.paths) do paths[i] = path == "" and "the whole row" or path end
  local place = conflict.line_ours and (" (line %d)"):format(conflict.line_ours) or ""
  local what = kinds[conflict.kind]:format(table.concat(paths, ", "))
  return ("  %s%s: conflict: %s; %s"):format(conflict.id, place, what, side == "theirs" and "theirs was taken" or "ours stays")
end

-- Git takes any exit code but 0 of its driver for a conflict, so what the file holds is said.
local function merge(path, request)
  local report, problem = ft.try(ft.flow.merge, request)
  if not problem then return report end
  if path and request.output == request.ours and problem.code ~= "cancelled" then
    ui.note("%s: nothing was merged; the file holds what OURS has", path)
  end
  error(problem)
end

return {
  summary = "make one of two versions of a dataset that come from a third one",
  usage = "BASE OURS THEIRS --output FILE [--ours | --theirs]",
  details = "Rows are matched by id and merged field by field; a field that both sides changed is a conflict: the row is written\n" ..
    "as OURS has it, the conflict is listed in FILE.conflicts.jsonl, and the exit code is 1. It is 2, and nothing is\n" ..
    "written, if something could not be read. As git's merge driver (without recursive = binary git settles conflicts between\n" ..
    "several common ancestors by itself; without the file, which rm takes away, git stops instead of showing a conflict):\n" ..
    "  git config merge.fthost.driver 'fthost merge %O %A %B --output %A --path %P; s=$?; [ $s -lt 2 ] || rm -f %A; exit $s'\n" ..
    "  git config merge.fthost.recursive binary\n" ..
    "  echo '*.jsonl merge=fthost' >> .gitattributes",
  positional = {
    { name = "base", help = "the version that both come from", required = true },
    { name = "ours", help = "the version whose order stays", required = true },
    { name = "theirs", help = "the other version", required = true },
  },
  options = {
    { name = "output", type = "string", help = "the file to write, which may be one of the three; - is standard output" },
    { name = "path", type = "string", help = "the name of the merged file, for messages and the list of conflicts" },
    { name = "conflicts", type = "string", help = "the list of conflicts (default: the file's name with .conflicts.jsonl)" },
    { name = "ours", type = "flag", help = "resolve conflicts with OURS" },
    { name = "theirs", type = "flag", help = "resolve conflicts with THEIRS" },
  },
  run = function(ctx)
    local o = ctx.options
    if not o.output then
      error(ft.error { code = "config", message = "needs --output", where = "merge", hint = "see fthost merge --help" })
    end
    if o.ours and o.theirs then
      error(ft.error { code = "config", message = "--ours and --theirs exclude each other", where = "merge", hint = "give one of them" })
    end
    local side = o.ours and "ours" or o.theirs and "theirs" or nil
    local name = o.path or (o.output ~= "-" and o.output) or nil
    local report = command.or_trouble(merge, o.path, {
      base = ctx.args.base, ours = ctx.args.ours, theirs = ctx.args.theirs, output = o.output, name = o.path,
      conflicts = o.conflicts or (name and name .. ".conflicts.jsonl"), prefer = side,
    })
    if o.output == "-" then ui.give_up_output() end -- standard output is the file's
    local counts = {}
    for _, kind in ipairs { "kept", "taken", "merged", "added", "removed" } do counts[#counts + 1] = ("%d %s"):format(report[kind], kind) end
    for _, conflict in ipairs(report.conflict_rows) do ui.line("%s", sentence(conflict, side)) end
    if report.conflicts > #report.conflict_rows then ui.line("  … and %d more", report.conflicts - #report.conflict_rows) end
    ui.line("%s: %s (%s)%s", name or "merged", ui.count(report.rows.output, "row"), table.concat(counts, ", "),
      report.conflicts > 0 and ("; %s%s"):format(ui.count(report.conflicts, "conflict"), side and " resolved with " .. side or "") or "")
    if report.report then ui.line("%s lists %s", report.report, report.conflicts == 1 and "it" or "them") end
    return report, report.conflicts > 0 and not side and 1 or 0
  end,
}

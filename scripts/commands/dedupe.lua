-- fthost dedupe: rows that are there more than once, in a file or among the project's examples.
local ft = require "ft"
local ui = require "ft.ui"
local findings = require "ft.findings"

local function show_clusters(dedupe)
  for _, cluster in ipairs(dedupe.shown) do
    local removed = {}
    for i, row in ipairs(cluster.removed) do
      removed[i] = row.similarity < 1 and ("%d (%.2f)"):format(row.line, row.similarity) or tostring(row.line)
    end
    local more = cluster.size > #removed and (" and %d more"):format(cluster.size - #removed) or ""
    ui.paragraph(("line %d stays for %s%s"):format(cluster.line, table.concat(removed, ", "), more), "  ", "    ")
  end
  if dedupe.clusters > #dedupe.shown then
    ui.line("  … and %s (--limit)", ui.count(dedupe.clusters - #dedupe.shown, "more cluster"))
  end
end

local function refuse(option, message, hint)
  error(ft.error { code = "config", message = message, where = option, hint = hint })
end

local function check(ctx)
  local o = ctx.options
  if o.near and not (o.near > 0 and o.near <= 1) then refuse("--near", ("%g is no similarity"):format(o.near), "give a number above 0 and up to 1") end
  if o.permutations % 8 ~= 0 or o.permutations > 1024 then
    refuse("--permutations", ("%d is no number of permutations"):format(o.permutations), "give a multiple of 8 up to 1024")
  end
  if o.apply and (ctx.args.file or o.output) then
    refuse("--apply", "takes rows out of the project's examples", ctx.args.file and "give --output for a file" or "leave --output out")
  end
  if o.removed and not o.output and not o.apply then
    refuse("--removed", ctx.args.file and "needs --output too" or "needs --apply or --output too", "name the file for the rows that stay")
  end
  -- It is going to be the only place of what leaves the project.
  if o.apply and o.removed and (o.removed == "-" or ft.fs.exists(o.removed)) then
    refuse("--removed", o.removed == "-" and "keeps what leaves the project, so standard output will not do" or
      ("%s is there already, and what leaves the project is kept in a new file"):format(o.removed), "name another file, or leave it out")
  end
  for _, name in ipairs { "shingle", "permutations" } do
    if ctx.given[name] and not o.near then refuse("--" .. name, "is for rows that are nearly alike", "give --near too, or leave it out") end
  end
  if not ctx.args.file and not ctx.project then
    refuse("dedupe", "there is nothing to look at", "name a file, or go to a project's folder")
  end
end

-- The rows that go are in a file before they leave the project, so that they can be imported again.
local function apply(ctx, request)
  local report = ft.flow.pipeline(request)
  if report.dedupe.removed == 0 then return report end
  ui.confirm(ctx, ("Take %s out of the project?"):format(ui.count(report.dedupe.removed, "example")))
  local kept = ctx.options.removed
  if not kept then
    ft.fs.mkdir(ctx.project:resolve "data/removed")
    kept = ("data/removed/%s-%s.jsonl"):format(ft.timestamp():gsub("[:T]", "-"):sub(1, 19), ft.id():sub(1, 6))
  end
  request.removed = ctx.options.removed or ctx.project:resolve(kept)
  report = ft.flow.pipeline(request)
  report.written.removed = kept
  ctx.project:dataset():remove(report.dedupe.ids)
  return report, true
end

return {
  summary = "remove rows that are there more than once, or nearly so, from a file or the project's examples",
  usage = "[FILE --output FILE | --apply] [--near T] [--removed FILE]",
  details = "FILE holds JSON rows, one a line, plain or compressed; - is standard input; without it the project's examples are\n" ..
    "looked at. Equal are rows whose messages, tools, prompt, completion, chosen, rejected, ranked, reference, label, text and\n" ..
    "weight decode to the same, whatever spacing, escapes and the order of keys; of rows without messages, or a prompt and an answer,\n" ..
    "everything but id, rating, tags, category, times, metadata and the like. With --near also rows whose texts are this alike:\n" ..
    "the share of word 5-grams in common, estimated by MinHash (128 permutations, standard error below 0.045); a pair exactly at T\n" ..
    "is compared with probability 0.95 or more, one above it with more. Rows that differ in label, or in a message's role or\n" ..
    "weight, are never near. Of equals the best rated row stays, else the first. Without --output or --apply it only says what\n" ..
    "it would remove. What --apply takes out of the project is kept in data/removed: fthost import brings it back.",
  project = "optional",
  positional = { { name = "file", help = "a file of JSON rows, or -, instead of the project's examples" } },
  options = {
    { name = "output", type = "string", help = "the file for the rows that stay; - is standard output" },
    { name = "apply", type = "flag", help = "take the rows out of the project, after a question" },
    { name = "near", type = "number", help = "similarity from which rows count as one, above 0 and up to 1" },
    { name = "removed", type = "string", help = "a file for the rows that are removed; with --apply a new one" },
    { name = "shingle", type = "integer", minimum = 1, default = 5, help = "words a shingle, with --near" },
    { name = "permutations", type = "integer", minimum = 8, default = 128, help = "of MinHash, a multiple of 8, with --near" },
    { name = "limit", type = "integer", minimum = 1, default = 20, help = "clusters to list, and rows of each" },
    { name = "threads", type = "integer", minimum = 1, maximum = 1024, help = "threads to use (default: as many as the machine has)" },
  },
  run = function(ctx)
    check(ctx)
    local o, file = ctx.options, ctx.args.file
    local request = {
      path = file, source = not file and ctx.project:dataset():source() or nil, threads = o.threads,
      dedupe = { near = o.near, shingle = o.shingle, permutations = o.permutations, ids = not file, shown = o.limit },
    }
    local report, applied
    if o.apply then
      report, applied = apply(ctx, request)
    else
      request.removed, request.outputs = o.removed, o.output and { kept = o.output } or nil
      report = ft.flow.pipeline(request)
    end
    local dedupe = report.dedupe
    if o.output == "-" then ui.give_up_output() end -- standard output carries the rows
    findings.print(report.findings)
    show_clusters(dedupe)
    ui.line("%s: %d stay%s, %d removed%s", ui.count(report.rows, "row"), report.kept, report.broken > 0 and (", %d broken"):format(report.broken) or "",
      dedupe.removed, o.near and (" (%d equal, %d near) in %s"):format(dedupe.exact, dedupe.near, ui.count(dedupe.clusters, "cluster"))
      or dedupe.removed > 0 and " in " .. ui.count(dedupe.clusters, "cluster") or "")
    findings.without_text(report.without_text)
    local nothing = findings.nothing_written(report, o.output or o.removed)
    if applied then
      ui.line("They are in %s; fthost import brings them back", report.written.removed)
    elseif not file and dedupe.removed > 0 and not o.output then
      ui.line "Nothing was changed: give --apply"
    end
    local result = {
      rows = report.rows, kept = report.kept, broken = report.broken, written = report.written, findings = report.findings,
      removed = dedupe.removed, exact = dedupe.exact, near = dedupe.near, clusters = dedupe.clusters, shown = dedupe.shown,
      ids = dedupe.ids, without_text = report.without_text, hashing = report.hashing,
    }
    if not file then result.applied = applied == true end
    return result, (report.broken > 0 or nothing) and 1 or 0
  end,
}

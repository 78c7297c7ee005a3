-- fthost dedupe: rows that are there more than once, in a file.
local ft = require "ft"
local ui = require "ft.ui"
local findings = require "ft.findings"

local function show_clusters(dedupe)
  for _, cluster in ipairs(dedupe.shown) do
    local removed = {}
    for i, row in ipairs(cluster.removed) do
      removed[i] = row.similarity < 1 and ("%d (%.2f)"):format(row.line, row.similarity) or tostring(row.line)
    end
    ui.paragraph(("line %d stays for %s"):format(cluster.line, table.concat(removed, ", ")), "  ", "    ")
  end
  if dedupe.clusters > #dedupe.shown then ui.line("  … and %d more", dedupe.clusters - #dedupe.shown) end
end

return {
  summary = "remove rows of a file that are there more than once, or nearly so",
  usage = "FILE --output FILE [--near T] [--removed FILE]",
  details = "FILE holds JSON rows, one a line, plain or compressed; - is standard input. Equal is what decodes to the same messages\n" ..
    "(or the same row, where it has none), whatever its spacing, escapes and the order of keys. With --near also rows whose\n" ..
    "texts are this alike: the share of word 5-grams in common, estimated by MinHash (128 permutations, standard error below\n" ..
    "0.045). Of equals the best rated row stays, else the first. Without --output it only says what it would remove.",
  positional = { { name = "file", help = "a file of JSON rows, or -", required = true } },
  options = {
    { name = "output", type = "string", help = "the file for the rows that stay; - is standard output" },
    { name = "near", type = "number", help = "similarity from which rows count as one, above 0 and up to 1" },
    { name = "removed", type = "string", help = "a file for the rows that are removed" },
    { name = "shingle", type = "integer", minimum = 1, default = 5, help = "words a shingle, with --near" },
    { name = "permutations", type = "integer", minimum = 8, default = 128, help = "of MinHash, a multiple of 8, with --near" },
    { name = "threads", type = "integer", minimum = 1, help = "threads to use (default: as many as the machine has)" },
  },
  run = function(ctx)
    local o = ctx.options
    if o.near and not (o.near > 0 and o.near <= 1) then
      error(ft.error { code = "config", message = ("%g is no similarity"):format(o.near), where = "--near", hint = "give a number above 0 and up to 1" })
    end
    if o.permutations % 8 ~= 0 or o.permutations > 1024 then
      error(ft.error {
        code = "config", message = ("%d is no number of permutations"):format(o.permutations), where = "--permutations",
        hint = "give a multiple of 8 up to 1024",
      })
    end
    if o.removed and not o.output then
      error(ft.error { code = "config", message = "needs --output too", where = "--removed", hint = "name the file for the rows that stay" })
    end
    local report = ft.flow.pipeline {
      path = ctx.args.file, threads = o.threads, removed = o.removed, outputs = o.output and { kept = o.output } or nil,
      dedupe = { near = o.near, shingle = o.shingle, permutations = o.permutations },
    }
    local dedupe = report.dedupe
    -- What goes to standard output is the rows.
    local say = o.output == "-" and ui.note or ui.line
    if o.output ~= "-" then
      findings.print(report.findings)
      show_clusters(dedupe)
    end
    say("%s: %d stay%s, %d removed%s", ui.count(report.rows, "row"), report.kept, report.broken > 0 and (", %d broken"):format(report.broken) or "",
      dedupe.removed, o.near and (" (%d equal, %d near) in %s"):format(dedupe.exact, dedupe.near, ui.count(dedupe.clusters, "cluster"))
      or dedupe.removed > 0 and " in " .. ui.count(dedupe.clusters, "cluster") or "")
    local result = {
      rows = report.rows, kept = report.kept, broken = report.broken, written = report.written, findings = report.findings,
      removed = dedupe.removed, exact = dedupe.exact, near = dedupe.near, clusters = dedupe.clusters, shown = dedupe.shown,
    }
    return o.output ~= "-" and result or nil, report.broken > 0 and 1 or 0
  end,
}

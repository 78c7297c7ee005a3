-- fthost leakage: what of a test file was trained on.
local ft = require "ft"
local ui = require "ft.ui"
local findings = require "ft.findings"

return {
  summary = "say which rows of a file are in another one, too, or nearly so",
  usage = "FILE --in FILE [--near T]",
  details = "FILE is what is to be held out (a validation or test file), --in what is trained on; both hold JSON rows, one a line.\n" ..
    "Exit 1 if anything leaks, or a row cannot be read.",
  positional = { { name = "file", help = "a file of JSON rows, or -", required = true } },
  options = {
    { name = "in", type = "string", help = "the file in which they are looked for" },
    { name = "near", type = "number", default = 0.8, help = "similarity from which a row counts as known; 0: equal rows only" },
    { name = "shingle", type = "integer", minimum = 1, default = 5, help = "words a shingle" },
    { name = "permutations", type = "integer", minimum = 8, default = 128, help = "of MinHash, a multiple of 8" },
    { name = "threads", type = "integer", minimum = 1, help = "threads to use (default: as many as the machine has)" },
  },
  run = function(ctx)
    local o = ctx.options
    if not o["in"] then error(ft.error { code = "config", message = "needs --in", where = "leakage", hint = "name the file that is trained on" }) end
    if not (o.near >= 0 and o.near <= 1) then
      error(ft.error { code = "config", message = ("%g is no similarity"):format(o.near), where = "--near", hint = "give a number from 0 to 1" })
    end
    local report = ft.flow.leakage {
      path = ctx.args.file, known = o["in"], near = o.near, shingle = o.shingle, permutations = o.permutations, threads = o.threads,
    }
    findings.print(report.findings)
    for _, row in ipairs(report.shown) do
      ui.line("  line %d is %s line %d", row.line, row.similarity == 1 and "the same as" or ("%.2f like"):format(row.similarity), row.known_line)
    end
    local leaks = report.exact + report.near
    if leaks > #report.shown then ui.line("  … and %d more", leaks - #report.shown) end
    ui.line("%s against %d: %d equal, %d near; %.1f %% leak", ui.count(report.rows, "row"), report.known_rows, report.exact, report.near,
      report.rows > 0 and 100 * leaks / report.rows or 0)
    local broken = report.broken + report.known_broken
    if broken > 0 then ui.line("%s not compared", ui.count(broken, "broken row was", "broken rows were")) end
    return report, (leaks > 0 or broken > 0) and 1 or 0
  end,
}

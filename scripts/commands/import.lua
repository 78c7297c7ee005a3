-- fthost import: files of any known format into the project's examples.
local ft = require "ft"
local ui = require "ft.ui"
local command = require "ft.command"
local findings = require "ft.findings"

return {
  summary = "import files or folders into the project's examples",
  usage = "PATH... [--format NAME] [--strict]",
  details = "PATH is a file, a folder or - for standard input. Good rows are imported, broken ones are listed; a row that is\n" ..
    "there already is left as it is, so importing a file twice adds nothing.",
  project = "needed",
  positional = { { name = "path", help = "a file, a folder, or -", many = true, required = true } },
  options = {
    { name = "format", type = "string", help = "the format; otherwise it is recognised" },
    { name = "format-option", type = "list", help = "KEY=VALUE for the formatter; may be given again" },
    { name = "rating", type = "integer", help = "a rating for rows that have none" },
    { name = "group", type = "string", help = "a group for rows that have none" },
    { name = "strict", type = "flag", help = "refuse a file with a broken row or a field that would be lost; nothing of it is added" },
  },
  run = function(ctx)
    local set = { rating = ctx.options.rating, group = ctx.options.group }
    local data = ctx.project:dataset()
    local total = { files = ft.array {}, read = 0, appended = 0, known = 0, broken = 0 }
    local code = 0
    for _, path in ipairs(ctx.args.path) do
      local report = data:import(path, {
        format = ctx.options.format, strict = ctx.options.strict, set = next(set) and set or nil,
        format_options = command.assignments(ctx.options.format_option, "--format-option"),
      })
      total.files[#total.files + 1] = report
      total.read, total.appended, total.known = total.read + report.read, total.appended + report.appended, total.known + report.known
      local errors = findings.count(report.findings, "error")
      total.broken = total.broken + errors
      ui.line("%s: %s, format %s (%s): %d added, %d known already, %d broken", path, ui.count(report.read, "row"), report.format,
        report.why, report.appended, report.known, errors)
      findings.print(report.findings)
      findings.print_losses(report.losses)
      if report.refused then
        ui.line("%s: refused by --strict; nothing of it was added", path)
        code = 1
      end
    end
    ui.line("Imported %s; the project has %d now", ui.count(total.appended, "example"), data:count())
    return total, code
  end,
}

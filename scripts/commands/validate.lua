-- fthost validate: what is wrong with a file or with the project's examples, and where.
local ft = require "ft"
local ui = require "ft.ui"
local findings = require "ft.findings"

return {
  summary = "check a file, or the project's examples, and say what is wrong and where",
  usage = "[FILE] [--format NAME]",
  details = "Exit 1 if there is an error. Warnings alone are exit 0.",
  project = "optional",
  positional = { { name = "file", help = "a file to check instead of the project's examples" } },
  options = {
    { name = "format", type = "string", help = "the format whose rules apply; otherwise the file's or the project's" },
    { name = "limit", type = "integer", minimum = 0, default = 50, help = "findings to print" },
  },
  run = function(ctx)
    local report
    if ctx.args.file then
      report = ft.flow.check_file { path = ctx.args.file, format = ctx.options.format }
    elseif ctx.project then
      report = ctx.project:dataset():check { formats = { ctx.options.format or ctx.project.config.format } }
    else
      error(ft.error { code = "config", message = "there is nothing to check", hint = "name a file, or go to a project's folder" })
    end
    findings.print(report.findings, ctx.options.limit, report.errors + report.warnings)
    ui.line("%s checked: %s, %s", ui.count(report.rows, "row"), ui.count(report.errors, "error"), ui.count(report.warnings, "warning"))
    report.valid = report.errors == 0
    return report, report.valid and 0 or 1
  end,
}

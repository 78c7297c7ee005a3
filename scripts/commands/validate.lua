-- fthost validate: what is wrong with a file or with the project's examples, and where.
local ft = require "ft"
local ui = require "ft.ui"
local findings = require "ft.findings"
local formats = require "ft.formats"

return {
  summary = "check a file, or the project's examples, and say what is wrong and where",
  usage = "[FILE] [--provider P] [--format NAME] [--fix FILE]",
  details = "Exit 1 if there is an error. Warnings alone are exit 0. FILE may be - and compressed. What --fix cannot mend safely is\n" ..
    "left as it stands. With --json the findings are written as they are found.",
  project = "optional",
  positional = { { name = "file", help = "a file to check instead of the project's examples" } },
  options = {
    { name = "provider", type = "string", help = "whose rules apply: what it would refuse is an error" },
    { name = "format", type = "string", help = "the format whose rules apply; otherwise the file's or the project's" },
    { name = "fix", type = "string", help = "write FILE to this new file, mended where that is safe" },
    { name = "limit", type = "integer", minimum = 0, default = 50, help = "findings to print" },
    { name = "max-findings", type = "integer", minimum = 0, help = "findings to list with --json (default: all)" },
    { name = "threads", type = "integer", minimum = 1, help = "threads to use (default: as many as the machine has)" },
  },
  run = function(ctx)
    local o, report = ctx.options, nil
    local request = {
      provider = o.provider, max_findings = o.max_findings, threads = o.threads, stream = ctx.json,
      rules = ctx.profile.rules and ft.array(ctx.profile.rules),
    }
    if ctx.args.file then
      request.path, request.fix = ctx.args.file, o.fix
      report = formats.asking(ctx, ctx.args.file, o.format, function(name)
        request.format = name
        return ft.flow.check_file(request)
      end)
    elseif ctx.project then
      if o.fix then
        error(ft.error {
          code = "config", message = "mends files only", where = "--fix", hint = "name the file, as in fthost validate FILE --fix NEW",
        })
      end
      local named = o.format or not o.provider and ctx.project.config.format or nil
      request.formats = { named and (formats.resolve(ctx.project, named)) }
      request.source = ctx.project:dataset():source()
      report = ft.flow.check(request)
    else
      error(ft.error { code = "config", message = "there is nothing to check", hint = "name a file, or go to a project's folder" })
    end
    findings.print(report.findings, o.limit, report.errors + report.warnings)
    ui.line("%s checked: %s, %s", ui.count(report.rows, "row"), ui.count(report.errors, "error"), ui.count(report.warnings, "warning"))
    if report.fixed then
      local what = {}
      for code, count in pairs(report.fixed.by_code) do what[#what + 1] = ("%s %d"):format(code, count) end
      table.sort(what)
      ui.line("%s: %s mended%s", report.fixed.path, ui.count(report.fixed.rows, "row"), #what > 0 and " (" .. table.concat(what, ", ") .. ")" or "")
    end
    -- With --json the report has been written as it came.
    return nil, report.errors == 0 and not report.incomplete and 0 or 1
  end,
}

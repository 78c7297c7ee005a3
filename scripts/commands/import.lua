-- fthost import: files of any known format into the project's examples.
local ft = require "ft"
local ui = require "ft.ui"
local command = require "ft.command"
local findings = require "ft.findings"
local formats = require "ft.formats"

-- A path that is missing is said before anything is imported; so is standard input where it is asked for twice.
local function check_paths(paths)
  local streams = 0
  for _, path in ipairs(paths) do
    local found = path == "-" or ft.fs.exists(path) or path:find "[*?[]" -- a pattern is looked up when its turn comes
    if not found then error(ft.error { code = "config", message = "there is no such file", where = path, hint = "check the path" }) end
    streams = streams + (path == "-" and 1 or 0)
  end
  if streams > 1 then
    error(ft.error { code = "config", message = "standard input can be read once", where = "import", hint = "give - once" })
  end
end

return {
  summary = "import files or folders into the project's examples",
  usage = "PATH... [--format NAME] [--strict]",
  details = "PATH is a file, a folder or - for standard input. Good rows are imported, broken ones are listed and make the exit\n" ..
    "code 1; a row that is there already is left as it is, so importing a file twice adds nothing. Files of a folder whose\n" ..
    "format is not known are named and left out.",
  project = "needed",
  positional = { { name = "path", help = "a file, a folder, or -", many = true, required = true } },
  options = {
    { name = "format", type = "string", help = "the format; otherwise it is recognised" },
    { name = "format-option", type = "list", help = "KEY=VALUE for the formatter; may be given again" },
    { name = "rating", type = "integer", help = "a rating from 1 to 10 for rows that have none" },
    { name = "group", type = "string", help = "a group for rows that have none" },
    { name = "strict", type = "flag", help = "refuse a file with a broken row or a field that would be lost; nothing of it is added" },
  },
  run = function(ctx)
    if ctx.options.rating then command.check_rating(ctx.options.rating, "--rating") end
    check_paths(ctx.args.path)
    local set = { rating = ctx.options.rating, group = ctx.options.group }
    local data = ctx.project:dataset()
    local total = { files = ft.array {}, read = 0, appended = 0, known = 0, broken = 0 }
    local code = 0
    for _, path in ipairs(ctx.args.path) do
      local report = formats.asking(ctx, path, ctx.options.format, function(name)
        local format, format_options = formats.resolve(ctx.project, name, command.assignments(ctx.options.format_option, "--format-option"))
        return data:import(path, {
          format = format, format_options = format_options, strict = ctx.options.strict, set = next(set) and set or nil,
        })
      end)
      total.files[#total.files + 1] = report
      for _, key in ipairs { "read", "appended", "known", "broken" } do total[key] = total[key] + report[key] end
      ui.line("%s: %s%s, format %s (%s): %d added, %d known already, %d broken", path, ui.count(report.read, "row"),
        report.files > 1 and " in " .. ui.count(report.files, "file") or "", report.format, report.why, report.appended,
        report.known, report.broken)
      findings.print(report.findings, nil, report.errors + report.warnings)
      findings.print_losses(report.losses)
      if report.refused then ui.line("%s: refused by --strict; nothing of it was added", path) end
      if report.refused or report.errors > 0 then code = 1 end
    end
    ui.line("Imported %s%s; the project has %d now", ui.count(total.appended, "example"),
      total.broken > 0 and (" and left out %s"):format(ui.count(total.broken, "broken row")) or "", data:count())
    return total, code
  end,
}

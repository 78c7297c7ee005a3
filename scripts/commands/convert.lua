-- fthost convert: files of one format into a file of another, without a project.
local ft = require "ft"
local ui = require "ft.ui"
local command = require "ft.command"
local findings = require "ft.findings"
local formats = require "ft.formats"

-- {path = rows} of the losses of this action, without bookkeeping.
local function by_path(losses, action)
  local rows = {}
  for _, loss in ipairs(losses) do
    if loss.action == action and loss.message ~= "bookkeeping" then rows[loss.path] = (rows[loss.path] or 0) + loss.rows end
  end
  return rows
end

return {
  summary = "convert files of one format into a file of another",
  usage = "PATH --to NAME --output FILE [--from NAME] [--chosen] [--strict]",
  details = "PATH is a file, a folder, a pattern (quoted) or - for standard input, plain or compressed with gzip or zstd; a FILE\n" ..
    "named .gz or .zst is compressed. What the new format cannot carry is named with the number of rows. Rows that are broken,\n" ..
    "or that it cannot carry at all, are listed, left out and make the exit code 1; where none is left, or the file is damaged\n" ..
    "as a whole, nothing is written. In a project's folder NAME may be one of the formats of its fthost.json.",
  project = "optional",
  positional = { { name = "path", help = "a file, a folder, a pattern or -", required = true } },
  options = {
    { name = "to", type = "string", help = "the new format" },
    { name = "output", type = "string", help = "the file to write, or - for standard output" },
    { name = "from", type = "string", help = "the format of the files; otherwise it is recognised" },
    { name = "from-option", type = "list", help = "KEY=VALUE for the formatter that reads; may be given again" },
    { name = "to-option", type = "list", help = "KEY=VALUE for the formatter that writes; may be given again" },
    { name = "chosen", type = "flag", help = "of preferences write the chosen answer, and leave the rejected one out" },
    { name = "strict", type = "flag", help = "write nothing where a row is broken or a field would be lost" },
  },
  run = function(ctx)
    local o = ctx.options
    for _, name in ipairs { "to", "output" } do
      if not o[name] then
        error(ft.error { code = "config", message = ("needs --%s"):format(name), where = "convert", hint = "see fthost convert --help" })
      end
    end
    if o.output == "-" then ui.give_up_output() end
    local to, to_options = formats.resolve(ctx.project, o.to, command.assignments(o.to_option, "--to-option"))
    local report = formats.asking(ctx, ctx.args.path, o.from, function(name)
      local from, from_options = formats.resolve(ctx.project, name, command.assignments(o.from_option, "--from-option"))
      return ft.flow.convert {
        path = ctx.args.path, from = from, from_options = from_options, output = o.output, to = to, to_options = to_options,
        strict = o.strict, chosen = o.chosen,
      }
    end, "--from")
    formats.name_option(report.findings, "--from")
    report.dropped_fields, report.reshaped_fields = by_path(report.losses, "dropped"), by_path(report.losses, "reshaped")
    -- The reason is the last file's: of several formats it is none.
    local from = report.from:find(",", 1, true) and "formats " .. report.from or ("format %s, %s"):format(report.from, report.why)
    local target = report.path == "-" and "standard output" or report.path
    if report.refused then
      ui.line("%s: refused by --strict; nothing was written", target)
    elseif report.files == 0 then
      ui.line("%s (%s): none of %s can be written as %s; %s is left as it was", ctx.args.path, from, ui.count(report.rows, "row"), report.format, target)
    else
      ui.line("%s (%s) to %s (%s): %s of %s", ctx.args.path, from, target, report.format, report.written, ui.count(report.rows, "row"))
    end
    findings.print(report.findings, nil, report.errors + report.warnings)
    findings.print_losses(report.losses)
    return report, (report.refused or report.errors > 0) and 1 or 0
  end,
}

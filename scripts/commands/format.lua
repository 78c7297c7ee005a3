-- fthost format: the split's parts as files that a trainer reads.
local ft = require "ft"
local ui = require "ft.ui"
local command = require "ft.command"
local findings = require "ft.findings"
local formats = require "ft.formats"

local files = { train = "train", validation = "val", test = "test" }
local parts = { "train", "validation", "test" }

-- How files of the format end: as its option file_name has it, or as JSON Lines do.
local function ending_of(format)
  for _, item in ipairs(ft.plugin.list()) do
    local named = item.kind == "formatter" and item.name == format and not item.problem and item.config_schema.properties
    local file = named and named.file_name
    if file then return file.default:match "%.%w+$" or "" end
  end
  return ".jsonl"
end

return {
  summary = "write train and validation files in a trainer's format",
  usage = "[--format NAME] [--part NAME] [--min-rating N] [--output FOLDER|-] [--chosen] [--strict]",
  project = "needed",
  options = {
    { name = "format", type = "string", help = "the format to write (default: the project's)" },
    { name = "min-rating", type = "integer", help = "leave out what is rated lower, or not rated" },
    { name = "format-option", type = "list", help = "KEY=VALUE for the formatter; may be given again" },
    { name = "part", type = "string", help = "train, validation or test: this part of the split alone" },
    { name = "output", type = "string", default = "data", help = "the folder to write to; with --part, - is standard output" },
    { name = "chosen", type = "flag", help = "of preferences write the chosen answer, and leave the rejected one out" },
    { name = "strict", type = "flag", help = "refuse if a field would be lost or an example cannot be written" },
  },
  run = function(ctx)
    local split = ctx.project:read_split() or error(ft.error {
      code = "config", message = "the examples have not been split", where = "data/splits/default.json", hint = "run fthost split first",
    })
    local o = ctx.options
    if o.part and not files[o.part] then
      error(ft.error { code = "config", message = ('"%s" is no part of a split'):format(o.part), where = "--part", hint = "train, validation or test" })
    end
    local format, format_options = formats.resolve(ctx.project, o.format or ctx.project.config.format,
      command.assignments(o.format_option, "--format-option"))
    local data = ctx.project:dataset()
    local stream = ctx.options.output == "-"
    if stream and not ctx.options.part then
      error(ft.error {
        code = "config", message = "standard output takes one part, and a split has several", where = "format --output -", hint = "say which with --part",
      })
    end
    local folder = not stream and ctx.project:resolve(ctx.options.output)
    if stream then ui.give_up_output() else ft.fs.mkdir(folder) end
    local unsplit, again = ctx.project:count_unsplit(split)
    local result = { format = format, files = ft.array {}, unsplit = unsplit }
    local code, ending = 0, ending_of(format)
    for _, part in ipairs(ctx.options.part and { ctx.options.part } or parts) do
      local ids = split.parts[part] or {}
      local path = stream and "-" or folder .. "/" .. files[part] .. ending
      -- A part that has become empty empties its file, or what it held before would still be used.
      if #ids > 0 or not stream and (ft.fs.exists(path) or ft.fs.exists(folder .. "/" .. files[part])) then
        local view = data:where { ids = ft.array(ids) }
        if ctx.options.min_rating then view = view:where { rating = ">=" .. ctx.options.min_rating } end
        local report = view:export(path, {
          format = format, format_options = format_options, strict = ctx.options.strict, chosen = ctx.options.chosen,
        })
        report.part, report.filtered = part, #ids - report.rows
        report.path = report.path:sub(1, #ctx.project.folder + 1) == ctx.project.folder .. "/" and report.path:sub(#ctx.project.folder + 2) or report.path
        result.files[#result.files + 1] = report
        if report.refused then
          ui.line("%s: refused by --strict; nothing was written", report.path)
        elseif report.files == 0 then
          ui.line("%s: none of %s can be written as %s; it is left as it was", report.path, ui.count(report.rows, "example"), format)
        else
          local notes = { ui.count(report.written, "example") }
          local function note(n, text, ...)
            if n > 0 then notes[#notes + 1] = text:format(n, ...) end
          end
          note(report.rows - report.written, "%d could not be written")
          if ctx.options.min_rating then
            note(report.filtered, "%d of the split left out by --min-rating %d", ctx.options.min_rating)
          else
            note(report.filtered, "%d of the split not in the dataset any more")
          end
          note(report.removed, report.removed == 1 and "%d file of the earlier export removed" or "%d files of the earlier export removed")
          ui.line("Exported to %s (%s)", report.path, table.concat(notes, ", "))
        end
        findings.print(report.findings, nil, report.errors + report.warnings)
        findings.print_losses(report.losses)
        if report.refused or report.errors > 0 then code = 1 end
        if report.rows == 0 and #ids > 0 then
          code = 1
          ui.note("%s is empty: none of the %s of the part %s is left", report.path, ui.count(#ids, "example"), part)
        end
      end
    end
    if #result.files == 0 then
      error(ft.error {
        code = "input", message = "the split has no examples", where = "data/splits/default.json", hint = "run fthost split first",
      })
    end
    if unsplit > 0 then ui.note("%s not in the split; run %s", ui.count(unsplit, "example is", "examples are"), again) end
    return result, code
  end,
}

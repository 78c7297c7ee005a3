-- fthost format: the split's parts as files that a trainer reads.
local ft = require "ft"
local ui = require "ft.ui"
local findings = require "ft.findings"

local files = { train = "train.jsonl", validation = "val.jsonl", test = "test.jsonl" }

return {
  summary = "write train and validation files in a trainer's format",
  usage = "[--format NAME] [--min-rating N] [--strict]",
  project = "needed",
  options = {
    { name = "format", type = "string", help = "the format to write (default: the project's)" },
    { name = "min-rating", type = "integer", help = "leave out what is rated lower, or not rated" },
    { name = "output", type = "string", default = "data", help = "the folder to write to" },
    { name = "strict", type = "flag", help = "refuse if a field would be lost" },
  },
  run = function(ctx)
    local split = ctx.project:read_split() or error(ft.error {
      code = "config", message = "the examples have not been split", where = "data/splits/default.json", hint = "run fthost split first",
    })
    local format = ctx.options.format or ctx.project.config.format
    local data = ctx.project:dataset()
    local folder = ctx.project:resolve(ctx.options.output)
    ft.fs.mkdir(folder)
    local result = { format = format, files = ft.array {} }
    local code = 0
    for _, part in ipairs { "train", "validation", "test" } do
      local ids = split.parts[part]
      if ids and #ids > 0 then
        local view = data:part(split, part)
        if ctx.options.min_rating then view = view:where { rating = ">=" .. ctx.options.min_rating } end
        local path = folder .. "/" .. files[part]
        local report = view:export(path, { format = format, strict = ctx.options.strict })
        report.part, report.filtered = part, #ids - report.written
        report.path = report.path:sub(1, #ctx.project.folder + 1) == ctx.project.folder .. "/" and report.path:sub(#ctx.project.folder + 2) or report.path
        result.files[#result.files + 1] = report
        if report.refused then
          code = 1
          ui.line("%s: refused by --strict; nothing was written", report.path)
        else
          local left = report.filtered > 0 and ctx.options.min_rating and (", %d of the split left out by --min-rating %d"):format(report.filtered, ctx.options.min_rating) or ""
          ui.line("Exported to %s (%s%s)", report.path, ui.count(report.written, "example"), left)
        end
        findings.print_losses(report.losses)
      end
    end
    return result, code
  end,
}

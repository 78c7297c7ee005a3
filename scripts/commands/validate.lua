-- fthost validate: what is wrong with files or with the project's examples, and where.
local ft = require "ft"
local ui = require "ft.ui"
local checks = require "ft.checks"
local command = require "ft.command"
local findings = require "ft.findings"
local formats = require "ft.formats"

local function refuse(where, message, hint)
  error(ft.error { code = "config", message = message, where = where, hint = hint })
end

local function check_files(ctx, request)
  local o, paths = ctx.options, ctx.args.path
  local given = command.assignments(o.format_option, "--format-option")
  request.paths, request.fix = ft.array(paths), o.fix
  return formats.asking(ctx, paths[1], o.format, function(name)
    request.format, request.format_options = formats.resolve(ctx.project, name, given)
    return ft.flow.check_file(request)
  end)
end

local function check_project(ctx, request)
  local o = ctx.options
  for _, name in ipairs { "fix", "format_option" } do
    if o[name] then
      refuse("--" .. name:gsub("_", "-"), "is for files only", "name the file, as in fthost validate FILE")
    end
  end
  if o.format and o.provider then
    refuse("--format", "and --provider both say whose rules apply to the project's examples", "give one of them")
  end
  local named = o.format or not o.provider and ctx.project.config.format or nil
  request.formats = { named and (formats.resolve(ctx.project, named)) }
  request.source = ctx.project:dataset():source()
  return ft.flow.check(request)
end

local function print_fixed(fixed, report)
  local what, left = {}, report.errors + report.warnings
  for code, count in pairs(fixed.by_code) do
    what[#what + 1] = ("%s %d"):format(code, count)
    left = left - count
  end
  table.sort(what)
  ui.line("%s: %s changed%s; all else is as it was%s", fixed.path == "-" and "standard output" or fixed.path, ui.count(fixed.rows, "line"),
    #what > 0 and " (" .. table.concat(what, ", ") .. ")" or "", left > 0 and (", with %s"):format(ui.count(left, "finding")) or "")
end

local function print_report(report, limit, fix)
  findings.print_groups(report.groups, limit, report.left_out)
  for _, file in ipairs(report.files or {}) do
    if file.format then
      ui.line("%s (%s): %s, %s, %s", file.file, file.format, ui.count(file.rows, "row"), ui.count(file.errors, "error"), ui.count(file.warnings, "warning"))
    end
  end
  ui.line("%s checked: %s, %s", ui.count(report.rows, "row"), ui.count(report.errors, "error"), ui.count(report.warnings, "warning"))
  if report.tokens then
    for _, limit_of in ipairs(report.tokens.limits) do
      if limit_of.over == 0 then ui.line("No example is longer than %d tokens (%s)", limit_of.limit, limit_of.of) end
    end
  end
  if report.fixed then print_fixed(report.fixed, report) end
  if fix and not report.fixed then ui.line("%s was not written", fix == "-" and "standard output" or fix) end
end

return {
  summary = "check files, or the project's examples, and say what is wrong and where",
  usage = "[PATH…] [--provider P] [--format NAME] [--checks LIST] [--fix FILE]",
  details = "PATH is a file, a folder, a pattern (quoted) or - for standard input, plain or compressed; there may be several. Without\n" ..
    "one the project's examples are checked. By default their structure, the rules of their format and those of the profile;\n" ..
    "--checks adds what costs more: tokens (which examples are too long), near (prompts that are nearly equal and answered in\n" ..
    "different ways), personal (personal data and secrets), or all. Equal findings are printed once, with their lines; --json\n" ..
    "lists each as it is found. --provider asks the formats of that provider alone; with --format too, that format must be one\n" ..
    "of them. --fix changes only what it names, and what cannot be mended safely stays. Exit 1 if there is an error; warnings\n" ..
    "alone are exit 0.",
  project = "optional",
  positional = { { name = "path", help = "files, folders, patterns or - instead of the project's examples", many = true } },
  options = {
    { name = "provider", type = "string", help = "whose rules apply: what it would refuse is an error" },
    { name = "format", type = "string", help = "the format whose rules apply; otherwise the file's or the project's" },
    { name = "format-option", type = "list", help = "KEY=VALUE for the formatter; may be given again" },
    { name = "checks", type = "list", help = "more checks: tokens, near, personal or all; may be given again" },
    { name = "encoding", type = "string", help = "what --checks tokens counts by; otherwise the base model's, or o200k_base" },
    { name = "token-limit", type = "integer", minimum = 1, help = "the length for --checks tokens (default: the profile's, the model's)" },
    { name = "fix", type = "string", help = "write the file to this new file or -, mended where that is safe" },
    { name = "limit", type = "integer", minimum = 0, default = 50, help = "findings to print" },
    { name = "max-findings", type = "integer", minimum = 0, help = "findings to list with --json (default: all)" },
    { name = "threads", type = "integer", minimum = 1, maximum = 1024, help = "threads to use (default: as many as the machine has)" },
  },
  run = function(ctx)
    local o = ctx.options
    local wanted, estimate = checks.request(ctx, o)
    if not (wanted and wanted.tokens) and (o.encoding or o.token_limit) then
      refuse(o.encoding and "--encoding" or "--token-limit", "is for --checks tokens", "add --checks tokens")
    end
    local rows_out = o.fix == "-"
    if rows_out then ui.give_up_output() end
    local request = {
      provider = o.provider, checks = wanted, max_findings = o.max_findings, threads = o.threads, stream = ctx.json and not rows_out, grouped = not ctx.json,
      rules = ctx.profile.rules and ft.array(ctx.profile.rules),
    }
    local report
    if #ctx.args.path > 0 then
      report = check_files(ctx, request)
    elseif ctx.project then
      report = check_project(ctx, request)
    else
      refuse(nil, "there is nothing to check", "name a file, or go to a project's folder")
    end
    if not ctx.json then print_report(report, o.limit, o.fix) end
    if estimate then ui.line("  %s", estimate) end
    if report.incomplete then
      ui.note("fthost: %s", ft.error(report.incomplete))
    end
    -- With --json the report has been written as it came, unless the rows have standard output.
    return ctx.json and rows_out and report or nil, report.errors == 0 and not report.incomplete and 0 or 1
  end,
}

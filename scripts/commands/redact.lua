-- fthost redact: placeholders for personal data and secrets, in a file of rows or in the project's examples.
local ft = require "ft"
local ui = require "ft.ui"
local findings = require "ft.findings"
local personal = require "ft.personal"

local function refuse(message, hint)
  error(ft.error { code = "config", message = message, where = "redact", hint = hint or "see fthost redact --help" })
end

local function check(ctx)
  local o = ctx.options
  if o.consistent and o.consistent ~= "row" and o.consistent ~= "dataset" then
    refuse(('--consistent is "%s"'):format(o.consistent), "give row or dataset")
  end
  if o.mask and o.consistent == "dataset" then refuse("--mask and --consistent dataset exclude each other", "give one of them") end
  if o.key_file and o.consistent ~= "dataset" then refuse "--key-file is for --consistent dataset" end
  if o.apply and ctx.args.file then
    refuse("--apply puts the project's examples back, and a file is named", "give --output for a file")
  end
  if not ctx.args.file and not ctx.project then
    error(ft.error { code = "config", message = "there is nothing to redact", hint = "name a file, or go to a project's folder" })
  end
  if o.report == "-" then refuse("--report goes to a file", "give a name") end
  for _, output in pairs { o.output ~= "-" and o.output or nil, o.report } do
    for _, input in ipairs { o.key_file or false, table.unpack(o.secrets or {}) } do
      if input and ft.fs.resolve(input) == ft.fs.resolve(output) then refuse(output .. " is read and cannot be written", "give another file") end
    end
  end
end

-- The same bytes whoever reads it: without the line end that an editor adds.
local function key_of(path)
  if not path then return nil end
  local key = ft.fs.read(path):gsub("[\r\n]+$", "")
  if #key < 16 then refuse(("the key in %s has %d bytes"):format(path, #key), "16 or more keep the values from being guessed") end
  return key
end

return {
  summary = "replace personal data and secrets by placeholders",
  usage = "[FILE] [--output FILE] [--apply] [--kinds LIST] [--mask | --consistent dataset] [--report FILE]",
  details = "FILE is a file of JSON rows, one a line, plain or compressed, or - for standard input; without it the project's examples.\n" ..
    "Without --output and --apply nothing is written: what would be replaced is counted. Every string is looked at, JSON within\n" ..
    "strings too, and every other byte stays as it is. A value has the same number wherever it stands in a row: [EMAIL_1]. Ids\n" ..
    "and what is said about a record (rating, tags, metadata ...) stay, and are counted. Lines that are no rows are listed, left\n" ..
    "out and make the exit code 1.",
  project = "optional",
  positional = { { name = "file", help = "a file of rows or -, instead of the project's examples" } },
  options = {
    { name = "output", type = "string", help = "the file to write, or -" },
    { name = "apply", type = "flag", help = "put the project's changed examples back, after a question" },
    { name = "kinds", type = "list", help = "email, phone, card, iban, ip, secret or all; otherwise all but ip" },
    { name = "mask", type = "flag", help = "write what may be shown (a***@***.com) and no placeholder" },
    { name = "consistent", type = "string", help = "row (the default), or dataset: a value has one placeholder everywhere" },
    { name = "key-file", type = "string", help = "the key of --consistent dataset; otherwise a new one each time, kept nowhere" },
    { name = "all-fields", type = "flag", help = "also in metadata and other bookkeeping, and in ids but the record's own" },
    { name = "secrets", type = "list", help = "a table of more keys, like scripts/data/secrets.json; may be given again" },
    { name = "report", type = "string", help = "a file of JSON lines: where what stood, masked" },
    { name = "strict", type = "flag", help = "write nothing where a line is no row" },
  },
  run = function(ctx)
    check(ctx)
    local o, file = ctx.options, ctx.args.file
    if o.output == "-" then ui.give_up_output() end
    local request = {
      kinds = personal.kind_list(o.kinds, "--kinds"), secrets = personal.secrets(ctx.project, o.secrets),
      style = o.mask and "masked" or o.consistent == "dataset" and "keyed" or "numbered", key = key_of(o.key_file),
      all_fields = o.all_fields, strict = o.strict, output = o.output, report = o.report,
    }
    local name = file or "the project's examples"
    if file then request.path = file else request.source = ctx.project:dataset():source() end
    if o.apply then
      local first = {}
      for key, value in pairs(request) do first[key] = value end
      first.output, first.report = nil, nil
      local found = ft.flow.redact(first)
      if found.changed > 0 and not (o.strict and found.errors > 0) then
        ui.confirm(ctx, ("Replace %s in %s of the project? What stood there is gone then."):format(
          personal.counts(found.replaced), ui.count(found.changed, "example")))
        request.apply = true
      end
    end
    local report = ft.flow.redact(request)
    report.applied = request.apply == true and not report.refused
    if report.refused then
      ui.line("%s: refused by --strict; nothing was written", name)
    else
      local written = report.applied and "put back" or o.apply and not o.output and "there is nothing to put back"
        or o.output and not report.written and "no row could be read, so nothing was written"
        or o.output and ("written to " .. (o.output == "-" and "standard output" or o.output))
        or "nothing was written: give --output" .. (file and "" or " or --apply")
      ui.line("%s: %s in %d of %s; %s", name, personal.counts(report.replaced), report.changed, ui.count(report.rows, "row"), written)
    end
    if next(report.left) then
      ui.line("  left in ids and bookkeeping fields: %s%s", personal.counts(report.left), o.all_fields and "" or "; --all-fields replaces them")
    end
    findings.print(report.findings, nil, report.errors)
    return report, (report.refused or report.errors > 0 or o.output and not report.written) and 1 or 0
  end,
}

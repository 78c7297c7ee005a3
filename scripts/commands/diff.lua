-- fthost diff: what differs between two versions of a dataset, row by row and field by field.
local ft = require "ft"
local ui = require "ft.ui"
local command = require "ft.command"
local findings = require "ft.findings"

local signs = { added = { "+", "green" }, removed = { "-", "red" }, changed = { "~", "yellow" } }

-- A JSON string as its text, anything else as JSON.
local function shown(json)
  return json:sub(1, 1) == '"' and ft.json.decode(json) or json
end

-- Where two texts begin to differ, if that is far from their beginning; 1 otherwise.
local function first_difference(old, new)
  local at = 1
  while at <= #old and at <= #new and old:byte(at) == new:byte(at) do at = at + 1 end
  local from = at - 20
  while from > 1 and (old:byte(from) or 0) & 0xC0 == 0x80 do from = from - 1 end
  return from > 20 and from or 1
end

local function value_line(sign, colour, text, from)
  if from > 1 then text = "…" .. text:sub(from) end
  ui.line("%s", "      " .. ui.paint(sign .. " " .. ui.fit(text, ft.term.width() - 8), colour))
end

local function show_field(field)
  ui.line("    %s", ui.fit(field.path == "" and "(the whole row)" or field.path, ft.term.width() - 4))
  local old, new = field.old, field.new
  if old and new then
    -- 8 and "8" would look alike.
    if (old:sub(1, 1) == '"') == (new:sub(1, 1) == '"') then old, new = shown(old), shown(new) end
    local from = first_difference(old, new)
    value_line("-", "red", old, from)
    value_line("+", "green", new, from)
  elseif old then
    value_line("-", "red", shown(old), 1)
  else
    value_line("+", "green", shown(new), 1)
  end
end

-- A record in one line: its question and its answer, or else all of it.
local function summary_of(json)
  local record = ft.try(ft.json.decode, json)
  local question, answer
  local messages = record and type(record.messages) == "table" and record.messages or {}
  for _, message in ipairs(messages) do
    local text = type(message) == "table" and type(message.content) == "string" and message.content
    if text and message.role == "user" and not question then question = text end
    if text and message.role == "assistant" then answer = text end
  end
  return question and answer and question .. " → " .. answer or json
end

local function show(change)
  local sign, colour = table.unpack(signs[change.kind])
  local place
  if change.line_a and change.line_b then
    place = change.line_a == change.line_b and ("line %d"):format(change.line_a) or ("line %d, then %d"):format(change.line_a, change.line_b)
  else
    place = ("line %d"):format(change.line_a or change.line_b)
  end
  local head = ("%s %s (%s)"):format(sign, ui.fit(change.id, 40), place)
  if change.kind == "changed" then
    ui.line("%s", ui.paint(head, colour))
    for _, field in ipairs(change.fields) do show_field(field) end
  else
    local record = change.fields[1].new or change.fields[1].old
    local room = ft.term.width() - ft.text.display_width(head) - 2
    ui.line("%s  %s", ui.paint(head, colour), ui.fit(summary_of(record), math.max(16, room)))
  end
end

-- The files to compare: of one the project's examples are the second.
local function files_of(ctx)
  local a, b = ctx.args.a, ctx.args.b
  if b then return a, b end
  if not ctx.project or ctx.project.config.storage ~= "jsonl" then
    error(ft.error {
      code = "config", message = "needs two versions to compare", where = "diff",
      hint = "name two files; in a project whose storage is jsonl the examples are the second",
    })
  end
  ctx.project:dataset():count() -- brings what is pending into the file
  return a, ctx.project:resolve "data/examples.jsonl"
end

local function field_names(list)
  local names = {}
  for _, item in ipairs(list or {}) do
    for name in item:gmatch "[^,]+" do names[#names + 1] = name:match "^%s*(.-)%s*$" end
  end
  return names
end

return {
  summary = "show what differs between two versions of a dataset, by id",
  usage = "A [B] [--fields NAMES] [--ids ID] [--limit N]",
  details = "A and B are files of JSON lines, plain or compressed with gzip or zstd; one of them may be - for standard input.\n" ..
    "Without B the project's examples are compared with A. Rows without an id are known by their content. Spacing, escapes\n" ..
    "and the order of keys do not matter. Exit 0 if they are equal, 1 if they differ, 2 if something could not be read.",
  project = "optional",
  positional = {
    { name = "a", help = "the earlier version", required = true },
    { name = "b", help = "the later version (default: the project's examples)" },
  },
  options = {
    { name = "fields", type = "list", help = "compare only these fields, like messages,metadata.topic" },
    { name = "ids", type = "list", help = "compare only the row with this id; may be given again" },
    { name = "limit", type = "integer", minimum = 0, default = 20, help = "rows to print" },
  },
  run = function(ctx)
    local a, b = files_of(ctx)
    local limit = ctx.options.limit
    local report = command.or_trouble(ft.flow.diff, {
      a = a, b = b, fields = ft.array(field_names(ctx.options.fields)), ids = ft.array(ctx.options.ids), limit = ctx.json and 0 or limit,
      document = ctx.json and "-" or nil,
    })
    local listed = report.added + report.removed + report.changed
    local code = report.errors > 0 and 2 or (listed + report.moved > 0 and 1 or 0)
    if ctx.json then return nil, code end
    for _, change in ipairs(report.changes) do show(change) end
    if listed > #report.changes then ui.line("… and %s (--json lists all)", ui.count(listed - #report.changes, "more row")) end
    findings.print(report.findings)
    local counts = {}
    for _, name in ipairs { "added", "removed", "changed", "moved", "equal" } do counts[#counts + 1] = ("%d %s"):format(report[name], name) end
    ui.line("%s (%s), %s (%s): %s", report.a, ui.count(report.rows.a, "row"), ctx.args.b or "data/examples.jsonl", ui.count(report.rows.b, "row"), table.concat(counts, ", "))
    return nil, code
  end,
}

-- fthost plugin list|help|rules|check
local ft = require "ft"
local ui = require "ft.ui"

local function list(ctx)
  if ctx.args.name then
    error(ft.error { code = "config", message = ('takes no argument "%s"'):format(ctx.args.name), where = "plugin list", hint = ("see fthost plugin help %s"):format(ctx.args.name) })
  end
  local all, rows = ft.plugin.list(), {}
  for i, item in ipairs(all) do
    item.rules = nil -- `plugin rules` gives them
    rows[i] = { item.kind, item.name, item.version or "", item.problem and ui.paint("refused", "red") or item.shadowed and "shadowed" or "", item.summary or item.problem or "" }
  end
  ui.line("%s", ui.table({ "kind", "name", "version", "", "summary" }, rows))
  return ft.array(all)
end

-- The one plugin of this name: "scorer/exact", or "exact" where only one kind has it.
local function find(name)
  local kind, plain = name:match "^(%a+)/(.+)$"
  local found, names = {}, {}
  for _, item in ipairs(ft.plugin.list()) do
    if item.name == (plain or name) and (not kind or item.kind == kind) and not item.shadowed then found[#found + 1] = item end
    names[#names + 1] = item.name
  end
  if #found == 1 then return found[1] end
  if #found > 1 then
    error(ft.error { code = "config", message = ('several kinds have a plugin "%s"'):format(name), hint = ("say which: %s/%s"):format(found[1].kind, name) })
  end
  local near = ft.text.nearest(plain or name, names)
  error(ft.error { code = "config", message = ('there is no plugin "%s"'):format(name), hint = near and ('did you mean "%s"?'):format(near) or "fthost plugin list lists them" })
end

-- Where a rule looks: a pattern of JSON pointers. What is about the file as a whole has none.
local function place_of(rule)
  if rule.rows or rule.bytes or rule.same_keys then return "the file" end
  local place = (rule.at or "") .. (rule.field or "")
  return place == "" and "the row" or place
end

local function print_rules(rules)
  local rows = {}
  for i, rule in ipairs(rules) do rows[i] = { rule.code, rule.severity, place_of(rule), rule.message } end
  ui.line("\nRules that validate checks:\n%s", ui.table({ "code", "severity", "where", "" }, rows))
end

local function help(ctx)
  local name = ctx.args.name or error(ft.error { code = "config", message = "give the plugin's NAME", where = "plugin help", hint = "fthost plugin list lists them" })
  local item = find(name)
  if item.problem then error(ft.error { code = "config", message = item.problem }) end
  ui.line("%s %s %s: %s", item.kind, ui.paint(item.name, "bold"), item.version, item.summary)
  ui.line("File: %s", item.path)
  if #item.flags > 0 then ui.line("Flags: %s", table.concat(item.flags, ", ")) end
  if #item.operations > 0 then ui.line("Operations: %s", table.concat(item.operations, ", ")) end
  if #item.columns > 0 then
    local columns = {}
    for i, pointer in ipairs(item.columns) do columns[i] = pointer == "" and "all of it" or pointer end
    ui.line("Reads of a row: %s", table.concat(columns, ", "))
  end
  local rows, names = {}, {}
  for key in pairs(item.config_schema.properties or {}) do names[#names + 1] = key end
  table.sort(names)
  for i, key in ipairs(names) do
    local option = item.config_schema.properties[key]
    local kind = type(option.type) == "table" and table.concat(option.type, " or ") or option.type or ""
    if option.enum then kind = {} for j, value in ipairs(option.enum) do kind[j] = tostring(value) end kind = table.concat(kind, " | ") end
    rows[i] = { key, kind, option.default ~= nil and ft.json.encode(option.default) or "", option.description or "" }
  end
  if #rows == 0 then ui.line "It takes no options" else ui.line("\n%s", ui.table({ "option", "type", "default", "" }, rows)) end
  if item.rules then print_rules(item.rules) end
  return item
end

-- The rules of the formats' plugins as a document in Markdown: docs/rules.md is what this prints.
local function rules(ctx)
  local name, documented = ctx.args.name, ft.array {}
  for _, item in ipairs(ft.plugin.list()) do
    if item.rules and not item.shadowed and (not name or item.name == name) then documented[#documented + 1] = item end
  end
  if name and #documented == 0 then
    local item = find(name)
    error(ft.error { code = "config", message = "has no rules", where = item.kind .. " " .. item.name, hint = "fthost plugin rules prints those of all formats" })
  end
  local function cell(text) return (text:gsub("|", "\\|")) end
  if not name then
    ui.line "# Rules of the formats\n"
    ui.line "What `fthost validate` checks in the rows of a format, beside the host's own findings ([data.md](data.md)). Each plugin brings its"
    ui.line "rules as a table; this document is made of those tables: `fthost plugin rules >docs/rules.md`. `{value}`, `{key}` and `{count}` stand"
    ui.line "for what was found. What is marked with * is mended by `--fix`; what is marked with ¹ is counted and told once for the file."
  end
  for _, item in ipairs(documented) do
    ui.line("%s## %s\n\n%s.\n", name and "" or "\n", item.name, item.summary)
    ui.line "| code | severity | where | is found | to do |\n|---|---|---|---|---|"
    for _, rule in ipairs(item.rules) do
      ui.line("| `%s`%s%s | %s | %s | %s | %s |", rule.code, rule.fix and " \\*" or "", rule.once and " ¹" or "", rule.severity,
        (place_of(rule):gsub("^/.*", "`%0`")), cell(rule.message), cell(rule.hint or ""))
    end
  end
  for i, item in ipairs(documented) do documented[i] = { name = item.name, rules = item.rules } end
  return documented
end

local function check(ctx)
  local name = ctx.args.name or error(ft.error {
    code = "config", message = "give the plugin's NAME, or the path of its .so", where = "plugin check", hint = "fthost plugin list lists them",
  })
  local path = name
  if name:match "%.so$" then
    if not ft.fs.exists(name) then
      error(ft.error { code = "config", message = "there is no such file", where = name, hint = "check the path" })
    end
  else
    local item = find(name)
    if item.path == "(built in)" then
      path = item.kind .. "/" .. item.name
    else
      path = item.path
    end
  end
  local report = ft.plugin.check(path)
  for _, result in ipairs(report.checks) do
    ui.line("  %s %s%s", result.ok and ui.paint("ok  ", "green") or ui.paint("FAIL", "red"), result.check, result.message and result.message ~= "" and ": " .. result.message or "")
  end
  if report.crashed then ui.line("  %s %s", ui.paint("FAIL", "red"), report.crashed) end
  ui.line("%s: %s", path, report.ok and ui.paint("conforms", "green") or ui.paint("does not conform", "red"))
  return report, report.ok and 0 or 1
end

local verbs = { list = list, help = help, rules = rules, check = check }

return {
  summary = "list plugins, explain one or its rules, or check that one keeps its contract",
  usage = "list | help NAME | rules [NAME] | check NAME|PATH",
  positional = {
    { name = "verb", help = "list, help, rules or check", required = true },
    { name = "name", help = "a plugin: NAME or KIND/NAME; for check also a path" },
  },
  run = function(ctx)
    local verb = verbs[ctx.args.verb]
    if not verb then
      local near = ft.text.nearest(ctx.args.verb, { "list", "help", "rules", "check" })
      error(ft.error {
        code = "config", message = ('fthost plugin has no "%s"'):format(ctx.args.verb),
        hint = near and ('did you mean "%s"?'):format(near) or "give list, help, rules or check",
      })
    end
    return verb(ctx)
  end,
}

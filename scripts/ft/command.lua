-- Commands: where they are, how their options are parsed, how their results are printed.
local ft = require "ft"
local ui = require "ft.ui"

local M = {}

-- Folders of commands, first one wins: a trusted project's, then the installed ones.
local function folders()
  local list = {}
  if ft.host.project_trusted() then list[#list + 1] = ft.host.project_folder() .. "/commands" end
  list[#list + 1] = ft.host.scripts_folder() .. "/commands"
  return list
end

-- Names and paths of all commands, sorted by name.
function M.list()
  local seen, all = {}, {}
  for _, folder in ipairs(folders()) do
    for _, name in ipairs(ft.fs.exists(folder) and ft.fs.list(folder) or {}) do
      local stem = name:match "^([%w_-]+)%.lua$"
      if stem and not seen[stem] then
        seen[stem] = true
        all[#all + 1] = { name = stem, path = folder .. "/" .. name }
      end
    end
  end
  table.sort(all, function(a, b) return a.name < b.name end)
  return all
end

local function load_command(entry)
  local spec = ft.host.load(entry.path)()
  if type(spec) ~= "table" or type(spec.run) ~= "function" then
    error(ft.error { code = "config", message = "a command returns a table with a function `run`", where = entry.path })
  end
  spec.name = entry.name
  return spec
end

-- The order in which a person meets them; the rest follow by name.
local story = { "init", "add", "import", "stats", "validate", "tokens", "cost", "split", "format", "train", "status", "eval", "run" }

-- The summary, or what is wrong with the command.
local function summary_of(entry)
  local spec, problem = ft.try(load_command, entry)
  return ui.one_line(spec and tostring(spec.summary or "") or "broken: " .. tostring(problem))
end

function M.print_overview(out)
  out:write "fthost: the whole life of a fine-tuning dataset, from one command line\n\n"
  out:write "Usage: fthost [--project DIR] [--plugin-dir DIR] [--json] [--yes] [--log LEVEL] COMMAND [options]\n\n"
  local rank = {}
  for i, name in ipairs(story) do rank[name] = i end
  local all = M.list()
  table.sort(all, function(a, b)
    local x, y = rank[a.name] or 99, rank[b.name] or 99
    if x ~= y then return x < y end
    return a.name < b.name
  end)
  for _, entry in ipairs(all) do
    out:write(("  %-10s %s\n"):format(entry.name, summary_of(entry)))
  end
  out:write("\nHost options, before or after the command:\n", ft.host.options_help(), "\n")
  out:write "fthost COMMAND --help says more of one. Exit: 0 done; 1 the work says no; 2 usage or configuration;\n"
  out:write "3 the provider or the network failed; 130 interrupted.\n"
end

-- The command of this name, or of another spelling that the project's profile knows.
local function find(name, project)
  local names = {}
  local spelled = project and project.profile.commands and project.profile.commands[name]
  for _, entry in ipairs(M.list()) do
    if entry.name == (spelled or name) then return load_command(entry) end
    names[#names + 1] = entry.name
  end
  local own = name:match "^[%w_-]+$" and ft.fs.exists(ft.host.project_folder() .. "/commands/" .. name .. ".lua")
  local near = ft.text.nearest(name, names)
  error(ft.error {
    code = "config", message = ('there is no command "%s"'):format(name),
    hint = own and "this project brings one, which counts after: fthost trust"
      or near and ('did you mean "%s"?'):format(near) or "fthost --help lists them",
  })
end

local schema_types = { flag = "boolean", integer = "integer", number = "number", string = "string", list = "array" }

-- What the project's `defaults` may hold for a command: its options, as its table has them.
local function defaults_schema(entry)
  local properties = {}
  for _, option in ipairs(load_command(entry).options or {}) do
    properties[option.name:gsub("-", "_")] = {
      type = schema_types[option.type], minimum = option.minimum, maximum = option.maximum,
      items = option.type == "list" and { type = "string" } or nil,
    }
  end
  return { type = "object", additionalProperties = false, properties = properties }
end

-- The project's `defaults`, or an error that names the file and what is wrong in it. Only commands named there are loaded.
local function check_defaults(project)
  local given = project.config.defaults
  if not given then return end
  local commands = {}
  for _, entry in ipairs(M.list()) do
    commands[entry.name] = given[entry.name] ~= nil and defaults_schema(entry) or { type = "object" }
  end
  ft.config.check({ defaults = given }, {
    type = "object", properties = { defaults = { type = "object", additionalProperties = false, properties = commands } },
  }, project.path)
end

-- Whole numbers and numbers have a least and a greatest value where the option's table says so.
local function check_ranges(spec, options)
  for _, option in ipairs(spec.options or {}) do
    local value = options[option.name:gsub("-", "_")]
    local low = value and option.minimum and value < option.minimum
    if low or value and option.maximum and value > option.maximum then
      error(ft.error {
        code = "config", where = "--" .. option.name,
        message = ("%s is %s than %s"):format(value, low and "less" or "more", low and option.minimum or option.maximum),
        hint = ("give %s or %s"):format(low and option.minimum or option.maximum, low and "more" or "less"),
      })
    end
  end
end

-- Options whose default depends on the profile are filled in from profile.defaults[command].
local function fill_defaults(spec, options, project, profile)
  if project then check_defaults(project) end
  local from_profile = profile.defaults[spec.name] or {}
  local from_project = project and project.config.defaults and project.config.defaults[spec.name] or {}
  for _, option in ipairs(spec.options or {}) do
    local key = option.name:gsub("-", "_")
    if options[key] == nil then options[key] = from_project[key] end
    if options[key] == nil then options[key] = from_profile[key] end
    if options[key] == nil then options[key] = option.default end
  end
end

-- {"key=value", …} as a table: numbers and booleans as such, everything else as text. `option` is named in the error.
function M.assignments(list, option)
  local values = {}
  for _, item in ipairs(list or {}) do
    local key, value = item:match "^([%w_]+)=(.*)$"
    if not key then
      error(ft.error { code = "config", message = ('"%s" is not KEY=VALUE'):format(item), where = option })
    end
    if value == "true" or value == "false" then value = value == "true" end
    values[key] = math.tointeger(value) or tonumber(value) or value
  end
  return values
end

-- fn(...); an error of it ends the command with exit code 2. For commands whose 1 is an answer, as that of diff is.
function M.or_trouble(fn, ...)
  local result, problem = ft.try(fn, ...)
  if problem then
    if problem.code ~= "cancelled" then problem.exit = 2 end
    error(problem)
  end
  return result
end

-- A rating out of what was typed: the number, or nil and a sentence that calls it `shown`.
function M.rating_of(given, shown)
  local value = math.tointeger(tonumber(given))
  if value and value >= 1 and value <= 10 then return value end
  return nil, shown .. " is not a rating: give a whole number from 1 to 10"
end

-- Raises what is wrong with a rating that was given as `where`.
function M.check_rating(given, where, shown)
  local value, problem = M.rating_of(given, shown or tostring(given))
  if not value then error(ft.error { code = "config", message = problem, where = where }) end
end

-- Runs a command and returns its exit code, which the host checks; an error is the host's to say, with --json as well.
function M.run(name, words, host)
  local projects = require "ft.project"
  local known = projects.find(host.project)
  local spec = find(name, known)
  local parsed = ft.cli.parse({
    command = "fthost " .. name, summary = spec.summary, usage = spec.usage, details = spec.details,
    options = spec.options or {}, positional = spec.positional or {}, rest = spec.rest,
  }, words)
  if parsed.help then
    io.write(parsed.help)
    return 0
  end
  local project
  if spec.project == "needed" then
    project = projects.open(host.project)
  elseif spec.project == "optional" then
    project = known
  end
  local profile = project and project.profile or projects.profile "default"
  local ctx = {
    options = parsed.options, given = {}, args = parsed.positional, rest = parsed.rest, project = project, profile = profile,
    json = host.json, yes = host.yes, host = host, folder = host.project,
    interactive = ft.term.is_terminal(0) and ft.term.is_terminal(2) and not host.json,
  }
  for key, value in pairs(ctx.options) do ctx.given[key] = value end
  ui.quiet = host.json
  fill_defaults(spec, ctx.options, project, profile)
  check_ranges(spec, ctx.options)
  local result, code = spec.run(ctx)
  if project then project:close() end
  if host.json and result ~= nil then
    ui.document(result)
  end
  return code
end

return M

-- ft.prices: what training costs, from data that a person can edit: prices.json of the project, of the user, and the one
-- that is installed. A row of an earlier file goes before one of the same model in a later one.
local ft = require "ft"

local M = {}

local number = { type = "number", minimum = 0 }
local schema = {
  type = "object", additionalProperties = false, required = ft.array { "schema_version", "prices" },
  properties = {
    schema_version = { type = "integer", minimum = 1, maximum = 1 },
    about = { type = "string" },
    prices = {
      type = "array",
      items = {
        type = "object", additionalProperties = false, required = ft.array { "model", "train", "date", "source" },
        properties = {
          model = { type = "string", minLength = 1 },
          train = number, input = number, cached = number, output = number, -- USD per million tokens
          limit = { type = "integer", minimum = 1 }, -- tokens of an example; what is beyond is cut off and not billed
          epochs = { type = ft.array { "string", "integer" }, minimum = 1 }, -- the provider's default: a number, or "cookbook"
          encoding = { type = "string" }, -- where the model's name does not tell
          listed = { type = "boolean" }, -- false: only where it is asked for by name
          date = { type = "string", minLength = 1 }, source = { type = "string", minLength = 1 },
        },
      },
    },
  },
}

local function files(project)
  local list = {}
  if project then list[1] = project:resolve "prices.json" end
  local config = ft.host.env "XDG_CONFIG_HOME"
  local home = ft.host.env "HOME"
  if not config and home then config = home .. "/.config" end
  if config then list[#list + 1] = config .. "/fthost/prices.json" end
  list[#list + 1] = ft.host.scripts_folder() .. "/data/prices.json"
  return list
end

-- All rows, the project's first, each with the `file` it is from.
function M.list(project)
  local rows, seen = {}, {}
  for _, path in ipairs(files(project)) do
    if ft.fs.exists(path) then
      local content, problem = ft.try(ft.json.decode, ft.fs.read(path), { where = path })
      if problem then error(ft.error { code = "config", message = problem.message, where = path, hint = "mend it, or move it away" }) end
      local here = {}
      for _, row in ipairs(ft.config.check(content, schema, path).prices) do
        if type(row.epochs) == "string" and row.epochs ~= "cookbook" then
          error(ft.error {
            code = "config", message = ('%s: the epochs are "%s"'):format(row.model, row.epochs), where = path,
            hint = 'give a whole number or "cookbook"',
          })
        end
        if not seen[row.model] then
          row.file = path
          rows[#rows + 1], here[#here + 1] = row, row.model
        end
      end
      for _, model in ipairs(here) do seen[model] = true end
    end
  end
  return rows
end

-- The row of a model, or an error that names the nearest. A dated name has the price of the one it goes on from, and the
-- other way round: "gpt-4o" is "gpt-4o-2024-08-06".
function M.of(rows, model)
  local base = model:gsub("^ft:", ""):gsub(":.*$", "")
  for _, row in ipairs(rows) do
    if row.model == base then return row end
  end
  for _, row in ipairs(rows) do
    local rest = row.model:sub(1, #base) == base and row.model:sub(#base + 1)
    if rest and rest:match "^%-%d[%d-]*$" then return row end
  end
  local names = {}
  for i, row in ipairs(rows) do names[i] = row.model end
  local near = ft.text.nearest(base, names)
  error(ft.error {
    code = "config", message = ('there is no price of "%s"'):format(model), where = "--model",
    hint = (near and ('did you mean "%s"? '):format(near) or "") .. "add a row to prices.json in the project",
  })
end

-- The epochs that OpenAI's cookbook expects where none are given, for so many examples: 3, more so that there are 100
-- examples to see (25 at most), fewer so that there are no more than 25,000 (1 at least).
function M.default_epochs(examples)
  local target, least, most = 3, 100, 25000
  if examples == 0 then return target end
  if examples * target < least then return math.min(25, least // examples) end
  if examples * target > most then return math.max(1, most // examples) end
  return target
end

return M

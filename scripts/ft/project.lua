-- A project: a folder with fthost.json. Opens it, checks it, and gives its profile, dataset, provider and runs.
local ft = require "ft"

local M = {}
local Project = {}
Project.__index = Project

M.schema_version = 1
M.file = "fthost.json"

-- What fthost.json may hold; checked before anything is done with it.
local schema = {
  type = "object", additionalProperties = false, required = ft.array { "schema_version", "name" },
  properties = {
    schema_version = { type = "integer", minimum = 1 },
    name = { type = "string", minLength = 1 },
    provider = { type = "string", default = "local" },
    provider_options = { type = "object" },
    base_model = { type = "string", default = "" },
    storage = { type = "string", default = "jsonl" },
    profile = { type = "string", default = "default" },
    format = { type = "string", default = "openai-chat" },
    formats = { -- by names of the project's own: a plugin and its options
      type = "object",
      additionalProperties = {
        type = "object", additionalProperties = false, required = ft.array { "format" },
        properties = { format = { type = "string", minLength = 1 }, options = { type = "object" } },
      },
    },
    defaults = { type = "object" }, -- by command, then by option: goes before the profile's; ft.command checks it
    thresholds = {
      type = "object", additionalProperties = false,
      properties = {
        ready = {
          type = "object", additionalProperties = false,
          properties = { min_examples = { type = "integer", minimum = 0 }, min_rating = { type = "integer", minimum = 1, maximum = 10 } },
        },
        max_tokens = { type = "integer", minimum = 1 },
        inconsistent = {
          type = "object", additionalProperties = false,
          properties = { prompt = { type = "number", exclusiveMinimum = 0, maximum = 1 }, answer = { type = "number", exclusiveMinimum = 0, maximum = 1 } },
        },
        buckets = { type = "array", items = { type = "array", minItems = 3, maxItems = 3, items = { type = ft.array { "string", "integer" } } } },
      },
    },
  },
}

-- The profile's thresholds with the project's in their place.
local function set_thresholds(profile, given, path)
  for key, value in pairs(given.ready or {}) do profile.thresholds.ready[key] = value end
  for i, bucket in ipairs(given.buckets or {}) do
    if type(bucket[1]) ~= "string" or math.type(bucket[2]) ~= "integer" or math.type(bucket[3]) ~= "integer" then
      error(ft.error {
        code = "config", message = ("/thresholds/buckets/%d: is not a name and two ratings"):format(i - 1), where = path,
        hint = 'write, for example, ["8+", 8, 10]',
      })
    end
  end
  profile.thresholds.max_tokens = given.max_tokens or profile.thresholds.max_tokens
  for key, value in pairs(given.inconsistent or {}) do profile.thresholds.inconsistent[key] = value end
  profile.thresholds.buckets = given.buckets or profile.thresholds.buckets
end

-- What a frozen split may hold.
local id_list = { type = "array", items = { type = "string" } }
local parts = {
  type = "object", additionalProperties = false, required = ft.array { "train" },
  properties = { train = id_list, validation = id_list, test = id_list },
}
local split_schema = {
  type = "object", additionalProperties = false, required = ft.array { "schema_version", "parts" },
  properties = {
    schema_version = { type = "integer", minimum = 1 },
    created_at = { type = "string" },
    seed = { type = "integer" },
    rule = {
      type = "object", additionalProperties = false,
      properties = {
        train = { type = "number" }, test = { type = "number" }, min_rating = { type = "number" },
        by = { type = "string" }, group = { type = "string" }, holdout = { type = "string" }, near = { type = "number" },
      },
    },
    parts = parts,
    left_out = parts, -- of the earlier split, and not in the view that was split last, or not there then
  },
}

-- The JSON document in a file, checked; a damaged one, or one of a newer version, is an error.
local function read_checked(path, document_schema, version)
  local decoded, problem = ft.try(ft.json.decode, ft.fs.read(path), { where = path })
  if problem then error(ft.error { code = "config", message = problem.message, where = path, hint = "mend it, or move it away" }) end
  local found = type(decoded) == "table" and decoded.schema_version
  if math.type(found) == "integer" and found > version then
    error(ft.error {
      code = "config", message = ("has schema version %d and this fthost knows up to %d"):format(found, version),
      where = path, hint = "update fthost",
    })
  end
  return ft.config.check(decoded, document_schema, path)
end

-- The profile of this name, or an error that names those there are. `path`: the file that asks for it.
function M.profile(name, path)
  local folder = ft.host.scripts_folder() .. "/profiles"
  local names = {}
  for _, file in ipairs(ft.fs.list(folder)) do
    local stem = file:match "^(.+)%.lua$"
    if stem == name then return ft.host.load(folder .. "/" .. file)() end
    names[#names + 1] = stem
  end
  error(ft.error {
    code = "config", message = ('there is no profile "%s"'):format(name), where = path,
    hint = "there are " .. table.concat(names, ", "),
  })
end

-- The project in `folder`, or nil without fthost.json. A damaged fthost.json is an error.
function M.find(folder)
  local path = folder .. "/" .. M.file
  if not ft.fs.exists(path) then return nil end
  local config = read_checked(path, schema, M.schema_version)
  local profile = M.profile(config.profile, path)
  set_thresholds(profile, config.thresholds or {}, path)
  return setmetatable({ folder = folder, path = path, config = config, profile = profile }, Project)
end

function M.open(folder)
  return M.find(folder) or error(ft.error {
    code = "config", message = "this is not a project: there is no " .. M.file, where = folder,
    hint = "make one here with fthost init, or name one with --project DIR",
  })
end

-- Writes a new project. `fields`: name, provider, base_model, storage, profile, format.
function M.create(folder, fields)
  local config = { schema_version = M.schema_version }
  for key, value in pairs(fields) do config[key] = value end
  config = ft.config.check(config, schema, M.file)
  ft.fs.mkdir(folder .. "/data")
  ft.fs.write(folder .. "/" .. M.file, ft.json.encode(config, { pretty = true }) .. "\n")
  local ignore = folder .. "/.gitignore"
  if not ft.fs.exists(ignore) then ft.fs.write(ignore, ".fthost/\n") end
  return M.open(folder)
end

-- An absolute path for one inside the project.
function Project:resolve(relative)
  if relative:sub(1, 1) == "/" then return relative end
  return self.folder .. "/" .. relative
end

function Project:close()
  if self.data then self.data:close() end
end

-- The examples.
function Project:dataset()
  if not self.data then
    local storage = self.config.storage
    if storage == "jsonl" then
      self.data = ft.dataset.open(self:resolve "data/examples.jsonl", { name = "data/examples.jsonl" })
    else
      local name, path = storage:match "^([%a][%w-]+):(.+)$"
      if not name then
        error(ft.error {
          code = "config", message = ('"%s" is no storage'):format(storage), where = self.path,
          hint = 'storage is "jsonl" or "NAME:PATH", like "sqlite:data/examples.db"',
        })
      end
      self.data = ft.dataset.open(name .. ":" .. self:resolve(path), { name = storage })
    end
  end
  return self.data
end

function Project:provider(name)
  return ft.provider(name or self.config.provider, (not name or name == self.config.provider) and self.config.provider_options or nil)
end

-- The frozen split of this name ("default"), or nil: {schema_version, created_at, seed, rule, parts, left_out}.
function Project:read_split(name)
  local path = self:resolve("data/splits/" .. (name or "default") .. ".json")
  if not ft.fs.exists(path) then return nil end
  return read_checked(path, split_schema, 1)
end

-- Returns where it is, as seen from the project.
function Project:write_split(split, name)
  local path = "data/splits/" .. (name or "default") .. ".json"
  ft.fs.mkdir(self:resolve "data/splits")
  ft.fs.write(self:resolve(path), ft.json.encode(split, { pretty = true }) .. "\n")
  return path
end

-- The examples that a split divides: all, those rated `min_rating` or better, or rated ones where the profile says so.
function Project:splittable(min_rating)
  local data = self:dataset()
  if min_rating then return data:where { rating = ">=" .. min_rating } end
  return self.profile.rated_only and data:where { has = "rating" } or data
end

-- How many examples are in no part of a split and would be if it were made again by its rule, as those imported since
-- are; and the command that does so.
function Project:count_unsplit(split)
  local ids = ft.array {}
  for _, part in pairs(split.parts) do table.move(part, 1, #part, #ids + 1, ids) end
  local least = split.rule and split.rule.min_rating
  local view = self:splittable(least)
  return view:count() - view:where({ ids = ids }):count(), "fthost split" .. (least and (" --min-rating %g"):format(least) or "")
end

-- Runs, oldest first: one file a job under runs/.
function Project:runs()
  local folder, list = self:resolve "runs", {}
  if not ft.fs.exists(folder) then return list end
  for _, name in ipairs(ft.fs.list(folder)) do
    if name:match "%.json$" then
      list[#list + 1] = ft.json.decode(ft.fs.read(folder .. "/" .. name), { where = "runs/" .. name })
    end
  end
  table.sort(list, function(a, b)
    if a.created_at ~= b.created_at then return a.created_at < b.created_at end
    return a.id < b.id
  end)
  return list
end

function Project:write_run(run)
  ft.fs.mkdir(self:resolve "runs")
  ft.fs.write(self:resolve("runs/" .. run.id .. ".json"), ft.json.encode(run, { pretty = true }) .. "\n")
end

-- The run of this id, or the newest; an error says what there is.
function Project:run(id)
  local runs = self:runs()
  if not id then
    return runs[#runs] or error(ft.error {
      code = "config", message = "no job has been started in this project", hint = "start one with fthost train",
    })
  end
  local ids = {}
  for _, run in ipairs(runs) do
    if run.id == id then return run end
    ids[#ids + 1] = run.id
  end
  local near = ft.text.nearest(id, ids)
  error(ft.error {
    code = "config", message = ('there is no job "%s"'):format(id),
    hint = near and ('did you mean "%s"?'):format(near) or "fthost status --all lists them",
  })
end

return M

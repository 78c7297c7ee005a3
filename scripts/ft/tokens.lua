-- ft.tokens: what counts tokens, by name. A name is an encoding, a model whose encoding is known (data/encodings.json), a
-- tokenizer.json or the folder of a model, or "chars4", the estimate. Where a token table is not installed its encodings
-- are estimated, and everything that is printed says so.
local ft = require "ft"

local M = {}

M.estimate = "chars4"

local function installed(table_name)
  local path = ft.host.scripts_folder():gsub("/[^/]*$", "") .. "/tokenizers/" .. table_name .. ".ranks"
  return ft.fs.exists(path) and path or nil
end

local known
local function data()
  if not known then
    local path = ft.host.scripts_folder() .. "/data/encodings.json"
    known = ft.json.decode(ft.fs.read(path), { where = path })
  end
  return known
end

-- The encoding of a model, or nil: by its name, or the longest known one that it goes on from ("gpt-4o-mini-2024-07-18").
-- A fine-tuned model ("ft:BASE:...") has its base's.
function M.of_model(model)
  model = model:gsub("^ft:", ""):gsub("^[%w_-]+/", "")
  local best
  for name in pairs(data().models) do
    local after = model:sub(#name + 1, #name + 1)
    if model:sub(1, #name) == name and (after == "" or after == "-" or after == ":" or after == ".") and (not best or #name > #best) then
      best = name
    end
  end
  return best and data().models[best]
end

-- The name of what counts a project's tokens: its base model's own tokenizer, or the model's encoding where that is known;
-- otherwise, and without a project, the newest encoding.
function M.of_project(project)
  local base = project and project.config.base_model or ""
  local folder = base ~= "" and project:resolve(base)
  if folder and ft.fs.exists(folder .. "/tokenizer.json") then return folder end
  return M.of_model(base) or "o200k_base"
end

-- What a name means: what ft.text.encoding takes, and the sentence to say where it is an estimate.
function M.resolve(name)
  if name == M.estimate then return { name = name }, "an estimate: four characters a token" end
  local encoding = data().encodings[name] and name
  if not encoding and ft.fs.exists(name) then return { name = name, tokenizer = name } end
  encoding = encoding or M.of_model(name)
  if not encoding then
    local names = { M.estimate }
    for one in pairs(data().encodings) do names[#names + 1] = one end
    for one in pairs(data().models) do names[#names + 1] = one end
    table.sort(names)
    local near = ft.text.nearest(name, names)
    error(ft.error {
      code = "config", message = ('"%s" is no encoding, no model whose encoding is known, and no tokenizer file'):format(name),
      hint = near and ('did you mean "%s"?'):format(near) or "give o200k_base, cl100k_base, a tokenizer.json or the folder of a model",
    })
  end
  local entry = data().encodings[encoding]
  local path = installed(entry.table)
  if path then return { name = encoding, table = path, encoding = encoding, tool_overhead = entry.tool_overhead } end
  return { name = encoding, tool_overhead = entry.tool_overhead },
    "an estimate, four characters a token: the token table of " .. encoding .. " is not installed (./dev setup in fthost's sources, then install)"
end

-- An encoding by name: count, encode, decode. The second value says, in words, that it is an estimate.
function M.open(name)
  if type(name) ~= "string" then
    error(ft.error { code = "input", message = "ft.tokens.open: the name must be a string, not a " .. type(name) })
  end
  local spec, estimate = M.resolve(name)
  return ft.text.encoding(spec), estimate
end

return M

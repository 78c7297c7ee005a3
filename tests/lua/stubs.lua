-- The LuaLS stubs, the host and the Lua library have the same functions and methods. Run by: fthost run stubs.lua
local ft = require "ft"

local stubbed = {}
for _, file in ipairs { "ft.lua", "library.lua" } do
  for line in ft.fs.read(ft.host.scripts_folder() .. "/types/" .. file):gmatch "[^\n]+" do
    local owner, kind, name = line:match "^function ([%w_]+)([.:])([%w_]+)%("
    if owner then stubbed[owner .. kind .. name] = true end
  end
end

local real = {}
for key, value in pairs(ft) do
  if type(value) == "function" then
    real["ft." .. key] = true
  elseif type(value) == "table" and key ~= "null" and rawget(package.loaded, "ft." .. key) ~= value then
    for name, member in pairs(value) do
      if type(member) == "function" then real[key .. "." .. name] = true end
    end
  end
end
-- The library: its modules' functions, and the methods of its classes, which are their instances' metatables.
local library = {
  ["dataset."] = ft.dataset, ["provider."] = ft.provider, ["evaluate."] = ft.evaluate, ["options."] = ft.options, ["ui."] = ft.ui,
  ["tokens."] = ft.tokens, ["prices."] = ft.prices, ["formats."] = require "ft.formats",
}
local data, provider = ft.dataset.open "stubs.jsonl", ft.provider "local"
local classes = { ["Dataset:"] = data, ["Split:"] = data:split {}, ["Provider:"] = provider, ["Job:"] = provider:job { id = "none" }, ["Progress:"] = ft.ui.progress "" }
for owner, instance in pairs(classes) do library[owner] = getmetatable(instance) end
for owner, members in pairs(library) do
  for name, member in pairs(members) do
    if type(member) == "function" and not name:match "^__" then real[owner .. name] = true end
  end
end
-- Methods: every one that the stubs name must be there; what else a handle has is named in its "no such method" error.
local scorer = ft.plugin.open("scorer", "exact")
local handles = { Plugin = scorer, Encoding = ft.text.encoding { name = "estimate" } }
handles.Rows = ft.flow.rows(data:stored())
handles.Pass = ft.flow.pass(handles.Rows)
ft.scope(function(scope)
  handles.Scope = scope
  handles.Task = scope:spawn(function() end)
end)
for class, handle in pairs(handles) do
  for name in pairs(stubbed) do
    local method = name:match("^" .. class .. ":(.+)$")
    if method then
      assert(type(handle[method]) == "function", name .. " is in the stubs and not in the host")
      real[name] = true
    end
  end
end
for name in pairs(stubbed) do
  if name:match "^Stream:" then real[name] = true end
end
local wrong = {}
for name in pairs(real) do
  if not stubbed[name] then wrong[#wrong + 1] = name .. " has no stub" end
end
for name in pairs(stubbed) do
  if not real[name] then wrong[#wrong + 1] = name .. " is in the stubs and not in the host" end
end
table.sort(wrong)
if #wrong > 0 then error(table.concat(wrong, "\n")) end
print "the stubs and the host agree"

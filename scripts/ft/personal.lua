-- Personal data and secrets: which kinds there are, and the tables that say what a key looks like.
local ft = require "ft"

local M = {}

M.kinds = { "email", "phone", "card", "iban", "ip", "secret" }

-- The tables of keys, later ones before earlier: the installed one, the project's secrets.json, and `extra` files.
function M.secrets(project, extra)
  local paths = { ft.host.scripts_folder() .. "/data/secrets.json" }
  local own = project and project:resolve "secrets.json"
  if own and ft.fs.exists(own) then paths[#paths + 1] = own end
  table.move(extra or {}, 1, #(extra or {}), #paths + 1, paths)
  local tables = ft.array {}
  for i, path in ipairs(paths) do tables[i] = { where = path, json = ft.fs.read(path) } end
  return tables
end

-- {"email,phone", "card"} as a list without commas, or an error that names `where`. "all" is every kind.
function M.kind_list(given, where)
  if not given then return nil end
  local list = ft.array {}
  for _, words in ipairs(given) do
    for word in words:gmatch "[^,%s]+" do
      local known = word == "all"
      for _, kind in ipairs(M.kinds) do known = known or kind == word end
      if not known then
        local near = ft.text.nearest(word, M.kinds)
        error(ft.error {
          code = "config", message = ('"%s" is no kind of personal data'):format(word), where = where,
          hint = near and ('did you mean "%s"?'):format(near) or "there are " .. table.concat(M.kinds, ", ") .. ", all",
        })
      end
      if word == "all" then return ft.array { table.unpack(M.kinds) } end
      list[#list + 1] = word
    end
  end
  return list
end

-- "3 email, 1 phone", in the order of the kinds; "nothing" for none.
function M.counts(found)
  local words = {}
  for _, kind in ipairs(M.kinds) do
    if found[kind] then words[#words + 1] = ("%d %s"):format(found[kind], kind) end
  end
  return #words > 0 and table.concat(words, ", ") or "nothing"
end

return M

-- The trailing table of options of the Lua library's functions, held to what ft.map and its like hold theirs to.
local ft = require "ft"

local M = {}

local function fail(where, message, hint)
  error(ft.error { code = "input", message = where .. ": " .. message, hint = hint })
end

-- A function that takes the options of `where` ("ft.dataset.open") and returns them: an empty table for nil. One that
-- is not among `known` is an error that names the nearest; so is one of `needed` (name = what it is) that is not given.
function M.checker(where, known, needed)
  local is_known = {}
  for _, name in ipairs(known) do is_known[name] = true end
  table.sort(known)
  return function(given)
    given = given == nil and {} or given
    if type(given) ~= "table" then fail(where, "the options must be a table, not a " .. type(given)) end
    for name in pairs(given) do
      if not is_known[name] then
        local near = ft.text.nearest(tostring(name), known)
        fail(where, ('unknown option "%s"'):format(tostring(name)), near and ('did you mean "%s"?'):format(near)
          or "known are " .. table.concat(known, ", "))
      end
    end
    for name, what in pairs(needed or {}) do
      if given[name] == nil then fail(where, ('the option "%s" is missing'):format(name), "give " .. what) end
    end
    return given
  end
end

return M

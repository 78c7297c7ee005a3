-- Ten thousand tasks through ft.map, 64 at a time; order kept, the first error cancels the rest.
local ft = require "ft"

local items = {}
for i = 1, 10000 do items[i] = i end
local running, most = 0, 0
local results = ft.map(items, { concurrency = 64 }, function(i)
  running = running + 1
  most = math.max(most, running)
  ft.sleep(0)
  running = running - 1
  return i * 2
end)
assert(#results == 10000 and most == 64, most)
for i = 1, 10000 do assert(results[i] == i * 2) end

local begun = 0
local _, err = ft.try(ft.map, items, { concurrency = 64 }, function(i)
  begun = begun + 1
  ft.sleep(0)
  if i == 100 then error(ft.error { code = "input", message = "item 100" }) end
end)
assert(err.code == "input" and err.message == "item 100")
assert(begun < 400, begun)

-- A wait inside a coroutine of the script's own passes through it.
local numbers = coroutine.wrap(function()
  for i = 1, 3 do
    ft.sleep(0)
    coroutine.yield(i)
  end
end)
assert(numbers() == 1 and numbers() == 2 and numbers() == 3)

-- Where Lua cannot wait, one sentence says so.
_, err = ft.try(table.sort, { 2, 1 }, function() ft.sleep(0) end)
assert(tostring(err):find "sort" or tostring(err):find "wait", tostring(err))

-- Datasets in both storages: append, put with conflict, views, split that sticks, import that adds nothing twice.
local ft = require "ft"

local function record(id, rating)
  return { id = id, rating = rating, group = "g" .. (tonumber(id:match "%d+") // 3), messages = { { role = "user", content = "q " .. id }, { role = "assistant", content = "a " .. id } } }
end

ft.fs.mkdir "data"
for _, where in ipairs { "data/examples.jsonl", "sqlite:data/examples.db" } do
  local data = ft.dataset.open(where)
  local records = {}
  for i = 1, 20 do records[i] = record("r" .. i, i % 10 + 1) end
  local result = data:append(records)
  assert(result.appended == 20 and result.known == 0 and #result.ids == 20)
  assert(data:append(records).known == 20)
  assert(data:count() == 20 and data:where({ rating = ">=8" }):count() == 6)

  local one, revision = data:get "r5"
  one.rating = 1
  data:put { { record = one, revision = revision } }
  one.rating = 2
  local _, err = ft.try(data.put, data, { { record = one, revision = revision } })
  assert(err and err.code == "conflict", tostring(err))
  assert(data:get("r5").rating == 1)

  local split = data:split { train = 0.8, seed = 7 }
  assert(#split.parts.train == 16 and #split.parts.validation == 4)
  data:append { record("r21", 5), record("r22", 5) }
  local again = data:split { train = 0.8, seed = 7, previous = split.parts }
  assert(again.kept == 20 and again.added == 2)
  local held = {}
  for _, id in ipairs(again.parts.validation) do held[id] = true end
  for _, id in ipairs(split.parts.validation) do assert(held[id], id .. " has moved") end

  local by_group = data:split { group = "group", holdout = "one-per-group", seed = 1 }
  assert(#by_group.parts.validation > 0)

  data:export("out.jsonl", { format = "openai-chat" })
  local copy = ft.dataset.open(where == "data/examples.jsonl" and "copy.jsonl" or "sqlite:copy.db")
  assert(copy:import("out.jsonl").appended == 22 and copy:import("out.jsonl").appended == 0)
  assert(copy:remove({ copy:records()[1].id, "nobody" }).removed == 1 and copy:count() == 21)
  copy:close()
  data:close()
end

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
  data:put(one, revision)
  one.rating = 2
  for _, again in ipairs { table.pack(one, revision), table.pack { { record = one, revision = revision } } } do
    local _, err = ft.try(data.put, data, table.unpack(again))
    assert(err and err.code == "conflict", tostring(err))
  end
  assert(data:get("r5").rating == 1)
  -- What a worker throws is an error like any other.
  local _, thrown = ft.try(data.put, data, one, {})
  assert(thrown, "a revision that is a table was taken")

  local split = data:split { train = 0.8, seed = 7 }
  assert(#split.parts.train == 16 and #split.parts.validation == 4)
  data:append { record("r21", 5), record("r22", 5) }
  local again = data:split { train = 0.8, seed = 7, previous = split.parts }
  assert(again.kept == 20 and again.added == 2)
  local held = {}
  for _, id in ipairs(again.parts.validation) do held[id] = true end
  for _, id in ipairs(split.parts.validation) do assert(held[id], id .. " has moved") end

  -- Of the earlier split, what a view leaves out keeps its part.
  local low = data:where({ rating = ">=5" }):split { train = 0.8, seed = 9, previous = again }
  local whole = data:split { train = 0.8, seed = 11, previous = low }
  assert(low.kept + #low.left_out.train + #low.left_out.validation == 22 and whole.added == 0)
  for _, id in ipairs(whole.parts.validation) do held[id] = nil end
  assert(next(held) == nil, next(held))

  -- A view gives what it has, and is not written to.
  local rated = data:where { rating = ">=8" }
  local seen, seen_revision = rated:get "r7"
  local _, own_revision = data:get "r7"
  assert(seen.rating == 8 and seen_revision == own_revision and data:get "r1" and not rated:get "r1" and not rated:get "nobody")
  assert(not rated:where({ ids = ft.array { "r8" } }):get "r7" and rated:dedupe():get "r7" and not rated:dedupe():get "r1")
  local marked = data:map(function(row) row.mark = row.id end):where(function(row) return row.rating >= 8 end)
  local made, none = marked:get "r7"
  assert(made.mark == "r7" and none == nil and not marked:get "r1")
  local before = data:count()
  for name, argument in pairs { append = record("r99", 9), put = record("r1", 10), remove = "r1", import = "new.jsonl" } do
    for _, view in ipairs { rated, data:dedupe(), marked, data:split({ train = 0.5 }).train } do
      local _, err = ft.try(view[name], view, argument)
      local message = ("dataset:%s: this is a view of %s, and views are not written to"):format(name, where)
      assert(err and err.message == message and err.hint == "call it on the dataset itself", tostring(err))
    end
  end
  assert(data:count() == before and data:get("r1").rating == 2)

  local by_group = data:split { group = "group", holdout = "one-per-group", seed = 1 }
  assert(#by_group.parts.validation > 0)

  data:export("out.jsonl", { format = "openai-chat" })
  local copy = ft.dataset.open(where == "data/examples.jsonl" and "copy.jsonl" or "sqlite:copy.db")
  assert(copy:import("out.jsonl").appended == 22 and copy:import("out.jsonl").appended == 0)
  assert(copy:remove({ copy:records()[1].id, "nobody" }).removed == 1 and copy:count() == 21)
  copy:close()
  data:close()
end

-- What a table would change is an error that names the record and the place; nothing is changed silently.
ft.fs.write("data/odd.jsonl", table.concat({
  '{"id":"big","metadata":{"n":[1,12345678901234567890]}}', '{"id":"huge","x":1e400}', '{"id":"twice","a":{"k":1,"\\u006b":2}}',
  '{"id":"fine","n":-9223372036854775808,"x":1e308,"y":0.1}', "",
}, "\n"))
local odd = ft.dataset.open "data/odd.jsonl"
for id, what in pairs {
  big = "at /metadata/n/1, 12345678901234567890 does not fit a whole number of 64 bits",
  huge = "at /x, 1e400 is beyond all numbers", twice = 'at /a, the key "k" stands twice',
} do
  for _, read in ipairs { function() return odd:get(id) end, function() return odd:where({ ids = ft.array { id } }):records() end } do
    local _, err = ft.try(read)
    assert(err and err.where == ('record "%s"'):format(id) and err.message:find(what, 1, true), tostring(err))
  end
end
local fine, revision = odd:get "fine"
assert(fine.n == math.mininteger and fine.x == 1e308)
odd:put(fine, revision)
local back = odd:get "fine"
assert(back.n == math.mininteger and back.x == 1e308 and back.y == 0.1)
assert(odd:count() == 4)
odd:close()

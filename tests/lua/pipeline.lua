-- Views are planned before they run: dedupe, split and write of a dataset and of a plain file.
local ft = require "ft"

local function row(id, answer, rating, topic)
  return {
    id = id, rating = rating, group = topic,
    messages = { { role = "user", content = "Question of " .. topic }, { role = "assistant", content = answer } },
  }
end
local long = "The parcel that you sent us on Monday reached our house in good order, and the money goes back to your card within "

for _, where in ipairs { "data/examples.jsonl", "sqlite:examples.db" } do
  local data = ft.dataset.open(where)
  for i = 1, 20 do data:append(row("r" .. i, "answer " .. i, i % 2 == 0 and 5 or 8, "t" .. i % 4)) end
  data:append(row("twice", "answer 3", 9, "t3"))
  data:append(row("long", long .. "five days", 6, "parcel"))
  data:append(row("near", long .. "six days", 4, "parcel"))
  assert(data:count() == 23)

  -- Of equal rows the best rated stays, whatever comes first.
  local unique = data:dedupe()
  assert(unique:count() == 22 and not unique:where({ ids = ft.array { "r3" } }):records()[1])
  assert(unique:where({ rating = ">=9" }):records()[1].id == "twice")
  assert(data:count() == 23, "the dataset itself stays as it is")
  local apart = data:where({ rating = ">=4" }):dedupe { near = 0.7 }
  assert(apart:count() == 21 and #apart:where({ has = "rating", ids = ft.array { "near" } }):records() == 0)

  -- A split is divided when it is looked at, and its parts are views.
  local split = data:dedupe():split { train = 0.8, by = "rating", seed = 7 }
  assert(#split.parts.train + #split.parts.validation == 22 and split.dedupe.removed == 1)
  assert(split.train:count() == #split.parts.train and split.validation:count() == #split.parts.validation and split.test == nil)
  local plain = data:split { train = 0.8, seed = 7 }
  assert(plain.train:count() == 18 and plain.kept == 0)
  local again = data:split { train = 0.8, seed = 8, previous = plain }
  assert(again.kept == 23 and ft.json.encode(again.parts) == ft.json.encode(plain.parts))

  -- Into files in one go.
  local report = data:dedupe():split({ train = 0.75, group = "group", seed = 3 }):write { train = "train.jsonl", validation = "val.jsonl" }
  assert(report.kept == 22 and report.dedupe.removed == 1 and report.split.parts.train + report.split.parts.validation == 22)
  local groups = {}
  for part, path in pairs { train = "train.jsonl", validation = "val.jsonl" } do
    for line in ft.fs.read(path):gmatch "[^\n]+" do
      local group = ft.json.decode(line).group
      assert(not groups[group] or groups[group] == part, group .. " is in both parts")
      groups[group] = part
    end
  end
  local near = data:split({ train = 0.5, near = 0.7, seed = 1 })
  local place = {}
  for part, ids in pairs(near.parts) do
    for _, id in ipairs(ids) do place[id] = part end
  end
  assert(place.long == place.near and place.twice == place.r3)
  local written = data:where({ rating = ">=8" }):write "good.jsonl"
  local _, lines = ft.fs.read("good.jsonl"):gsub("\n", "")
  assert(written.kept == 11 and lines == 11)

  local _, problem = ft.try(function() return data:dedupe():dedupe() end)
  assert(problem and problem.message:find("without duplicates already", 1, true))
  _, problem = ft.try(function() return data:dedupe({ near = 2 }):count() end)
  assert(problem and problem.message:find("near must be a number from 0 to 1", 1, true))
  data:close()
end

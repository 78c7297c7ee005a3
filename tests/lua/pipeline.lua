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

  -- A plan looks at nothing; writing it is one go, and what it has counted is known.
  local seen = 0
  local watched = data:map(function() seen = seen + 1 end)
  local planned = watched:split { train = 0.8, seed = 7, by = "rating" }
  local unseen = watched:dedupe():where({ rating = ">=6" }):split { train = 0.5, seed = 2 }
  assert(seen == 0, "planning has looked at rows")
  report = planned:write { train = "train.jsonl", validation = "val.jsonl" }
  assert(seen == 23 and report.kept == 23)
  assert(planned.counts.train == report.split.parts.train and planned.added == 23 and planned.kept == 0 and planned.deviation)
  assert(seen == 23, "what was counted was counted again")
  assert(#planned.parts.train == planned.counts.train and seen == 46)
  assert(planned.validation:count() == planned.counts.validation)

  -- What stands first is done first: r3 equals "twice", which is rated better and leaves it out before anybody asks for a rating.
  local first = data:dedupe():where { rating = "<9" }
  local last = data:where({ rating = "<9" }):dedupe()
  assert(first:count() == 21 and not first:get "r3" and last:count() == 22 and last:get("r3").id == "r3")
  assert(first:where({ group = "t3" }):count() == 4 and first:dedupe():count() == 21)
  assert(unseen.counts.train + unseen.counts.validation == 11)
  report = first:split({ train = 0.5, seed = 5 }):write { train = "train.jsonl" }
  assert(report.kept == 21)
  local but = data:where({ not_ids = ft.array { "r1" } }):dedupe()
  assert(but:count() == 21 and but:where({ not_ids = ft.array { "r2" } }):count() == 20)

  -- The parts that are looked at are the files that are written, whatever divides them.
  for name, options in pairs {
    plain = { train = 0.6, test = 0.2, seed = 4 }, by = { train = 0.6, test = 0.2, by = "rating", seed = 4 },
    group = { train = 0.6, test = 0.2, group = "group", seed = 4 }, near = { train = 0.6, test = 0.2, near = 0.7, seed = 4 },
    holdout = { group = "group", holdout = "one-per-group", seed = 4 }, previous = { train = 0.6, test = 0.2, seed = 9, previous = plain },
  } do
    for _, view in ipairs { data, data:where { rating = ">=5" }, data:dedupe(), watched } do
      local made = view:split(options):write { train = "train.jsonl", validation = "val.jsonl" }
      local looked = view:split(options)
      assert(looked.kept == made.split.kept and looked.added == made.kept - looked.kept, name)
      for part, path in pairs { train = "train.jsonl", validation = "val.jsonl" } do
        local ids = {}
        for id in ft.fs.read(path):gmatch '"id": ?"([%w]+)"' do ids[#ids + 1] = id end
        local parts = table.move(looked.parts[part], 1, #looked.parts[part], 1, {})
        table.sort(ids)
        table.sort(parts)
        assert(#ids > 0 and table.concat(ids, " ") == table.concat(parts, " "), name .. " " .. part)
        assert(looked.counts[part] == #ids and looked[part]:count() == #ids, name)
      end
    end
  end
  -- Parts of parts.
  local inner = plain.train:split { train = 0.5, seed = 1 }
  local two = ft.array { inner.parts.train[1], inner.parts.validation[1] }
  assert(inner.train:count() + inner.validation:count() == 18 and inner.train:where({ ids = two }):count() == 1)

  local _, problem = ft.try(function() return data:where({ rating = ">=5" }):dedupe():where { rating = "<9" } end)
  assert(problem and problem.message:find("filtered by rating already", 1, true))
  _, problem = ft.try(function() return plain.train:where({ ids = "r1" }):count() end)
  assert(problem and problem.message:find("ids must be a list", 1, true), tostring(problem))
  _, problem = ft.try(function() return data:dedupe():dedupe() end)
  assert(problem and problem.message:find("without duplicates already", 1, true))
  _, problem = ft.try(function() return data:dedupe({ near = 2 }):count() end)
  assert(problem and problem.message:find("near must be a number from 0 to 1", 1, true))
  data:close()
end

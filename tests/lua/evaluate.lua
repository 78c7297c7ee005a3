-- ft.evaluate over a provider made of Lua: models by id alone and as tables, scores, and the paired comparison.
local ft = require "ft"

local asked = {}
local parrot = { chat = function(_, input)
  asked[#asked + 1] = input
  return { content = input.model == "good" and input.messages[1].content or "no", usage = { completion_tokens = 2 }, seconds = 0 }
end }
local records = {}
for i = 1, 3 do
  records[i] = { id = "r" .. i, messages = { { role = "user", content = "q" .. i }, { role = "assistant", content = "q" .. i } } }
end
records[4] = { id = "r4", messages = { { role = "user", content = "no answer" } } }

local seen = 0
local report = ft.evaluate {
  records = records, provider = parrot, models = { "bad", { name = "tuned", model = "good", provider = parrot } }, scorers = { "exact" },
  max_tokens = 5, on_progress = function(done, total) seen = math.max(seen, done / total) end,
}
assert(report.skipped == 1 and #report.rows == 3 and #asked == 6 and seen == 1)
assert(report.models[1].name == "bad" and report.models[1].scores.exact == 0 and report.models[1].tokens == 6)
assert(report.models[2].name == "tuned" and report.models[2].model == "good" and report.models[2].scores.exact == 1)
assert(asked[1].max_tokens == 5 and asked[1].temperature == 0 and asked[1].seed == 0)

local c = ft.evaluate.compare(report, 1, 2, "exact")
assert(c.n == 3 and c.only_b == 3 and c.only_a == 0 and c.difference == 1 and math.abs(c.p - 0.25) < 1e-12)

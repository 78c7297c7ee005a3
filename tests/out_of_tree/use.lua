-- Uses the four plugins that run.sh has made from the templates.
local ft = require "ft"

local scores = ft.plugin.open("scorer", "my-scorer", {}):score {
  { output = "press the big button", references = { "press the button" } },
  { output = "no", references = { "press the button" } },
}
assert(scores[1] == 1 and scores[2] == 0, "scores: " .. tostring(scores[1]) .. ", " .. tostring(scores[2]))

local data = ft.dataset.open "my-storage:store"
local report = data:import("questions.jsonl", { format = "my-formatter" })
assert(report.appended == 2, "two good rows of three: " .. tostring(report.appended))
assert(data:count() == 2, "two records in the storage: " .. tostring(data:count()))

local capabilities = ft.plugin.open("provider", "my-provider", {}):request("capabilities", {})
assert(capabilities.costs_money == false, "capabilities of the provider")

-- ft.tokens and ft.flow.tokens: names, the estimate, and, where the reference data and the tables are, the cookbook's counts.
local ft = require "ft"

local estimate, why = ft.tokens.open "chars4"
assert(why and estimate:describe().estimated and estimate:count "" == 0 and estimate:count "abcd" == 1 and estimate:count "abcdé" == 2)
local _, refused = ft.try(estimate.encode, estimate, "text")
assert(refused.code == "unsupported" and refused.message == "an estimate has no token ids")

for model, encoding in pairs {
  ["gpt-4o"] = "o200k_base", ["gpt-4o-mini-2024-07-18"] = "o200k_base", ["gpt-4-turbo"] = "cl100k_base", ["gpt-4.1-nano"] = "o200k_base",
  ["ft:gpt-3.5-turbo-0125:acme::x"] = "cl100k_base", ["openai/gpt-oss-20b"] = "o200k_harmony", ["o3-mini"] = "o200k_base",
} do
  assert(ft.tokens.of_model(model) == encoding, model)
end
assert(ft.tokens.of_model "gpt-4ever" == nil and ft.tokens.of_model "mistral-7b" == nil)
local _, unknown = ft.try(ft.tokens.open, "cl100kbase")
assert(unknown.code == "config" and unknown.hint == 'did you mean "cl100k_base"?')

local tiny = ft.tokens.open(ft.host.scripts_folder() .. "/recipes/tiny-base/model")
local ids = tiny:encode "By card."
assert(#ids == tiny:count "By card." and tiny:decode(ids) == "By card." and not tiny:describe().estimated)
assert(select(2, ft.try(tiny.decode, tiny, { "x" })).message:find "whole numbers")

for examples, epochs in pairs { [0] = 3, [1] = 25, [10] = 10, [33] = 3, [34] = 3, [8333] = 3, [8334] = 2, [25000] = 1, [90000] = 1 } do
  assert(ft.prices.default_epochs(examples) == epochs, examples)
end

local shared = ft.host.env "FTHOST_SHARED"
local path = shared and shared .. "/fixtures/tiktoken/chat_count.jsonl"
local checked = 0
for _, name in ipairs { "o200k_base", "cl100k_base" } do
  local encoding, missing = ft.tokens.open(name)
  if path and ft.fs.exists(path) and not missing then
    for line in ft.fs.read(path):gmatch "[^\n]+" do
      local wanted = ft.json.decode(line)
      if #wanted.messages > 0 then -- a row without any is no row of chat messages
        ft.fs.write("row.jsonl", line .. "\n")
        local report = ft.flow.tokens { path = "row.jsonl", encoding = encoding }
        local counts = wanted.counts[name]
        local function same(what, got, want) assert(got == want, ("%s, row %d, %s: %d, not %d"):format(name, wanted.id, what, got, want)) end
        same("chat_tokens", report.chat_tokens, counts.total)
        same("assistant_tokens", report.assistant_tokens, counts.assistant)
        same("tool_tokens", report.tool_tokens, counts.tools)
        checked = checked + 1
      end
    end
  end
end
print(checked > 0 and checked .. " rows of the reference agree" or "skipped: no reference data, or no token tables")

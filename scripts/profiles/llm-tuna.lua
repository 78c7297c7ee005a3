-- The defaults, thresholds and rules of LLM-Tuna (S3): 50 examples are recommended, each with 10 to 2,048 tokens on a
-- side. A rule knows characters alone, so that tokens are estimated at four of them; --checks tokens counts exactly.
local rules = {
  {
    code = "few_rows", severity = "warning", rows = { min = 50 }, message = "the dataset has {count} examples, and 50 or more are recommended",
    hint = "add examples",
  },
}
for _, place in ipairs {
  { name = "prompt", field = "/prompt" },
  { name = "completion", field = "/completion" },
  { name = "question", at = "/messages/*", field = "/content", when = { ["/role"] = "user" } },
  { name = "answer", at = "/messages/*", field = "/content", when = { ["/role"] = "assistant" } },
} do
  local function add(code, limit, characters, words, hint)
    rules[#rules + 1] = {
      code = code, severity = "warning", at = place.at, when = place.when, field = place.field, [limit] = characters,
      message = ("the {count} characters of the %s are %s, estimated at four characters each"):format(place.name, words), hint = hint,
    }
  end
  add("short_text", "min_length", 10 * 4 - 3, "fewer than 10 tokens", "say more, or leave the example out")
  add("long_text", "max_length", 2048 * 4, "more than 2,048 tokens", "shorten it, or divide the example")
end

return {
  name = "llm-tuna",
  summary = "the defaults of LLM-Tuna: 50 examples are recommended, 10 to 2,048 tokens a side",
  thresholds = {
    ready = { min_examples = 50, min_rating = nil },
    max_tokens = 2048,
    inconsistent = { prompt = 0.8, answer = 0.2 },
    buckets = { { "8+", 8, 10 }, { "5-7", 5, 7 }, { "1-4", 1, 4 } },
  },
  rules = rules,
  defaults = {
    split = { ratio = 0.8, seed = 7 },
    format = {},
    train = { epochs = 3, batch_size = 4, learning_rate = 2e-4, lora_r = 8, lora_alpha = 16, max_seq_length = 512, seed = 42 },
  },
  rated_only = false,
  commands = {},
  init = { provider = "local", base_model = "tiny-base", format = "prompt-completion" },
}

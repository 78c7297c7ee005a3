-- The defaults, thresholds and rules of the fine-tuning pattern (S4): 10 examples are needed and 100 wanted, each of two
-- messages or more that end with the assistant's.

-- A preference is a question, and its answers stand beside it.
local no_preference = { ["/chosen"] = { present = false }, ["/rejected"] = { present = false } }

return {
  name = "pattern",
  summary = "the rules of the fine-tuning pattern: 10 examples at least, each ends with an answer",
  thresholds = {
    ready = { min_examples = 10, min_rating = nil },
    max_tokens = 16000,
    inconsistent = { prompt = 0.8, answer = 0.2 },
    buckets = { { "8+", 8, 10 }, { "5-7", 5, 7 }, { "1-4", 1, 4 } },
  },
  -- What `validate` checks beside the host's own rules and the format's. Equal contents are the host's duplicate_content,
  -- blank ones its empty_content, and long examples are --checks tokens.
  rules = {
    {
      code = "too_few_rows", severity = "error", rows = { min = 10 }, message = "the dataset has only {count} examples, and 10 are needed",
      hint = "add examples",
    },
    {
      code = "few_rows", severity = "warning", unless = { "too_few_rows" }, rows = { min = 100 },
      message = "the dataset has {count} examples, and 100 or more are recommended", hint = "add examples",
    },
    {
      code = "too_few_messages", severity = "error", when = no_preference, field = "/messages", min_count = 2, message = "fewer than 2 messages: {count}",
      hint = "add what is missing: a question, or its answer",
    },
    {
      code = "last_not_assistant", severity = "error", when = no_preference, field = "/messages", last = { "assistant" }, unless = { "too_few_messages" },
      message = "the last message is the {value}'s", hint = "end with the assistant's answer",
    },
  },
  defaults = {
    split = { ratio = 0.8, seed = 7 },
    format = {},
    train = { epochs = 3, batch_size = 4, learning_rate = 2e-4, lora_r = 8, lora_alpha = 16, seed = 42 },
  },
  rated_only = false,
  commands = {},
  init = { provider = "local", base_model = "tiny-base", format = "openai-chat" },
}

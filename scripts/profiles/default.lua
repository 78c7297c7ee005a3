-- The defaults of fthost. A profile is this table with other values: defaults by command, thresholds, spellings.
return {
  name = "default",
  summary = "fthost's own defaults",
  thresholds = {
    ready = { min_examples = 10, min_rating = nil }, -- `stats` prints the rule beside its verdict
    max_tokens = 16000,                          -- `validate --checks tokens`: a longer example may be cut off
    inconsistent = { prompt = 0.8, answer = 0.2 }, -- `validate --checks near`: prompts as alike as this and answers less
    buckets = { { "8+", 8, 10 }, { "5-7", 5, 7 }, { "1-4", 1, 4 } },
  },
  defaults = {
    split = { ratio = 0.8, seed = 7 },
    format = {},
    train = { epochs = 3, batch_size = 4, learning_rate = 2e-4, lora_r = 8, lora_alpha = 16, seed = 42 },
  },
  rated_only = false, -- whether `split` leaves unrated examples out
  commands = {},      -- other spellings of commands
  init = { provider = "local", base_model = "tiny-base", format = "openai-chat" },
}

-- The defaults, thresholds and spellings of ft-pipeline (S0): ratings 1 to 10, export from 8 up, stratified split.
return {
  name = "ft-pipeline",
  summary = "the defaults of ft-pipeline: rated examples only, 8 and better are exported",
  thresholds = {
    ready = { min_examples = 10, min_rating = 8 },
    max_tokens = 16000,
    inconsistent = { prompt = 0.8, answer = 0.2 },
    buckets = { { "8+", 8, 10 }, { "5-7", 5, 7 }, { "1-4", 1, 4 } },
  },
  defaults = {
    split = { ratio = 0.8, seed = 7, by = "rating" },
    format = { min_rating = 8 },
    train = { epochs = 3, batch_size = 4, learning_rate = 1e-5, lora_r = 16, lora_alpha = 32, seed = 42 },
  },
  rated_only = true,
  commands = {},
  init = { provider = "together", base_model = "meta-llama/Llama-3.3-70B-Instruct", format = "openai-chat" },
}

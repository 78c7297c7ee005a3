-- What the quickstart trains with; found by trying on its own held-out phrasings (see recipes/tiny-base/README.md).
return {
  epochs = 20, batch_size = 8, learning_rate = 1e-2, schedule = "cosine", warmup_ratio = 0.05, lora_r = 8, lora_alpha = 16, seed = 42, max_seq_length = 128,
}

-- Run with: fthost run THIS_FILE [arguments]
local ft = require "ft"

local data = ft.dataset.open "data/examples.jsonl"
local stats = data:stats()
print(("%d examples, %d duplicates"):format(stats.rows, stats.duplicates))
data:close()

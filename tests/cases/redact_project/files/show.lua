local ft = require "ft"
local data = ft.dataset.open "data/examples.jsonl"
for _, record in ipairs(data:records()) do print(record.rating, record.messages[1].content, record.messages[2].content) end
print(data:redact({ kinds = { "email" } }).changed)
data:close()

-- Appends and changes records for ever; prints an acknowledgement for each one after the call has returned.
-- Usage: fthost run writer.lua ROUND
local ft = require "ft"
local round = ...
local data = ft.dataset.open "data/examples.jsonl"
local n = 0
while true do
  n = n + 1
  local id = ("r%s-%d"):format(round, n)
  local record = { id = id, messages = { { role = "user", content = "question " .. id }, { role = "assistant", content = "answer" } } }
  data:append { record }
  io.write("appended ", id, "\n")
  io.flush()
  if n % 2 == 0 then
    record.rating = 9
    data:put { record }
    io.write("rated ", id, "\n")
    io.flush()
  end
end

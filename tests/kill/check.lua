-- Every acknowledged record is there, rated where that was acknowledged, and every line of the file is a record.
-- Usage: fthost run check.lua ACKNOWLEDGED
local ft = require "ft"
local data = ft.dataset.open "data/examples.jsonl"
local rating = {}
for _, record in ipairs(data:records()) do rating[record.id] = record.rating or false end
local acknowledged, missing = 0, 0
for line in ft.fs.read((...)):gmatch "([^\n]+)\n" do
  local what, id = line:match "^(%a+) (r%d+%-%d+)$"
  acknowledged = acknowledged + 1
  if rating[id] == nil or (what == "rated" and rating[id] ~= 9) then
    missing = missing + 1
    print("lost: " .. line)
  end
end
local report = data:check()
data:close()
for line in ft.fs.read "data/examples.jsonl":gmatch "[^\n]+" do ft.json.decode(line) end
print(("%d acknowledged, %d lost, %d errors in the file"):format(acknowledged, missing, report.errors))
return (missing == 0 and report.errors == 0 and acknowledged > 0) and 0 or 1

-- ft.fs, and ft.json at its limits.
local ft = require "ft"

assert(select("#", ft.fs.write("log.jsonl", '{"a":1}')) == 0)
ft.fs.append("log.jsonl", '{"b":2}\n') -- the line that had no end gets one
assert(ft.fs.read "log.jsonl" == '{"a":1}\n{"b":2}\n')
local _, err = ft.try(ft.fs.append, "log.jsonl", "no newline")
assert(err.message:find "ends in a newline", err.message)

ft.fs.mkdir "folder/below"
ft.fs.write("folder/below/x", "x")
ft.fs.remove "folder/"
assert(ft.fs.kind "folder" == nil)
assert(ft.term.read_line() == nil, "the end of the input is nil")

local value = ft.json.decode '{"list": [1, 2.5, null, [], {}], "big": 18446744073709551615, "deep": {"t": true}}'
assert(value.list[1] == 1 and value.list[2] == 2.5 and value.list[3] == ft.null and value.deep.t == true)
assert(ft.json.encode(value.list) == "[1,2.5,null,[],{}]")
assert(math.type(value.big) == "float")
for text, words in pairs { ['{"a":1'] = "line 1, column 7", ["[1]\n2"] = "line 2, column 1", ["\255"] = "column 1" } do
  local _, broken = ft.try(ft.json.decode, text)
  assert(broken.message:find(words, 1, true), broken.message)
end

-- :map and :where with functions: closures and functions of files over lazy views of rows.
local ft = require "ft"

-- Spacing, escapes and the order of keys are the file's own.
local lines = {
  '{ "id":"a",  "n": 1, "tags": ["x", "y"], "messages":[{"role":"user","content":" caf\\u00e9 "},{"role":"assistant","content":"yes"}], "big": 1.50e+01 }',
  '{"id":"b","n":2,"tags":[],"messages":[{"role":"user","content":"two"},{"role":"assistant","content":"no"}],"extra":{"deep":[1,{"k":null}]}}',
  '{"id":"c","n":3.5,"messages":[{"role":"user","content":"three"},{"role":"assistant","content":"no"}]}',
}
local function fill(path)
  ft.fs.mkdir "data"
  ft.fs.write(path, table.concat(lines, "\n") .. "\n")
  return ft.dataset.open(path)
end
local function rows_of(view, path)
  view:write(path or "out.jsonl")
  local rows = {}
  for line in ft.fs.read(path or "out.jsonl"):gmatch "[^\n]+" do rows[#rows + 1] = line end
  return rows
end
local function fails(fn, ...)
  local value, problem = ft.try(fn)
  assert(value == nil and problem, "it should have failed")
  for _, part in ipairs { ... } do
    assert(tostring(problem):find(part, 1, true), ("%q is not in %q"):format(part, tostring(problem)))
  end
  return problem
end
local data = fill "data/examples.jsonl"

-- Nothing assigned: the bytes stay. Reading: strings decoded, numbers of their kind, lists and objects as views.
local seen = {}
local same = rows_of(data:map(function(row)
  seen[#seen + 1] = row.id .. row.n
  assert(row.nothing == nil and row.messages[3] == nil and row.messages[0] == nil and row[1] == nil)
  assert(#row.messages == 2 and row.messages[2].role == "assistant")
  if row.id == "a" then
    assert(row.messages[1].content == " café " and math.type(row.n) == "integer" and table.concat(row.tags, ",") == "x,y")
    local keys = {}
    for key, value in pairs(row) do keys[#keys + 1] = key .. (key == "n" and value or "") end
    assert(table.concat(keys, " ") == "id n1 tags messages big")
    for i, message in ipairs(row.messages) do assert(message == row.messages[i]) end
  elseif row.id == "b" then
    assert(row.extra.deep[2].k == ft.null and #row.tags == 0)
    assert(tostring(row.extra) == '{"deep":[1,{"k":null}]}' and ft.json.encode(row.extra) == '{"deep":[1,{"k":null}]}')
  end
end))
assert(table.concat(seen, " ") == "a1 b2 c3.5", table.concat(seen, " "))
for i, line in ipairs(lines) do assert(same[i] == line, same[i]) end

-- Assigned fields change, all else stays as it lies.
local edited = rows_of(data:map(function(row)
  if row.id == "a" then
    row.messages[1].content = row.messages[1].content:match "^%s*(.-)%s*$"
    row.tags[#row.tags + 1] = 'z"\n'
    row.n = nil
    row.new = { 1, 2.0, true, ft.null }
    assert(row.n == nil and row.tags[3] == 'z"\n' and row.new[2] == 2.0 and #row.tags == 3)
  elseif row.id == "b" then
    row.tags[1] = "only"
    row.extra.deep[2].k = { b = 1, a = ft.array {} }
    table.remove(row.messages, 1)
    assert(#row.messages == 1 and row.messages[1].content == "no")
  else
    row.id, row.n = nil, nil
    row.messages = nil
    row.prompt = "p"
  end
end))
assert(edited[1] == '{ "id":"a",  "tags": ["x", "y","z\\"\\n"], ' ..
  '"messages":[{"role":"user","content":"café"},{"role":"assistant","content":"yes"}], "big": 1.50e+01,"new":[1,2.0,true,null] }', edited[1])
assert(edited[2] == '{"id":"b","n":2,"tags":["only"],"messages":[{"role":"assistant","content":"no"}],"extra":{"deep":[1,{"k":{"a":[],"b":1}}]}}', edited[2])
assert(edited[3] == '{"prompt":"p"}', edited[3])

-- Lists: inserted into, cut, sorted; places of one list in another; a row made anew.
local lists = rows_of(data:map(function(row)
  if row.id == "a" then
    table.insert(row.messages, 1, { role = "system", content = "be brief" })
    row.tags[2] = nil
    row.copy = row.messages[2]
    row.n = row.n + 0.5
  elseif row.id == "b" then
    return { id = row.id, turns = row.messages, last = row.messages[#row.messages].content }
  else
    row.tags = {}
    row.tags[1] = "added"
    table.sort(row.messages, function(x, y) return x.role < y.role end)
  end
end))
assert(lists[1]:find('"tags": ["x"]', 1, true) and lists[1]:find('"n": 1.5', 1, true), lists[1])
assert(lists[1]:find('"messages":[{"content":"be brief","role":"system"},{"role":"user","content":" caf\\u00e9 "},{"role":"assistant","content":"yes"}]', 1, true), lists[1])
assert(lists[1]:find('"copy":{"role":"user","content":" caf\\u00e9 "} }', 1, true), lists[1])
assert(lists[2] == '{"id":"b","last":"no","turns":[{"role":"user","content":"two"},{"role":"assistant","content":"no"}]}', lists[2])
assert(lists[3] == '{"id":"c","n":3.5,"messages":[{"role":"assistant","content":"no"},{"role":"user","content":"three"}],"tags":["added"]}', lists[3])

-- Conditions, several steps in the order they are said, and what comes after a function sees what it has made.
local calls = 0
local view = data:where(function(row)
  calls = calls + 1
  return #row.messages[1].content > 3
end):map(function(row)
  row.rating = row.id == "a" and 9 or 3
end):map(function(row)
  return { id = row.id, rating = row.rating, messages = row.messages }
end)
assert(calls == 0, "a plan has run before it was asked for")
assert(view:count() == 2 and calls == 3)
assert(view:where({ rating = ">=8" }):count() == 1)
assert(view:where({ rating = ">=8" }):map(function(row) row.rating = row.rating + 1 end):records()[1].rating == 10)
assert(data:count() == 3 and data:get("a").rating == nil, "the dataset itself stays as it is")
local answers = data:map(function(row) row.messages[1].content = "the same" end)
assert(answers:count() == 3 and answers:dedupe():count() == 2 and answers:dedupe():map(function() end):count() == 2)
local report = answers:dedupe():split({ train = 0.5, seed = 1 }):write { train = "t.jsonl", validation = "v.jsonl" }
assert(report.kept == 2 and report.dedupe.removed == 1 and report.split.parts.train == 1, ft.json.encode(report))
local split = answers:dedupe():split { train = 0.5, seed = 1 }
assert(split.train:count() == 1 and split.train:records()[1].messages[1].content == "the same")
assert(answers:stats().rows == 3 and answers:export("o.jsonl", { format = "openai-chat" }).written == 3)
assert(answers:check({}).rows == 3 and answers:redact({ output = "r.jsonl" }).rows == 3)
local tokens = ft.flow.tokens { source = answers:source(), encoding = ft.tokens.open "chars4" }
assert(tokens.rows == 3)
fails(function() answers:redact { apply = true } end, "cannot be put back")
fails(function() answers:write "data/examples.jsonl" end, "data/examples.jsonl", "records lie")

-- A function may wait; other tasks run meanwhile, and every few milliseconds of a busy one.
local turns = 0
ft.scope(function(scope)
  local busy = true
  scope:spawn(function()
    while busy do
      turns = turns + 1
      ft.sleep(0)
    end
  end)
  data:map(function(row)
    ft.sleep(0)
    row.waited = true
  end):write "waited.jsonl"
  busy = false
end)
assert(turns > 0 and select(2, ft.fs.read("waited.jsonl"):gsub('"waited":%s?true', "")) == 3)

-- Files: the function that one returns, or one of a table; sandboxed, on the workers; in one plan with closures.
ft.fs.write("clean.lua", [[
return function(row)
  if row.n == 2 then return { id = row.id, from = "file" } end
  row.n = (row.n or 0) * 10
end
]])
ft.fs.write("rules.lua", [[
local words = require "words"
return {
  small = function(row) return row.n and row.n < 20 end,
  shout = function(row) row.loud = words.upper(row.id) end,
  broken = function(row)
    if row.id == "b" then return row.missing.field end
  end,
  writes = function(row) row.x = 1 return true end,
  sneaks = function() io.open("stolen.txt", "w") end,
  loops = function() while true do pcall(string.rep, "x", 3) end end,
  list = function() return { 1, 2 } end,
}
]])
ft.fs.write("words.lua", "return { upper = string.upper }")
local filed = rows_of(data:map("clean.lua"):where("rules.lua", "small"):map("rules.lua", "shout"):map(function(row) row.end_ = true end))
assert(#filed == 1 and filed[1]:find('"n": 10', 1, true) and filed[1]:find('"loud":"A"', 1, true) and filed[1]:find('"end_"', 1, true), filed[1])
assert(data:map("clean.lua"):where(function(row) return row.from end):records()[1].from == "file")

-- Errors name the file, the row's line and the place in the script.
local problem = fails(function() data:map(function(row) if row.id == "b" then return row.none.field end end):count() end,
  "data/examples.jsonl:2", "map at", "row_functions.lua:", "nil value")
assert(problem.where == "data/examples.jsonl:2" and problem.code == "error")
fails(function() data:map("rules.lua", "broken"):count() end, "data/examples.jsonl:2", "map at", "rules.lua:6", "nil value")
fails(function() data:where({ n = ">=3" }):where(function() error "no" end):count() end, "data/examples.jsonl:3: where at")
fails(function() data:where(function(row) row.n = 1 end):count() end, "data/examples.jsonl:1", "a condition changes no row")
fails(function() data:where("rules.lua", "writes"):count() end, "a condition changes no row")
fails(function() data:map("rules.lua", "sneaks"):count() end, "rules.lua:9", "field 'open'")
fails(function() data:map("rules.lua", "list"):count() end, "must return a row or nothing, not a list")
fails(function() data:map(function() return 5 end):count() end, "data/examples.jsonl:1", "must return a row or nothing, not a number")
fails(function() data:map(function() return false end):count() end, "not a boolean")
fails(function() data:map(function(row) row.bad = "\xFF" end):count() end, "data/examples.jsonl:1", "not UTF-8")
fails(function() data:map(function(row) row.bad = 0 / 0 end):count() end, "NaN")
fails(function() data:map(function(row) row.bad = print end):count() end, "there is a function")
fails(function() data:map(function(row) row.bad = { [1] = 1, [3] = 3 } end):count() end, "holes")
fails(function() data:map(function(row) local loop = {}; loop[1] = loop; row.bad = loop end):count() end, "nested too deep")
fails(function() data:map(function(row) row.messages[4] = {} end):count() end, "has the places 1 to 3")
fails(function() data:map(function(row) row.messages[1] = nil end):count() end, "only the last place", "table.remove")
fails(function() data:map(function(row) return #row end):count() end, "this is an object")
local kept
data:map(function(row) kept = kept or row end):count()
fails(function() return kept.id end, "this row is gone")
fails(function() return data:map(function(row) row.other = kept end):count() end, "this row is gone")
fails(function() data:map "none.lua" :count() end, "none.lua")
fails(function() data:map("rules.lua", "lout"):count() end, 'no function "lout"')
fails(function() data:map "words.lua" :count() end, "returns no function")
ft.fs.write("wrong.lua", "return function(")
fails(function() data:map "wrong.lua" :count() end, "wrong.lua:1")
for _, wrong in ipairs { 5, true } do fails(function() data:map(wrong) end, "must be a function or a file") end
fails(function() data:map() end, "not nothing")
fails(function() data:map("clean.lua", 5) end, "must be a string")
assert(not ft.fs.exists "stolen.txt")

-- Cancellable, also where a function never ends.
for _, endless in ipairs {
  function() data:map("rules.lua", "loops"):count() end,
  function() data:map(function() ft.sleep(3600) end):count() end,
} do
  local _, late = ft.try(ft.timeout, 0.05, endless)
  assert(late and late.code == "timeout", tostring(late))
end
data:close()

-- The same of a database, whose rows have no lines of a file; and of many rows, on both ways the same.
local db = ft.dataset.open "sqlite:rows.db"
local many = {}
for i = 1, 3000 do many[i] = { id = "r" .. i, n = i, text = ("word "):rep(i % 40), messages = ft.array {} } end
db:append(many)
ft.fs.write("double.lua", "return function(row) row.n = row.n * 2; row.text = nil end")
ft.fs.write("third.lua", "return function(row) return row.n % 3 == 0 end")
local here = rows_of(db:map(function(row) row.n = row.n * 2; row.text = nil end):where(function(row) return row.n % 3 == 0 end), "here.jsonl")
local there = rows_of(db:map("double.lua"):where "third.lua", "there.jsonl")
assert(#here == 1000 and ft.fs.read "here.jsonl" == ft.fs.read "there.jsonl" and #there == 1000)
assert(ft.json.decode(here[1]).n == 6 and not here[1]:find "word")
db:close()
print "rows pass through functions as they should"

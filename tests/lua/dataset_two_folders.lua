-- One file of records opened from two folders, by two names: both see each other's changes, also those that wait in the
-- journal.
local ft = require "ft"

local function message(text) return { { role = "user", content = text }, { role = "assistant", content = text } } end

ft.fs.mkdir "a"
ft.fs.mkdir "b/data"
ft.fs.write("a/fthost.json", '{"schema_version":1,"name":"a"}')
ft.fs.write("b/fthost.json", '{"schema_version":1,"name":"b"}')
assert(os.execute "ln -s ../b/data a/link && ln -s b/data/examples.jsonl other.jsonl")

-- What the other program says, run in `folder`.
local function other(folder, code)
  ft.fs.write("other.lua", 'local ft = require "ft"\n' .. code)
  local pipe = assert(io.popen(("cd %s && %s run %s"):format(folder, os.getenv "FTHOST_PROGRAM", ft.fs.resolve "other.lua")))
  local said = pipe:read "a"
  assert(pipe:close(), said)
  return said
end

local data = ft.dataset.open "b/data/examples.jsonl"
data:append { { id = "r1", messages = message "old" }, { id = "r2", messages = message "two" } }
data:put { id = "r1", messages = message "new" }

local look = [[
local data = ft.dataset.open "%s"
io.write(data:get("r1").messages[1].content)
data:append { { id = "%s", messages = { { role = "user", content = "q" }, { role = "assistant", content = "a" } } } }
]]
assert(other("a", look:format("link/examples.jsonl", "r3")) == "new")
data:put { id = "r2", messages = message "changed" }
assert(other(".", look:format("other.jsonl", "r4")) == "new")
data:append { { id = "r5", messages = message "five" } }
assert(data:count() == 5, data:count())
data:close()
data = ft.dataset.open "b/data/examples.jsonl"
assert(data:count() == 5 and data:get("r2").messages[1].content == "changed")
assert(ft.fs.list("b/data/.fthost/journal")[1] and not ft.fs.exists "b/.fthost" and not ft.fs.exists "a/.fthost")
data:close()

-- ft.flow.diff and ft.flow.merge as scripts call them: their reports, and what they refuse.
local ft = require "ft"

local function fails(code, pattern, fn, ...)
  local _, err = ft.try(fn, ...)
  assert(err and err.code == code and tostring(err):find(pattern, 1, true), tostring(err))
end

ft.fs.write("base.jsonl", '{"id":"a","x":1}\n{"id":"b","x":1}\n')
ft.fs.write("ours.jsonl", '{"id":"a","x":2}\n{"id":"b","x":1}\n')
ft.fs.write("theirs.jsonl", '{"id":"a","x":12345678901234567890123}\n{"id":"c"}\n')

local report = ft.flow.diff { a = "base.jsonl", b = "theirs.jsonl" }
assert(report.added == 1 and report.removed == 1 and report.changed == 1 and report.equal == 0 and report.errors == 0)
assert(report.rows.a == 2 and report.rows.b == 2 and #report.changes == 3 and #report.findings == 0)
local change = report.changes[1]
assert(change.id == "a" and change.kind == "changed" and change.line_a == 1 and change.line_b == 1)
-- Values are JSON text: no number is too long for it.
assert(change.fields[1].path == "/x" and change.fields[1].old == "1" and change.fields[1].new == "12345678901234567890123")
assert(report.changes[2].fields[1].path == "" and report.changes[2].fields[1].new == '{"id":"c"}' and not report.changes[2].line_a)
assert(#ft.flow.diff({ a = "base.jsonl", b = "theirs.jsonl", limit = 1 }).changes == 1)

-- The document is a file, and has every change.
ft.flow.diff { a = "base.jsonl", b = "ours.jsonl", limit = 0, document = "diff.json" }
local document = ft.json.decode(ft.fs.read "diff.json")
assert(document.changed == 1 and document.changes[1].fields[1].new == 2)

report = ft.flow.merge { base = "base.jsonl", ours = "ours.jsonl", theirs = "theirs.jsonl", output = "out.jsonl", conflicts = "list.jsonl" }
assert(report.conflicts == 1 and report.removed == 1 and report.added == 1 and not report.resolved and report.report == "list.jsonl")
assert(ft.fs.read "out.jsonl" == '{"id":"a","x":2}\n{"id":"c"}\n')
assert(report.conflict_rows[1].paths[1] == "/x" and ft.json.decode(ft.fs.read "list.jsonl").base.x == 1)
report = ft.flow.merge { base = "base.jsonl", ours = "ours.jsonl", theirs = "theirs.jsonl", output = "out.jsonl", prefer = "theirs" }
assert(report.resolved and ft.fs.read "out.jsonl" == '{"id":"a","x":12345678901234567890123}\n{"id":"c"}\n')

ft.fs.write("broken.jsonl", '{"id":"a"}\n{"id":\n')
fails("input", "broken.jsonl:2: broken JSON", ft.flow.merge,
  { base = "base.jsonl", ours = "ours.jsonl", theirs = "broken.jsonl", output = "never.jsonl" })
fails("config", "standard input can be only one", ft.flow.merge, { base = "-", ours = "-", theirs = "a", output = "never.jsonl" })
fails("input", "output", ft.flow.merge, { base = "base.jsonl", ours = "ours.jsonl", theirs = "theirs.jsonl" })
fails("input", "prefer", ft.flow.merge,
  { base = "base.jsonl", ours = "ours.jsonl", theirs = "theirs.jsonl", output = "never.jsonl", prefer = "mine" })
fails("input", 'neither version has a row with the id "z"', ft.flow.diff, { a = "base.jsonl", b = "ours.jsonl", ids = ft.array { "z" } })
assert(not ft.fs.exists "never.jsonl")

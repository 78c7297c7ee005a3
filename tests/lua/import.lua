-- What an import does with ids that are taken, in both storages, and what append and put say of what they are given.
local ft = require "ft"

local function row(id, text)
  return ('{"id":%s,"messages":[{"role":"user","content":"%s"},{"role":"assistant","content":"a"}]}\n'):format(ft.json.encode(id), text)
end

local function fails(code, pattern, fn, ...)
  local _, err = ft.try(fn, ...)
  assert(err and err.code == code and tostring(err):find(pattern, 1, true), tostring(err))
end

ft.fs.mkdir "data"
for _, where in ipairs { "data/examples.jsonl", "sqlite:data/examples.db" } do
  local data = ft.dataset.open(where)
  ft.fs.write("rows.jsonl", row("1", "A") .. row("1", "B") .. row(1, "C") .. row("2", "D"))
  local refused = data:import("rows.jsonl", { strict = true })
  assert(refused.refused and refused.appended == 0 and data:count() == 0)
  local report = data:import "rows.jsonl"
  assert(report.appended == 2 and report.known == 0 and report.errors == 2 and report.broken == 2)
  for i, line in ipairs { 2, 3 } do
    local finding = report.findings[i]
    assert(finding.code == "id_taken" and finding.line == line and finding.file == "rows.jsonl", finding.code)
  end
  -- The same rows again are known; other content under a stored id is not.
  ft.fs.write("rows.jsonl", row("1", "A") .. row("2", "E") .. row("3", "F"))
  report = data:import "rows.jsonl"
  assert(report.appended == 1 and report.known == 1 and report.errors == 1 and report.findings[1].line == 2)
  assert(data:import("rows.jsonl", { strict = true }).refused)
  -- A record that was changed since keeps the id of the content that it had.
  ft.fs.write("plain.jsonl", '{"messages":[{"role":"user","content":"x"},{"role":"assistant","content":"y"}]}\n')
  assert(data:import("plain.jsonl").appended == 1)
  local records = data:records()
  local changed = records[#records]
  changed.messages[2].content = "z"
  data:put(changed)
  report = data:import "plain.jsonl"
  assert(report.known == 1 and report.errors == 0)

  -- A bad row far behind adds nothing with strict.
  local many = {}
  for i = 1, 3000 do many[i] = row("m" .. i, "row " .. i) end
  ft.fs.write("many.jsonl", table.concat(many) .. '{"id":{},"messages":[{"role":"user","content":"q"},{"role":"assistant","content":"a"}]}\n')
  local count = data:count()
  report = data:import("many.jsonl", { strict = true })
  assert(report.refused and report.findings[1].code == "bad_id" and report.findings[1].line == 3001 and data:count() == count)

  records = {}
  for i = 1, 3000 do records[i] = { id = "a" .. i, text = "row " .. i } end
  local added = data:append(records)
  assert(added.appended == 3000 and #added.ids == 3000 and added.ids[1024] == "a1024")
  fails("input", "record 2: the id is of type boolean", data.append, data, { { id = "b1" }, { id = true } })
  assert(not data:get "b1")

  -- A field `record` does not make a record a wrapper.
  data:put { id = "n1", record = { id = "inner" } }
  assert(data:get("n1").record.id == "inner" and not data:get "inner")
  data:put { { record = { id = "n2", record = { a = 1 } } } }
  assert(data:get("n2").record.a == 1)
  fails("input", "record 1: the revision is of type number", data.put, data, { { record = { id = "n2" }, revision = 5 } })
  fails("input", "record 1 that is put has no id", data.put, data, { 7 })
  data:close()
end

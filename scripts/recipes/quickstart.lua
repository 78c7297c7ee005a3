-- The whole loop on one page: a support desk's answers are imported, looked at, cleaned, split, exported, trained on and
-- evaluated against the base model. Run by `./dev quickstart`, or: fthost --project DIR run quickstart.lua
-- The folder it works in is made anew at each run, so the numbers are the same each time.
local ft = require "ft"
local ui = require "ft.ui"
local evaluate = require "ft.evaluate"
local findings = require "ft.findings"
local projects = require "ft.project"
local reports = require "ft.reports"
local runs = require "ft.runs"

local source = ft.host.scripts_folder() .. "/recipes/quickstart"
local folder = ft.host.project_folder()
local marker = folder .. "/.quickstart"
local started = ft.clock()

local step = 0
local function heading(text)
  step = step + 1
  ui.line("\n%s", ui.paint(("%d. %s"):format(step, text), "bold"))
end

-- What an earlier run has left goes; a folder that is somebody's own stays as it is.
if ft.fs.exists(folder .. "/" .. projects.file) or ft.fs.exists(folder .. "/data") then
  if not ft.fs.exists(marker) then
    error(ft.error { code = "config", message = "the folder holds a project that the quickstart has not made", where = folder, hint = "give another with --project DIR" })
  end
  for _, name in ipairs { projects.file, "data", "runs", "summary.json", ".fthost" } do ft.fs.remove(folder .. "/" .. name) end
end
ft.fs.mkdir(folder)
ft.fs.write(marker, "made by the quickstart; it may be deleted\n")

heading "Project"
local project = projects.create(folder, { name = "quickstart", provider = "local", base_model = "tiny-base" })
local data = project:dataset()
ui.line("%s", folder)

heading "Import: chat lines, dialogue files, ShareGPT and CSV"
local imported = { rows = 0, broken = 0 }
local function import(path, options)
  local report = data:import(path, options)
  for _, finding in ipairs(report.findings) do finding.file = finding.file:sub(#source + 2) end
  imported.rows, imported.broken = imported.rows + report.appended, imported.broken + report.broken
  return report
end
-- What format a file has is recognised.
local function import_file(name)
  local report = import(source .. "/" .. name)
  ui.line("%s, format %s: %d added, %d broken", name, report.format, report.appended, report.broken)
  findings.print(report.findings, 6)
end
import_file "support.jsonl"
-- One file is one dialogue. Its rating stands in dialogues.csv, its group in its name.
local files, broken_files = 0, {}
for line in ft.fs.read(source .. "/dialogues.csv"):gmatch "[^\n]+" do
  local file, rating = line:match "^(.-),(%d*)$"
  if file and file ~= "file" then
    local group = file:match "([%w-]+)%-%-%d+%w*%.txt$"
    local report = import(source .. "/" .. file, { format = "dialogue-text", set = { group = group, rating = tonumber(rating) } })
    files = files + 1
    for _, finding in ipairs(report.findings) do broken_files[#broken_files + 1] = finding end
  end
end
ui.line("%d dialogues, dialogue-text", files)
findings.print(broken_files, 6)
import_file "chats.json"
import_file "questions.csv"

heading "What is there"
local stats = data:stats()
local bars = {}
for rating = 10, 1, -1 do bars[#bars + 1] = { tostring(rating), stats.ratings[tostring(rating)] or 0 } end
local unrated = stats.ratings.unrated or 0
bars[#bars + 1] = { "unrated", unrated }
ui.line("%d examples by rating", stats.rows)
ui.line("%s", ui.histogram(bars))

heading "Validate: what is wrong, and where"
local check = data:check { formats = { "openai-chat" } }
findings.print(check.findings, 8)
ui.line("%s checked: %s, %s", ui.count(check.rows, "row"), ui.count(check.errors, "error"), ui.count(check.warnings, "warning"))
-- A row with an error leaves the dataset.
local unfit = {}
for _, finding in ipairs(check.findings) do
  if finding.id and finding.severity == "error" then unfit[finding.id] = true end
end
local remove = ft.array {}
for id in pairs(unfit) do remove[#remove + 1] = id end
table.sort(remove)
if #remove > 0 then data:remove(remove) end

heading "Dedupe: what is there more than once"
-- Equal rows on both sides of a split would flatter the result. What goes is kept in a file, as fthost dedupe --apply does.
ft.fs.mkdir(project:resolve "data/removed")
local dedupe = ft.flow.pipeline { source = data:source(), dedupe = { ids = true }, removed = project:resolve "data/removed/duplicates.jsonl" }.dedupe
data:remove(dedupe.ids)
ui.line("%s, spelled in whatever way, in %s", ui.count(dedupe.removed, "duplicate"), ui.count(dedupe.clusters, "cluster"))
local good = data:where { rating = ">=8" }
local removed = #remove + dedupe.removed
ui.line("%d removed in all; %d rated 8 or better are used", removed, good:count())

heading "Split: one phrasing of each fact is held out"
local split = good:split { group = "group", holdout = "one-per-group", seed = 7 }
project:write_split { schema_version = 1, created_at = ft.timestamp(), seed = 7, rule = { group = "group", holdout = "one-per-group", min_rating = 8 }, parts = split.parts }
ui.line("%d train, %d held out", #split.parts.train, #split.parts.validation)

heading "Export"
for part, name in pairs { train = "train", validation = "val" } do
  local path = project:resolve("data/" .. name .. ".jsonl")
  local written = data:part(split, part):export(path, { format = "openai-chat" })
  ui.line("data/%s.jsonl: %s", name, ui.count(written.written, "example"))
end

heading "Train: a LoRA adapter on the tiny base model, on this machine"
local train_started = ft.clock()
local run = runs.start(project, {
  base_model = "tiny-base", training_file = project:resolve "data/train.jsonl", validation_file = project:resolve "data/val.jsonl", method = "sft",
  hyperparameters = require "quickstart.hyperparameters",
})
runs.follow(project, run)
local train_seconds = ft.clock() - train_started
if not runs.print(run) then return 1 end
ui.line("%s", ui.chart(runs.losses(project, run)))

heading "Evaluate: base against tuned, on phrasings that were not trained on"
local function compare(records)
  local bar = ui.progress "evaluating"
  local evaluation = evaluate.run {
    records = records, provider = project:provider(),
    models = { { name = "base", model = "tiny-base" }, { name = "tuned", model = run.job.model } },
    scorers = { "exact", "similarity" }, max_tokens = 40, on_progress = function(done, total) bar:set(done, total) end,
  }
  bar:close()
  evaluation.id, evaluation.created_at = "eval-" .. ft.id(), ft.timestamp()
  evaluation.comparison = evaluate.compare(evaluation, 1, 2, "exact")
  return evaluation, reports.write(project, evaluation)
end
local evaluation, kept = compare(data:part(split, "validation"))
reports.print(evaluation, 6)

heading "Once more, on questions written by somebody who had not seen the others"
local strangers = ft.dataset.open(project:resolve "data/fresh.jsonl")
strangers:import(source .. "/fresh.jsonl")
local fresh = compare(strangers)
reports.print(fresh, 2)
strangers:close()

heading "Summary"
local seconds = ft.clock() - started
local base, tuned = evaluation.models[1], evaluation.models[2]
local function scores(model) return { exact = model.scores.exact, similarity = model.scores.similarity } end
local function right(one) return one.comparison.only_a + one.comparison.both, one.comparison.only_b + one.comparison.both end
local base_right, tuned_right = right(evaluation)
local fresh_base_right, fresh_tuned_right = right(fresh)
local summary = {
  schema_version = 1,
  base = scores(base), tuned = scores(tuned), fresh = { base = scores(fresh.models[1]), tuned = scores(fresh.models[2]) },
  mcnemar_p = evaluation.comparison.p,
  counts = {
    imported = imported.rows, broken = imported.broken, removed = removed, train = #split.parts.train, held_out = #split.parts.validation,
    base_right = base_right, tuned_right = tuned_right,
    fresh = fresh.comparison.n, fresh_base_right = fresh_base_right, fresh_tuned_right = fresh_tuned_right,
  },
  seconds = { total = seconds, train = train_seconds },
}
ft.fs.write(folder .. "/summary.json", ft.json.encode(summary, { pretty = true }) .. "\n")
ui.line("%s", ui.table({ "", "base", "tuned" }, {
  { "exact", ("%.3f"):format(summary.base.exact), ("%.3f"):format(summary.tuned.exact) },
  { "similarity", ("%.3f"):format(summary.base.similarity), ("%.3f"):format(summary.tuned.similarity) },
  { "right answers", ("%d of %d"):format(base_right, evaluation.comparison.n), ("%d of %d"):format(tuned_right, evaluation.comparison.n) },
  { "right on fresh questions", ("%d of %d"):format(fresh_base_right, fresh.comparison.n), ("%d of %d"):format(fresh_tuned_right, fresh.comparison.n) },
}))
ui.line ""
ui.paragraph(table.concat({
  "What this shows, and what it does not: the loop works from files to a compared model. The base has under a",
  "million parameters and has read nothing but made-up support desks, so it knows no fact of this one; tuning",
  "teaches it sixty answers, and the score counts questions in wordings that it was not trained on. Those were held",
  "out of the same set of wordings, and base and data were made with an eye on them; what a stranger asks, it gets",
  "right far less often, as the fresh questions show. It says nothing of how a large model would do, nor of",
  "questions about anything else: ask it those and it will answer nonsense.",
}, " "))
ui.line("\n%s in all, %s of it training. Look at: summary.json, %s, runs/, data/", ui.seconds(seconds), ui.seconds(train_seconds), kept)
ui.line("Go on by hand:  cd %s && fthost stats && fthost status --all && fthost eval", folder)
project:close()
return 0

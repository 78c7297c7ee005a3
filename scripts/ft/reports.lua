-- Evaluation reports: printed as tables, kept under data/evals/ with every answer.
local ft = require "ft"
local ui = require "ft.ui"

local M = {}

-- data/evals/<id>.jsonl: the summary in the first line, then an answer a line. Returns the path in the project.
function M.write(project, report)
  ft.fs.mkdir(project:resolve "data/evals")
  local path = "data/evals/" .. report.id .. ".jsonl"
  local summary = { schema_version = 1 }
  for key, value in pairs(report) do
    if key ~= "rows" then summary[key] = value end
  end
  local lines = { ft.json.encode(summary) }
  for _, row in ipairs(report.rows) do lines[#lines + 1] = ft.json.encode(row) end
  ft.fs.write(project:resolve(path), table.concat(lines, "\n") .. "\n")
  return path
end

local function score(value)
  if value == nil or value == ft.null then return "-" end
  return ("%.3f"):format(value)
end

-- The models' scores as a table.
function M.summary_table(report)
  local headers, rows = { "model" }, {}
  for _, scorer in ipairs(report.scorers) do headers[#headers + 1] = scorer.name end
  for _, head in ipairs { "answered", "errors", "seconds" } do headers[#headers + 1] = head end
  for i, model in ipairs(report.models) do
    local row = { model.name }
    for _, scorer in ipairs(report.scorers) do row[#row + 1] = score(model.scores[scorer.name]) end
    row[#row + 1], row[#row + 2], row[#row + 3] = model.answered, model.errors, ("%.1f"):format(model.seconds)
    rows[i] = row
  end
  return ui.table(headers, rows)
end

-- One sentence on a paired comparison.
function M.comparison_sentence(c, a, b)
  return ("%s against %s on %d rows, %s: %+.3f; %s right in %d where %s is wrong, wrong in %d where it is right (McNemar exact p = %.2g)")
    :format(b, a, c.n, c.scorer, c.difference, b, c.only_b, a, c.only_a, c.p)
end

-- Question, expected answer and each model's, for the first `limit` rows.
function M.print_rows(report, limit)
  local columns = math.max(20, math.min(ft.term.width(), 140) - 12)
  for i = 1, math.min(limit, #report.rows) do
    local row = report.rows[i]
    local last = row.prompt[#row.prompt]
    ui.line("\n%s", ui.paint(ui.fit("  asked     " .. tostring(last and last.content or ""), columns + 12), "bold"))
    ui.line("  expected  %s", ui.fit(row.expected, columns))
    for m, model in ipairs(report.models) do
      local answer = row.answers[m]
      local right = answer.scores and answer.scores.exact == 1
      local text = ui.fit(answer.output or ("(error: " .. answer.error .. ")"), columns)
      ui.line("  %-8s%s %s", model.name, right and ui.paint("✓", "green") or ui.paint("✗", "red"), text)
    end
  end
end

function M.print(report, limit)
  if limit and limit > 0 then M.print_rows(report, limit) end
  ui.line("\n%s", M.summary_table(report))
  ui.line ""
  ui.paragraph(M.comparison_sentence(report.comparison, report.models[1].name, report.models[2].name))
  if report.skipped > 0 then ui.line("%s without an assistant turn left out", ui.count(report.skipped, "record")) end
end

return M

-- Findings and losses, as a person reads them.
local ui = require "ft.ui"

local M = {}

-- file:line: severity code: message; hint. `total` is how many there are, where the list does not hold them all.
function M.print(list, limit, total)
  list, limit = list or {}, limit or 50
  total = math.max(total or 0, #list)
  for i, finding in ipairs(list) do
    if i > limit then break end
    local place = finding.file or ""
    if finding.line and finding.line > 0 then place = place .. ":" .. finding.line end
    if finding.path and finding.path ~= "" then place = place .. " " .. finding.path end
    local severity = ui.paint(finding.severity, finding.severity == "error" and "red" or "yellow")
    local hint = finding.hint and finding.hint ~= "" and "; " .. finding.hint or ""
    ui.paragraph(("%s: %s %s: %s%s"):format(place, severity, finding.code, finding.message, hint), "  ", "    ")
  end
  local shown = math.min(limit, #list)
  if total == shown then return end
  local listed = #list == shown and "" or total == #list and " (--json lists all)" or (" (--json lists the first %d)"):format(#list)
  ui.line("  … and %d more%s", total - shown, listed)
end

function M.print_losses(list)
  for _, loss in ipairs(list or {}) do
    if loss.message ~= "bookkeeping" then
      local rows = ui.count(loss.rows, "row")
      ui.paragraph(("%s %s in %s: %s"):format(ui.paint(loss.action, "yellow"), loss.path, rows, loss.message), "  ", "    ")
    end
  end
end

return M

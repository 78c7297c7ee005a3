-- Findings and losses, as a person reads them.
local ui = require "ft.ui"

local M = {}

function M.count(list, severity)
  local n = 0
  for _, finding in ipairs(list or {}) do
    if finding.severity == severity then n = n + 1 end
  end
  return n
end

-- file:line: severity code: message; hint
function M.print(list, limit)
  limit = limit or 50
  for i, finding in ipairs(list or {}) do
    if i > limit then
      ui.line("  … and %d more (--json lists all)", #list - limit)
      break
    end
    local place = finding.file or ""
    if finding.line and finding.line > 0 then place = place .. ":" .. finding.line end
    if finding.path and finding.path ~= "" then place = place .. " " .. finding.path end
    local severity = ui.paint(finding.severity, finding.severity == "error" and "red" or "yellow")
    local hint = finding.hint and finding.hint ~= "" and "; " .. finding.hint or ""
    ui.line("  %s: %s %s: %s%s", place, severity, finding.code, finding.message, hint)
  end
end

function M.print_losses(list)
  for _, loss in ipairs(list or {}) do
    if loss.message ~= "bookkeeping" then
      ui.line("  %s %s in %s: %s", ui.paint(loss.action, "yellow"), loss.path, ui.count(loss.rows, "row"), loss.message)
    end
  end
end

return M

-- Findings and losses, as a person reads them.
local ui = require "ft.ui"

local M = {}

-- One finding in a line: file:line: severity code: message; hint.
local function print_one(finding, more)
  local place = finding.file or ""
  if finding.line and finding.line > 0 then place = place .. ":" .. finding.line end
  if finding.path and finding.path ~= "" then place = place .. " " .. finding.path end
  local severity = ui.paint(finding.severity, finding.severity == "error" and "red" or "yellow")
  local hint = finding.hint and finding.hint ~= "" and "; " .. finding.hint or ""
  ui.paragraph(("%s: %s %s: %s%s%s"):format(place, severity, finding.code, finding.message, hint, more or ""), "  ", "    ")
end

-- Equal findings as one: the first, how many there are and in which lines. `limit` groups are printed; `left_out` findings
-- are in none.
function M.print_groups(groups, limit, left_out)
  local more = left_out or 0
  for i, group in ipairs(groups) do
    if i > limit then
      more = more + group.count
    else
      local lines, others = {}, ""
      for k = 2, #group.lines do lines[#lines + 1] = tostring(group.lines[k]) end
      if group.count > 1 then
        local rest = group.count - #group.lines
        others = (" (%d times"):format(group.count)
        if #lines > 0 then
          others = others .. (", also in %s %s"):format(#lines == 1 and rest == 0 and "line" or "lines", table.concat(lines, ", "))
          if rest > 0 then others = others .. ", …" end
        end
        others = others .. ")"
      end
      print_one(group, others)
    end
  end
  if more > 0 then ui.line("  … and %d more (--limit prints more, --json lists all)", more) end
end

-- `total` is how many there are, where the list does not hold them all.
function M.print(list, limit, total)
  list, limit = list or {}, limit or 50
  total = math.max(total or 0, #list)
  for i, finding in ipairs(list) do
    if i > limit then break end
    print_one(finding)
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

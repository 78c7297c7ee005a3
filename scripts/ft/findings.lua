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
function M.print_groups(groups, limit, left_out, advice)
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
  if more > 0 then ui.line("  … and %d more%s", more, advice or " (--limit prints more, --json lists all)") end
end

-- A list of findings in the order of the first of each kind; up to 9 lines of each are kept. Of a file that was read
-- twice each finding counts once.
local function grouped(list)
  local groups, by_key, seen = {}, {}, {}
  for _, finding in ipairs(list) do
    local key = table.concat({ finding.file or "", finding.path or "", finding.severity, finding.code, finding.message, finding.hint or "" }, "\0")
    local group = by_key[key]
    if not group then
      group = { lines = {}, count = 0 }
      for name, value in pairs(finding) do group[name] = value end
      by_key[key], groups[#groups + 1] = group, group
    end
    local place = finding.file and finding.line and finding.line > 0 and key .. "\0" .. finding.line
    if not place or not seen[place] then
      group.count = group.count + 1
      if #group.lines < 9 then group.lines[#group.lines + 1] = finding.line end
    end
    if place then seen[place] = true end
  end
  return groups
end

-- `total` is how many there are, where the list does not hold them all.
function M.print(list, limit, total)
  list = list or {}
  total = math.max(total or 0, #list)
  M.print_groups(grouped(list), limit or 50, total - #list,
    total == #list and " (--json lists all)" or (" (--json lists the first %d)"):format(#list))
end

-- What follows the number of rows that are counted, where others cannot be read.
function M.unread(count) return count > 0 and (" (%d more cannot be read)"):format(count) or "" end

-- Rows that cannot be near any, where rows were asked for that are.
function M.without_text(count)
  if not count or count == 0 then return end
  ui.line("%s no text to be alike by: compared for equality only", ui.count(count, "row has", "rows have"))
end

-- True, and said, where an output was asked for and no row could be read: nothing was written then.
function M.nothing_written(report, output)
  if not output or report.rows > report.broken then return false end
  ui.line("No row could be read, so nothing was written: %s is as it was", output == "-" and "standard output" or output)
  return true
end

function M.print_losses(list)
  local shown, limit = 0, 50
  for _, loss in ipairs(list or {}) do
    if loss.message ~= "bookkeeping" then shown = shown + 1 end
    if loss.message ~= "bookkeeping" and shown <= limit then
      local rows = ui.count(loss.rows, "row")
      ui.paragraph(("%s %s in %s: %s"):format(ui.paint(loss.action, "yellow"), loss.path, rows, loss.message), "  ", "    ")
    end
  end
  if shown > limit then ui.line("  … and losses of %d other fields (--json lists all)", shown - limit) end
end

return M

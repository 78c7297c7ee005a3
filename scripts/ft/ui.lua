-- What a person sees: lines, tables, bars, charts, questions. Results go to standard output, progress to standard
-- error; with --json (`ui.quiet`) nothing but the document is printed. Colour and motion only on a terminal. What is
-- printed may come from files: control characters in it are spelled out, so that it cannot steer the terminal.
local ft = require "ft"

local M = { quiet = false }
local results, results_fd = io.stdout, 1

local plain_terminal = ft.host.env "TERM" == "dumb"
local no_colour = plain_terminal or (ft.host.env "NO_COLOR" or "") ~= ""

local codes = { bold = "1", dim = "2", red = "31", green = "32", yellow = "33", blue = "34", cyan = "36" }
local end_of_colour = "\27[0m"
local colours = { [end_of_colour] = true } -- the only sequences that reach the terminal
for name, code in pairs(codes) do
  codes[name] = ("\27[%sm"):format(code)
  colours[codes[name]] = true
end

local function colour_on(fd) return ft.term.is_terminal(fd) and not no_colour end

-- `text` in a colour, if standard output shows colours.
function M.paint(text, name)
  if not colour_on(results_fd) then return text end
  return codes[name] .. text .. end_of_colour
end

-- One line with its control characters spelled out; the colours of paint() stay where `fd` shows any.
local function safe_line(text, fd)
  if not text:find "[^\32-\126]" then return text end
  local out, from = {}, 1
  for first, sequence, after in text:gmatch "()(\27%[%d*m)()" do
    if colours[sequence] and colour_on(fd) then
      out[#out + 1] = ft.text.one_line(text:sub(from, first - 1)) .. sequence
      from = after
    end
  end
  out[#out + 1] = ft.text.one_line(text:sub(from))
  return table.concat(out)
end

local function safe(text, fd)
  return (text:gsub("[^\n]+", function(line) return safe_line(line, fd) end))
end

-- A line on standard output: string.format where arguments are given.
function M.line(text, ...)
  if M.quiet then return end
  if select("#", ...) > 0 then text = text:format(...) end
  results:write(safe(text or "", results_fd), "\n")
end

-- From here on lines go to standard error, and so does the document of --json: standard output carries rows.
function M.give_up_output()
  results, results_fd = io.stderr, 2
  ft.host.give_up_output()
end

-- The document of --json.
function M.document(value)
  results:write(ft.json.encode(value, { pretty = true }), "\n")
end

-- A line on standard error, also with --json.
function M.note(text, ...)
  if select("#", ...) > 0 then text = text:format(...) end
  io.stderr:write(safe(text, 2), "\n")
end

-- Cells of a terminal; colours take none.
local function width(text)
  return ft.text.display_width((text:gsub("\27%[%d*m", "")))
end

-- In one line: control characters made harmless, line breaks shown as ⏎.
function M.one_line(text)
  return ft.text.one_line((text:gsub("\r?\n", "⏎")))
end

-- The same, cut to `columns` and ended by "…" if longer.
function M.fit(text, columns)
  text = M.one_line(text)
  if width(text) <= columns then return text end
  local out, used = {}, 0
  for _, c in utf8.codes(text) do
    local char = utf8.char(c)
    used = used + width(char)
    if used > columns - 1 then break end
    out[#out + 1] = char
  end
  return table.concat(out) .. "…"
end

-- Broken between words into lines of at most `columns` cells, those after the first indented.
local function wrap(text, columns, indent)
  local lines, line = {}, nil
  for word in text:gmatch "%S+" do
    if line and width(line) + 1 + width(word) > columns then
      lines[#lines + 1], line = line, nil
    end
    line = line and line .. " " .. word or (#lines > 0 and indent or "") .. word
  end
  lines[#lines + 1] = line
  return table.concat(lines, "\n")
end

-- One paragraph after `lead`: on a terminal its lines end between words, and those after the first begin with `indent`.
function M.paragraph(text, lead, indent)
  lead = lead or ""
  M.line("%s%s", lead, ft.term.is_terminal(results_fd) and wrap(text, ft.term.width() - #lead, indent or "") or text)
end

local function pad(text, columns, right)
  local space = (" "):rep(math.max(0, columns - width(text)))
  return right and space .. text or text .. space
end

-- What does not fit a terminal: a last column of text is wrapped; otherwise a row becomes "name: header cell, …".
local function narrow_rows(headers, rows, columns, text_last)
  local room = ft.term.width()
  local before = 0
  for i = 1, #headers - 1 do before = before + columns[i] + 2 end
  if text_last and room - before >= 16 then
    for _, row in ipairs(rows) do row[#headers] = wrap(row[#headers], room - before, ""):gsub("\n", "\n" .. (" "):rep(before)) end
    return nil
  end
  local lines = {}
  for r, row in ipairs(rows) do
    local parts = {}
    for i = 2, #headers do
      if row[i] ~= "" then parts[#parts + 1] = (headers[i] ~= "" and headers[i] .. " " or "") .. row[i] end
    end
    lines[r] = wrap(row[1] .. ": " .. table.concat(parts, ", "), room, "  ")
  end
  return table.concat(lines, "\n")
end

-- rows of cells under `headers`; numbers to the right. Returns the text.
function M.table(headers, rows)
  local columns, numeric = {}, {}
  for i, head in ipairs(headers) do
    columns[i], numeric[i] = width(head), #rows > 0
  end
  local cells = {}
  for r, row in ipairs(rows) do
    cells[r] = {}
    for i = 1, #headers do
      local value = row[i]
      local text = value == nil and "" or safe_line((tostring(value):gsub("\r?\n", "⏎")), 1)
      if not (type(value) == "number" or text == "" or text:match "^~?[%d.,+-]+%%?$") then numeric[i] = false end
      cells[r][i] = text
      columns[i] = math.max(columns[i], width(text))
    end
  end
  local whole = -2
  for i = 1, #headers do whole = whole + columns[i] + 2 end
  if ft.term.is_terminal(results_fd) and whole > ft.term.width() then
    local text = narrow_rows(headers, cells, columns, not numeric[#headers])
    if text then return text end
    columns[#headers] = 0
  end
  local lines = {}
  local function add(row, style)
    local parts = {}
    for i = 1, #headers do
      parts[i] = pad(row[i], columns[i], numeric[i])
    end
    local text = table.concat(parts, "  "):gsub("%s+$", "")
    lines[#lines + 1] = style and M.paint(text, style) or text
  end
  add(headers, "bold")
  for _, row in ipairs(cells) do add(row) end
  return table.concat(lines, "\n")
end

local eighths = { "▏", "▎", "▍", "▌", "▋", "▊", "▉" }

-- A bar of `fraction` (0 to 1) of `columns` cells.
function M.bar(fraction, columns)
  local units = math.floor(math.max(0, math.min(1, fraction)) * columns * 8 + 0.5)
  local full, rest = units // 8, units % 8
  return ("█"):rep(full) .. (rest > 0 and eighths[rest] or "")
end

-- {label, count} pairs as horizontal bars, as wide as the terminal lets them, at most 40 cells.
function M.histogram(pairs_list, columns)
  local most, label_width, count_width = 0, 0, 0
  for _, p in ipairs(pairs_list) do
    most = math.max(most, p[2])
    label_width = math.max(label_width, width(tostring(p[1])))
    count_width = math.max(count_width, #tostring(p[2]))
  end
  columns = columns or math.max(4, math.min(40, ft.term.width() - label_width - count_width - 5))
  local lines = {}
  for _, p in ipairs(pairs_list) do
    lines[#lines + 1] = ("  %s  %s %s"):format(pad(tostring(p[1]), label_width, true),
      pad(tostring(p[2]), count_width, true), most > 0 and M.bar(p[2] / most, columns) or "")
  end
  return table.concat(lines, "\n")
end

-- A line chart of `values` in braille, `columns` by `rows` cells, with the range at the left; no wider than the terminal.
function M.chart(values, columns, rows)
  columns, rows = columns or math.max(4, math.min(60, ft.term.width() - 10)), rows or 8
  if #values == 0 then return "" end
  local low, high = math.huge, -math.huge
  local dots = columns * 2
  local points = {}
  for x = 1, dots do -- the mean of the values that fall into each dot column
    local from = math.floor((x - 1) * #values / dots) + 1
    local to = math.max(from, math.floor(x * #values / dots))
    local sum = 0
    for i = from, to do sum = sum + values[i] end
    points[x] = sum / (to - from + 1)
    low, high = math.min(low, points[x]), math.max(high, points[x])
  end
  local span = high > low and high - low or 1
  local grid = {}
  for r = 1, rows do grid[r] = {} end
  local bits = { { 0x01, 0x02, 0x04, 0x40 }, { 0x08, 0x10, 0x20, 0x80 } }
  local previous
  for x = 1, dots do
    local y = math.floor((high - points[x]) / span * (rows * 4 - 1) + 0.5)
    local from, to = y, y
    if previous then from, to = math.min(y, previous), math.max(y, previous) end
    previous = y
    for dot = from, to do
      local r, c = dot // 4 + 1, (x - 1) // 2 + 1
      grid[r][c] = (grid[r][c] or 0) | bits[(x - 1) % 2 + 1][dot % 4 + 1]
    end
  end
  local lines = {}
  for r = 1, rows do
    local cells = {}
    for c = 1, columns do cells[c] = utf8.char(0x2800 + (grid[r][c] or 0)) end
    local label = (r == 1 and ("%8.3f"):format(high)) or (r == rows and ("%8.3f"):format(low)) or (" "):rep(8)
    lines[r] = label .. " ┤" .. table.concat(cells)
  end
  return table.concat(lines, "\n")
end

-- 75.2 s, 3 min 5 s, 240 ms
function M.seconds(value)
  if value < 1 then return ("%.0f ms"):format(value * 1000) end
  if value < 60 then return ("%.1f s"):format(value) end
  if value < 3600 then return ("%d min %d s"):format(value // 60, math.floor(value % 60)) end
  return ("%d h %d min"):format(value // 3600, math.floor(value % 3600 / 60))
end

-- "1 example", "3 examples"; the plural in words where it is irregular.
function M.count(n, one, many)
  return ("%d %s"):format(n, n == 1 and one or many or one .. "s")
end

-- A progress line on standard error, drawn again in place; silent off a terminal and with --json.
local Progress = {}
Progress.__index = Progress

function M.progress(label)
  local on = ft.term.is_terminal(2) and not plain_terminal and not M.quiet
  return setmetatable({ label = label, on = on, last = -1 }, Progress)
end

function Progress:set(done, total, extra)
  if not self.on then return end
  local now = ft.clock()
  if now - self.last < 0.05 and done < (total or math.huge) then return end
  self.last = now
  local columns = math.max(20, math.min(ft.term.width(), 120))
  local head = total and total > 0 and ("%s %3.0f%% "):format(self.label, 100 * done / total) or ("%s %d "):format(self.label, done)
  local tail = extra and (" " .. extra) or ""
  local room = columns - width(head) - width(tail) - 2
  local bar = ""
  if total and total > 0 and room >= 8 then
    local cells = math.min(room, 40)
    bar = "▕" .. pad(M.bar(done / total, cells), cells) .. "▏"
  end
  io.stderr:write("\r\27[2K", M.fit(head .. bar .. tail, columns))
end

function Progress:close()
  if self.on and self.last >= 0 then io.stderr:write "\r\27[2K" end
end

-- What is typed after `prompt`. The end of the input (Ctrl-D) is an error.
function M.read_line(prompt)
  local line = ft.term.read_line(safe(prompt, 2))
  if line == nil then
    io.stderr:write "\n"
    error(ft.error { code = "input", message = "the input ended before the question was answered" })
  end
  return line
end

-- Asks on the terminal; an empty answer, or one of blanks, takes `default`. `check(answer)` returns nil and a sentence to ask again.
function M.ask(question, default, check)
  while true do
    local answer = M.read_line(default ~= nil and ("%s [%s]: "):format(question, default) or question .. ": ")
    if ft.text.trim(answer) == "" then answer = default ~= nil and tostring(default) or "" end
    local problem
    if check then
      local value
      value, problem = check(answer)
      if problem == nil then return value end
      M.note("  %s", problem)
    elseif answer ~= "" then
      return answer
    end
  end
end

-- One of `names`, by its name or number.
function M.choose(question, names)
  local labels = {}
  for i, name in ipairs(names) do labels[i] = ("%d %s"):format(i, name) end
  return M.ask(("%s (%s)"):format(question, table.concat(labels, ", ")), nil, function(answer)
    answer = ft.text.trim(answer)
    local number = math.tointeger(tonumber(answer))
    if number and names[number] then return names[number] end
    for _, name in ipairs(names) do
      if name == answer then return name end
    end
    return nil, ("please answer with a number from 1 to %d, or a name"):format(#names)
  end)
end

-- Goes on after a yes; a no is an error that ends the command. --yes answers it (never for what costs money or deletes
-- remotely: those ask `M.ask`).
function M.confirm(ctx, question)
  if ctx.yes then return end
  if not ctx.interactive then
    error(ft.error { code = "config", message = question .. " Nobody can be asked here", hint = "give --yes" })
  end
  local yes = M.ask(question .. " (yes/no)", "no", function(answer)
    answer = ft.text.trim(answer):lower()
    if answer == "y" or answer == "yes" then return true end
    if answer == "n" or answer == "no" then return false end
    return nil, "please answer yes or no"
  end)
  if not yes then error(ft.error { code = "cancelled", message = "nothing was changed" }) end
end

return M

-- Fails if the corpus of the tiny base holds an answer or a question of the quickstart: `lua5.4 check_overlap.lua`.
-- Compared are words alone, in lower case. An answer, or a question of five words and more, may be no part of any
-- text of the corpus; a shorter question may not be a whole text of it.

local folder = (arg and arg[0] or ""):match("^(.*/)") or "./"
package.path = folder .. "?.lua;" .. package.path
local corpus = require "corpus"
local data = folder .. "../quickstart/"

local function words_of(text)
    local words = {}
    for word in text:lower():gsub("'", ""):gmatch("[%w\x80-\xff]+") do words[#words + 1] = word end
    return table.concat(words, " "), #words
end

local function read(path)
    local file = assert(io.open(path, "rb"))
    local text = file:read("a")
    file:close()
    return text
end

local function decoded(text)
    text = text:gsub("\\u(%x%x%x%x)", function(code) return utf8.char(tonumber(code, 16)) end)
    return (text:gsub('\\(["\\/])', "%1"))
end

-- The texts of a row: of the role, or all of them without one.
local function contents(line, role)
    local found = {}
    line = line:gsub('\\"', "\\u0022")
    for one in line:gmatch('{([^{}]*"content":[^{}]*)}') do
        if not role or one:find('"role": ?"' .. role .. '"') then
            found[#found + 1] = decoded(one:match('"content": ?"([^"]*)"'))
        end
    end
    local text = not role and line:match('"text":"([^"]*)"')
    if text then found[#found + 1] = decoded(text) end
    return found
end

local wanted, whole = {}, {}
local function want(text, is_answer)
    local words, count = words_of(text)
    if words == "" then return end
    if is_answer or count >= 5 then wanted[words] = text else whole[words] = text end
end

for line in read(data .. "support.jsonl"):gmatch("[^\n]+") do
    for _, text in ipairs(contents(line, "user")) do want(text, false) end
    -- A wrong answer, as the badly rated rows have, is nobody's secret.
    if tonumber(line:match('"rating": ?(%d+)') or 10) >= 8 then
        for _, text in ipairs(contents(line, "assistant")) do want(text, true) end
    end
end
for line in read(data .. "fresh.jsonl"):gmatch("[^\n]+") do
    for _, text in ipairs(contents(line, "user")) do want(text, false) end
end
for name in read(data .. "dialogues.csv"):gmatch("([^,\n]+%.txt),%d+") do
    local text = read(data .. name)
    want(text:match("User:\n(.-)\n\n") or "", false)
    want(text:match("Assistant:\n(.-)\n$") or "", true)
end

local function count(set)
    local n = 0
    for _ in pairs(set) do n = n + 1 end
    return n
end
assert(count(wanted) > 300 and count(whole) > 40, "check_overlap: the quickstart's data was not read in full")

-- By their first two words, so that few candidates are compared at each place of a text.
local by_start = {}
for words in pairs(wanted) do
    local start = words:match("^%S+ %S+") or words
    by_start[start] = by_start[start] or {}
    table.insert(by_start[start], words)
end

local function repeated(words)
    if whole[words] then return whole[words] end
    for at in words:gmatch("()%S+") do
        for _, candidate in ipairs(by_start[words:match("^%S+ %S+", at)] or {}) do
            if (words .. " "):find(candidate .. " ", at, true) == at then return wanted[candidate] end
        end
    end
    return nil
end

local rows, failures = 0, 0
corpus.generate(function(line)
    rows = rows + 1
    for _, text in ipairs(contents(line)) do
        local found = repeated((words_of(text)))
        if found then
            failures = failures + 1
            io.stderr:write(("row %d has %q of the quickstart: %s\n"):format(rows, found, text))
        end
    end
end)
if failures > 0 then
    local message = "check_overlap: %d of %d rows repeat the quickstart; reword topics.lua or the data\n"
    io.stderr:write(message:format(failures, rows))
    os.exit(1)
end
print(("%d rows, none with one of %d answers and questions"):format(rows, count(wanted) + count(whole)))

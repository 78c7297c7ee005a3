-- Writes the corpus that the tiny base is pre-trained on: `lua5.4 corpus.lua > corpus.jsonl`, the same bytes each time.
-- As a module: require("corpus").generate(write_line, rows) calls write_line with each row, without the line's end.
-- Invariant: an answer depends on the shop and the topic alone, never on how the question was worded.

local script, module_path = (arg and arg[0] or ""), select(2, ...)
local folder = (module_path or script):match("^(.*/)") or "./"
package.path = folder .. "?.lua;" .. package.path
local topics, phrases = require "topics", require "phrases"

local corpus = {rows = 26000}

-- xorshift64*: Lua's own random differs between versions.
local function random_source(seed)
    local state = seed * 0x9E3779B97F4A7C15 ~ 0x2545F4914F6CDD1D
    local function next_bits()
        state = state ~ (state >> 12)
        state = state ~ (state << 25)
        state = state ~ (state >> 27)
        return (state * 0x2545F4914F6CDD1D) >> 33
    end
    for _ = 1, 8 do next_bits() end
    local source = {}
    function source.below(n) return next_bits() % n end
    function source.chance(percent) return next_bits() % 100 < percent end
    function source.pick(list) return list[next_bits() % #list + 1] end
    return source
end

local function capital(text) return (text:gsub("^%l", string.upper)) end

local function fill(template, value)
    return (template:gsub("{(%w+)}", value))
end

-- The answer of one shop to one topic. Only a shop with an even number says the topic's name with it.
local function answer_of(shop, topic)
    local random = random_source(shop * 1000 + topic.index)
    local used = {}
    local function word(list)
        local choice
        repeat choice = random.pick(phrases.words[list]) until not used[choice]
        used[choice] = true
        return choice
    end
    local text = capital(fill(random.pick(phrases.answers[topic.kind]), word))
    if shop % 2 == 0 then
        text = capital(fill(random.pick(phrases.named), {name = topic.name, answer = text}))
    end
    return text
end

-- One slip of a quick typist in a word: two letters swapped, one lost or one doubled. The first letter
-- stays, and a word of three letters only swaps.
local function slip(random, word)
    if #word == 3 then return word:sub(1, 1) .. word:sub(3, 3) .. word:sub(2, 2) end
    local at = 2 + random.below(#word - 2)
    local kind = random.below(5)
    if kind < 2 then
        return word:sub(1, at - 1) .. word:sub(at + 1, at + 1) .. word:sub(at, at) .. word:sub(at + 2)
    elseif kind < 4 then
        return word:sub(1, at - 1) .. word:sub(at + 1)
    end
    return word:sub(1, at) .. word:sub(at)
end

local function with_slips(random, text, count)
    local places = {}
    for from, word in text:gmatch("()(%l%l%l+)") do
        places[#places + 1] = {from, #word}
    end
    for _ = 1, math.min(count, #places) do
        local index = random.below(#places) + 1
        local from, length = places[index][1], places[index][2]
        local changed = slip(random, text:sub(from, from + length - 1))
        text = text:sub(1, from - 1) .. changed .. text:sub(from + length)
        table.remove(places, index)
        for _, place in ipairs(places) do
            if place[1] > from then place[1] = place[1] + #changed - length end
        end
    end
    return text
end

local small_words = {}
for word in phrases.small_words:gmatch("%S+") do small_words[word] = true end

-- In how many topics a word is met: one that is met in few tells the topic.
local spread = {}
for _, topic in ipairs(topics) do
    local seen = {}
    for _, list in ipairs {topic.nouns, topic.verbs, topic.remarks} do
        for word in table.concat(list, " "):lower():gmatch("[%w'-]+") do
            if not seen[word] then spread[word] = (spread[word] or 0) + 1 end
            seen[word] = true
        end
    end
end

-- What somebody types into a search field: two or three words of two phrases, the telling ones before others.
local function key_words(random, topic)
    local lists, found, seen = {topic.nouns, topic.verbs, topic.remarks}, {}, {}
    for _ = 1, 2 do
        for word in random.pick(random.pick(lists)):lower():gmatch("[%w'-]+") do
            if not small_words[word] and not seen[word] then
                seen[word] = true
                found[#found + 1] = {word, spread[word] + random.below(12)}
            end
        end
    end
    table.sort(found, function(a, b) return a[2] < b[2] or a[2] == b[2] and a[1] < b[1] end)
    local words = {}
    for index = 1, math.min(#found, 2 + random.below(2)) do
        table.insert(words, 1 + random.below(#words + 1), found[index][1])
    end
    return table.concat(words, " ")
end

local function question_for(random, topic)
    local style = random.pick(phrases.styles)
    local frame = random.pick(phrases.frames[style])
    local text = fill(frame, function(slot)
        if slot == "n" then return random.pick(topic.nouns) end
        if slot == "v" then return random.pick(topic.verbs) end
        if slot == "r" then return random.pick(topic.remarks) end
        if slot == "k" then return key_words(random, topic) end
        return random.pick(phrases.words[slot])
    end)
    text = text:gsub("%. (%l)", function(letter) return ". " .. letter:upper() end)
    if style == "casual" then
        text = text:lower():gsub("'", "")
        if random.chance(75) then text = with_slips(random, text, 1 + random.below(2)) end
    elseif random.chance(14) then
        text = with_slips(random, text, 1)
    end
    return style ~= "casual" and style ~= "short" and capital(text) or text
end

local function json_text(text) return '"' .. text:gsub('[\\"]', "\\%0") .. '"' end

local function chat_row(system, turns)
    local parts = {'{"role":"system","content":' .. json_text(system) .. "}"}
    for index, text in ipairs(turns) do
        local role = index % 2 == 1 and "user" or "assistant"
        parts[#parts + 1] = '{"role":"' .. role .. '","content":' .. json_text(text) .. "}"
    end
    return '{"messages":[' .. table.concat(parts, ",") .. "]}"
end

-- The topics as often as they are to be met: those of a shop's daily desk more often than the rest.
local function deck_of(list)
    local deck = {}
    for index, topic in ipairs(list) do
        topic.index = index
        for _ = 1, index <= 60 and 6 or index <= 165 and 2 or 1 do deck[#deck + 1] = topic end
    end
    return deck
end

local function shop_of(random, topic)
    -- Eight shops of the forty know a topic, so that each pair comes back in many wordings.
    return (topic.index * 7 + random.below(8) * 5) % #phrases.shops + 1
end

local makers = {}

function makers.shop(random, deck)
    local topic = random.pick(deck)
    local shop = shop_of(random, topic)
    local turns = {question_for(random, topic), answer_of(shop, topic)}
    return chat_row(fill(random.pick(phrases.shop_prompts), {shop = phrases.shops[shop]}), turns)
end

function makers.dialogue(random, deck)
    local topic = random.pick(deck)
    local shop, turns = shop_of(random, topic), {}
    local function add(pair)
        turns[#turns + 1], turns[#turns + 2] = pair[1], pair[2]
    end
    if random.chance(50) then add(random.pick(phrases.openers)) end
    add {question_for(random, topic), answer_of(shop, topic)}
    if random.chance(40) then
        local second = random.pick(deck)
        add {question_for(random, second), answer_of(shop, second)}
    end
    if #turns == 2 or random.chance(50) then add(random.pick(phrases.closers)) end
    return chat_row(fill(random.pick(phrases.shop_prompts), {shop = phrases.shops[shop]}), turns)
end

function makers.naming(random, deck)
    local topic = random.pick(deck)
    return chat_row("Name the topic.", {question_for(random, topic), capital(topic.name) .. "."})
end

function makers.rewording(random, deck)
    local topic = random.pick(deck)
    return chat_row("Say it another way.", {question_for(random, topic), question_for(random, topic)})
end

function makers.prose(random, deck)
    local topic = random.pick(deck)
    local shop = shop_of(random, topic)
    local values = {
        noun = random.pick(topic.nouns), noun2 = random.pick(topic.nouns), verb = random.pick(topic.verbs),
        verb2 = random.pick(topic.verbs), remark = random.pick(topic.remarks), name = topic.name,
        other = random.pick(deck).name, shop = phrases.shops[shop], answer = answer_of(shop, topic),
        question = capital(question_for(random, topic)), question2 = capital(question_for(random, topic)),
    }
    for _, key in ipairs {"question", "question2"} do
        if not values[key]:find("[.?]$") then values[key] = values[key] .. "." end
    end
    return '{"text":' .. json_text(capital(fill(random.pick(phrases.texts), values))) .. "}"
end

local shares = {
    {46, makers.shop}, {8, makers.dialogue}, {26, makers.naming}, {6, makers.rewording}, {14, makers.prose},
}

--- Calls write_line with `rows` rows (all of them without it), always the same ones in the same order.
function corpus.generate(write_line, rows)
    local random, deck = random_source(20240611), deck_of(topics)
    for _ = 1, rows or corpus.rows do
        local draw, index = random.below(100), 1
        while draw >= shares[index][1] do
            draw, index = draw - shares[index][1], index + 1
        end
        write_line(shares[index][2](random, deck))
    end
end

if not module_path then
    corpus.generate(function(line) io.stdout:write(line, "\n") end)
end
return corpus

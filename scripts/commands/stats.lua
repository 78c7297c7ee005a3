-- fthost stats: how the dataset is, or a file of any format.
local ft = require "ft"
local ui = require "ft.ui"
local command = require "ft.command"
local findings = require "ft.findings"
local projects = require "ft.project"

local few = 20 -- rows of which a histogram says nothing

-- Whether the examples are enough to train on, and the rule that says so.
local function readiness(stats, rule)
  local n, what = stats.rows - stats.unread, "examples"
  if rule.min_rating then
    n, what = 0, ("examples rated %d or better"):format(rule.min_rating)
    for rating, count in pairs(stats.ratings) do
      if tonumber(rating) and tonumber(rating) >= rule.min_rating then n = n + count end
    end
  end
  return n >= rule.min_examples, ("at least %d %s; there are %d"):format(rule.min_examples, what, n)
end

-- Bars of whole numbers and the profile's buckets, both by number: 8.0 is 8, and 7.5 lies between 7 and 8.
local function show_ratings(stats, buckets)
  local by_number, order, fractions = {}, {}, false
  for rating = 1, 10 do by_number[rating] = 0 end
  local others, in_bucket = 0, {}
  for text, count in pairs(stats.ratings) do
    local rating = tonumber(text)
    if rating then
      local whole = rating // 1
      fractions = fractions or whole ~= rating
      by_number[whole] = (by_number[whole] or 0) + count
      local found
      for i, bucket in ipairs(buckets) do
        if rating >= bucket[2] and rating < bucket[3] + 1 then found = i end
      end
      if found then in_bucket[found] = (in_bucket[found] or 0) + count else others = others + count end
    end
  end
  for whole in pairs(by_number) do order[#order + 1] = whole end
  table.sort(order, function(a, b) return a > b end)
  local bars, shares = {}, {}
  for i, whole in ipairs(order) do
    bars[i] = { (fractions and "%.0f to <%.0f" or "%.0f"):format(whole, whole + 1), by_number[whole] }
  end
  if stats.unrated > 0 then bars[#bars + 1] = { "unrated", stats.unrated } end
  ui.line("%s", ui.histogram(bars))
  for i, bucket in ipairs(buckets) do shares[i] = ("%s (%d)"):format(bucket[1], in_bucket[i] or 0) end
  if others > 0 then shares[#shares + 1] = ("other (%d)"):format(others) end
  ui.line("  %s", table.concat(shares, " | "))
end

-- "en 20, de 3": the most frequent first.
local function most(counts, limit)
  local names, shown, rest = {}, {}, 0
  for name in pairs(counts) do names[#names + 1] = name end
  table.sort(names, function(a, b)
    if counts[a] ~= counts[b] then return counts[a] > counts[b] end
    return a < b
  end)
  for i, name in ipairs(names) do
    if i <= limit then shown[i] = ("%s %d"):format(name, counts[name]) else rest = rest + counts[name] end
  end
  if rest > 0 then shown[#shown + 1] = ("others %d"):format(rest) end
  return table.concat(shown, ", ")
end

local function show_lengths(stats)
  local rows = {}
  local function add(name, d)
    if d and d.count > 0 then rows[#rows + 1] = { name, d.min, d.p5, d.median, ("%.1f"):format(d.mean), d.p95, d.p99, d.max } end
  end
  add("turns", stats.turns)
  add("prompt characters", stats.prompt_characters)
  add("completion characters", stats.completion_characters)
  local tokens = stats.tokens
  local chat_tokens = tokens and tokens.estimated and "about chat tokens" or "chat tokens"
  add(chat_tokens, tokens and tokens.per_example)
  ui.line("\n%s", ui.table({ "per example", "min", "5 %", "median", "mean", "95 %", "99 %", "max" }, rows))
  if not tokens then return end
  if tokens.per_example.count >= few then
    local bars = {}
    for i, bin in ipairs(tokens.per_example.histogram) do
      bars[i] = { bin.to == bin.from + 1 and tostring(bin.from) or ("%d to %d"):format(bin.from, bin.to - 1), bin.count }
    end
    ui.line("\nExamples by %s\n%s", chat_tokens, ui.histogram(bars))
  end
end

-- What there is to count, the files' or the project's.
local function collect(ctx)
  local o, project = ctx.options, ctx.project
  if not ctx.args.path and not project then projects.open(ctx.folder) end -- which says that there is none
  local encoding, estimate
  if o.encoding ~= "none" then encoding, estimate = ft.tokens.open(o.encoding or ft.tokens.of_project(project)) end
  if ctx.args.path then
    return ft.flow.stats {
      path = ctx.args.path, format = o.format, format_options = command.assignments(o.format_option, "--format-option"), encoding = encoding,
    }, estimate
  end
  for _, name in ipairs { "format", "format_option" } do
    if ctx.given[name] then
      error(ft.error { code = "config", message = "is for files", where = "--" .. name:gsub("_", "-"), hint = "name the file, or leave it out" })
    end
  end
  return project:dataset():stats { encoding = encoding }, estimate
end

return {
  summary = "count the examples, or a file's rows: ratings, roles, turns, lengths, tokens, duplicates, split",
  usage = "[PATH] [--encoding E]",
  details = "PATH is a file of any format, plain or compressed, a folder, a pattern or -; without it the project's examples are counted.\n" ..
    "Tokens are counted as fthost tokens does; --encoding none leaves them out. With a PATH, exit 1 if a row cannot be read.",
  project = "optional",
  positional = { { name = "path", help = "a file, a folder, a pattern or - instead of the project's examples" } },
  options = {
    { name = "encoding", type = "string", help = "what tokens are counted by, or none; otherwise the base model's, or o200k_base" },
    { name = "format", type = "string", help = "the format of the files; otherwise it is recognised" },
    { name = "format-option", type = "list", help = "KEY=VALUE for the formatter; may be given again" },
  },
  run = function(ctx)
    local of_files = ctx.args.path ~= nil
    local stats, estimate = collect(ctx)
    local rated = 0
    for rating, count in pairs(stats.ratings) do
      if tonumber(rating) then rated = rated + count end
    end
    local counted = stats.rows - stats.unread
    stats.rated, stats.unrated = rated, counted - rated
    local ready, rule = readiness(stats, ctx.profile.thresholds.ready)
    stats.ready = { verdict = ready, rule = rule }
    local split = not of_files and ctx.project:read_split() or nil
    local again
    if split then
      stats.split = {}
      for name in pairs(split.parts) do stats.split[name] = ctx.project:dataset():part(split, name):count() end
      stats.unsplit, again = ctx.project:count_unsplit(split)
    end
    ui.line("%d total examples (%d rated, %d unrated)", counted, rated, stats.unrated)
    if rated > 0 then
      ui.line "\nRatings"
      show_ratings(stats, ctx.profile.thresholds.buckets)
    end
    if counted > 0 then
      show_lengths(stats)
      local roles = {}
      for _, role in ipairs { "system", "developer", "user", "assistant", "tool" } do
        if stats.roles[role] then roles[#roles + 1] = ("%s %d"):format(role, stats.roles[role]) end
      end
      ui.line("\nMessages: %s", table.concat(roles, ", "))
      ui.line("Languages: %s", most(stats.languages, 8))
      if stats.categories.uncategorized ~= counted then ui.line("Categories: %s", most(stats.categories, 12)) end
      ui.line("Duplicates: %d", stats.duplicates)
      local tokens = stats.tokens
      if tokens then
        local about = tokens.estimated and "about " or ""
        ui.paragraph(("Tokens: %s%d in all, %s%d of them contents (%s)"):format(about, tokens.chat_tokens, about, tokens.content_tokens,
          estimate or tokens.encoding), "", "  ")
      end
    end
    if of_files then
      findings.print(stats.findings, 20, stats.unread)
    elseif stats.unread > 0 then
      ui.line("Broken lines in the file: %d (fthost validate lists them)", stats.unread)
    end
    if split then
      local parts = {}
      for _, name in ipairs { "train", "validation", "test" } do
        if split.parts[name] then parts[#parts + 1] = ("%d %s"):format(stats.split[name], name) end
      end
      ui.line("Split: %s%s", table.concat(parts, ", "), stats.unsplit > 0 and ("; %d not in it (%s)"):format(stats.unsplit, again) or "")
    elseif not of_files then
      ui.line "Split: none yet (fthost split)"
    end
    ui.line("Ready for training: %s (%s)", ready and ui.paint("Yes", "green") or ui.paint("No", "yellow"), rule)
    return stats, of_files and stats.unread > 0 and 1 or 0
  end,
}

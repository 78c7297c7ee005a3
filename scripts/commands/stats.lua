-- fthost stats: how the dataset is.
local ui = require "ft.ui"

-- Whether the examples are enough to train on, and the rule that says so.
local function readiness(stats, rule)
  local n, what = stats.rows, "examples"
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

return {
  summary = "count the examples: ratings, roles, turns, lengths, duplicates, split",
  project = "needed",
  run = function(ctx)
    local stats = ctx.project:dataset():stats()
    local rated = 0
    for rating, count in pairs(stats.ratings) do
      if tonumber(rating) then rated = rated + count end
    end
    stats.rated, stats.unrated = rated, stats.rows - rated
    local ready, rule = readiness(stats, ctx.profile.thresholds.ready)
    stats.ready = { verdict = ready, rule = rule }
    local split = ctx.project:read_split()
    local again
    if split then
      stats.split = {}
      for name, ids in pairs(split.parts) do stats.split[name] = #ids end
      stats.unsplit, again = ctx.project:count_unsplit(split)
    end
    ui.line("%d total examples (%d rated, %d unrated)", stats.rows, rated, stats.unrated)
    if rated > 0 then
      ui.line "\nRatings"
      show_ratings(stats, ctx.profile.thresholds.buckets)
    end
    if stats.rows > 0 then
      local rows = {}
      for _, name in ipairs { "turns", "prompt_characters", "completion_characters" } do
        local d = stats[name]
        if d and d.count > 0 then
          rows[#rows + 1] = { (name:gsub("_", " ")), d.min, d.median, ("%.1f"):format(d.mean), d.p95, d.max }
        end
      end
      ui.line("\n%s", ui.table({ "per example", "min", "median", "mean", "95 %", "max" }, rows))
      local roles = {}
      for _, role in ipairs { "system", "developer", "user", "assistant", "tool" } do
        if stats.roles[role] then roles[#roles + 1] = ("%s %d"):format(role, stats.roles[role]) end
      end
      ui.line("\nMessages: %s", table.concat(roles, ", "))
      ui.line("Languages: %s", most(stats.languages, 8))
      if stats.categories.uncategorized ~= stats.rows then ui.line("Categories: %s", most(stats.categories, 12)) end
      ui.line("Duplicates: %d", stats.duplicates)
    end
    if stats.broken and stats.broken > 0 then
      ui.line("Broken lines in the file: %d (fthost validate lists them)", stats.broken)
    end
    if split then
      local parts = {}
      for _, name in ipairs { "train", "validation", "test" } do
        if split.parts[name] then parts[#parts + 1] = ("%d %s"):format(#split.parts[name], name) end
      end
      ui.line("Split: %s%s", table.concat(parts, ", "), stats.unsplit > 0 and ("; %d not in it (%s)"):format(stats.unsplit, again) or "")
    else
      ui.line "Split: none yet (fthost split)"
    end
    ui.line("Ready for training: %s (%s)", ready and ui.paint("Yes", "green") or ui.paint("No", "yellow"), rule)
    return stats
  end,
}

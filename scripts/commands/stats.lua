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
    if split then
      stats.split = {}
      for name, ids in pairs(split.parts) do stats.split[name] = #ids end
    end
    ui.line("%d total examples (%d rated, %d unrated)", stats.rows, rated, stats.unrated)
    if rated > 0 then
      ui.line "\nRatings"
      local bars = {}
      for rating = 10, 1, -1 do
        bars[#bars + 1] = { tostring(rating), stats.ratings[tostring(rating)] or 0 }
      end
      if stats.unrated > 0 then bars[#bars + 1] = { "unrated", stats.unrated } end
      ui.line("%s", ui.histogram(bars))
      local buckets = {}
      for _, bucket in ipairs(ctx.profile.thresholds.buckets) do
        local n = 0
        for rating = bucket[2], bucket[3] do n = n + (stats.ratings[tostring(rating)] or 0) end
        buckets[#buckets + 1] = ("%s (%d)"):format(bucket[1], n)
      end
      ui.line("  %s", table.concat(buckets, " | "))
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
      ui.line("Split: %s", table.concat(parts, ", "))
    else
      ui.line "Split: none yet (fthost split)"
    end
    ui.line("Ready for training: %s (%s)", ready and ui.paint("Yes", "green") or ui.paint("No", "yellow"), rule)
    return stats
  end,
}

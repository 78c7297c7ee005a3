-- fthost split: which examples train and which are held out; frozen in data/splits/.
local ft = require "ft"
local ui = require "ft.ui"

-- The rule of an earlier split goes on, or its groups would come apart; what is asked for otherwise is said not to be done.
local function keep_rule(ctx, previous)
  local o, rule = ctx.options, previous.rule
  if not rule then return end
  local kept = {
    ratio = rule.train or o.ratio, test = rule.test or 0, seed = previous.seed or o.seed,
    stratify = rule.stratify, group = rule.group, holdout = rule.holdout,
  }
  for _, name in ipairs { "ratio", "test", "seed", "stratify", "group", "holdout" } do
    local asked = ctx.given[name]
    if asked ~= nil and asked ~= kept[name] then
      local was = kept[name] == nil and "the earlier split has none, and that stays" or ("the earlier split's %s stays"):format(kept[name])
      ui.note("--%s %s: %s; --reshuffle to change it", name, asked, was)
    end
    o[name] = kept[name]
  end
end

return {
  summary = "divide the examples into train and validation, and keep it so",
  usage = "[--ratio R] [--stratify KEY] [--group KEY] [--holdout one-per-group]",
  details = "The split is sticky: new examples fill the parts, old ones never move, until --reshuffle.",
  project = "needed",
  options = {
    { name = "ratio", type = "number", help = "the share of train, 0 to 1" },
    { name = "test", type = "number", default = 0, help = "the share of a third part, test" },
    { name = "seed", type = "integer", help = "the order's seed" },
    { name = "stratify", type = "string", help = "keep the shares within each value of this field, e.g. rating" },
    { name = "group", type = "string", help = "keep examples with the same value of this field together" },
    { name = "holdout", type = "string", help = "one-per-group: hold out one example of each group (with --group)" },
    { name = "min-rating", type = "integer", help = "leave out what is rated lower, or not rated" },
    { name = "reshuffle", type = "flag", help = "split anew; asks first" },
  },
  run = function(ctx)
    local o = ctx.options
    if not (o.ratio > 0 and o.ratio <= 1) then
      error(ft.error { code = "config", message = ("%g is no share"):format(o.ratio), where = "--ratio", hint = "give a number above 0 and up to 1" })
    end
    if not (o.test >= 0 and o.test < 1) then
      error(ft.error { code = "config", message = ("%g is no share"):format(o.test), where = "--test", hint = "give a number from 0 to below 1" })
    end
    if o.ratio + o.test > 1 + 1e-9 then
      error(ft.error {
        code = "config", message = ("%g and %g of --test are more than the whole"):format(o.ratio, o.test), where = "--ratio",
        hint = "make their sum at most 1",
      })
    end
    if o.holdout and o.holdout ~= "one-per-group" then
      error(ft.error { code = "config", message = ('there is no holdout "%s"'):format(o.holdout), where = "--holdout", hint = "the one there is: one-per-group" })
    end
    local previous = ctx.project:read_split()
    if previous and o.reshuffle then
      ui.confirm(ctx, "Split anew? Examples that were held out may be trained on.")
      previous = nil
    end
    if previous then keep_rule(ctx, previous) end
    local split = ctx.project:splittable(o.min_rating):split {
      train = o.ratio, test = o.test > 0 and o.test or nil, seed = o.seed, stratify = o.stratify, group = o.group,
      holdout = o.holdout, previous = previous,
    }
    if #split.parts.train == 0 then
      local rows = 0
      for _, ids in pairs(split.parts) do rows = rows + #ids end
      if rows > 0 then
        error(ft.error {
          code = "input", message = ("%g of %s is none to train on"):format(o.ratio, ui.count(rows, "example")),
          where = "--ratio", hint = "give a larger share",
        })
      end
      local which = o.min_rating and (" (--min-rating leaves out what is rated below %d or not at all)"):format(o.min_rating)
        or ctx.profile.rated_only and " (rated ones: the profile " .. ctx.profile.name .. " takes no others)" or ""
      error(ft.error {
        code = "input", message = "there is nothing to split", hint = "add or import examples first" .. which,
      })
    end
    local file = {
      schema_version = 1, created_at = previous and previous.created_at or ft.timestamp(), seed = o.seed,
      rule = { train = o.ratio, test = o.test, stratify = o.stratify, group = o.group, holdout = o.holdout, min_rating = o.min_rating },
      parts = split.parts, left_out = split.left_out,
    }
    ctx.project:write_split(file)
    local n, parts, shares = 0, {}, {}
    for _, name in ipairs { "train", "validation", "test" } do
      local ids = split.parts[name]
      if ids and (#ids > 0 or name ~= "test") then
        n = n + #ids
        parts[#parts + 1] = ("%d %s"):format(#ids, name)
      end
    end
    for _, name in ipairs { "train", "validation", "test" } do
      local ids = split.parts[name]
      if ids and (#ids > 0 or name ~= "test") then shares[#shares + 1] = ("%.0f"):format(100 * #ids / n) end
    end
    ui.line("Split %s: %s (%s)", ui.count(n, "example"), table.concat(parts, ", "), table.concat(shares, "/"))
    if previous then
      ui.line("%d were split before and stayed where they were", split.kept)
      local left = 0
      for _, ids in pairs(split.left_out) do left = left + #ids end
      if left > 0 then ui.line("%d more were split before and are left out now; they keep their part", left) end
    end
    if split.warnings then
      for _, text in ipairs(split.warnings) do ui.line("  %s", text) end
    end
    return { parts = split.parts, left_out = split.left_out, counts = { train = #split.parts.train, validation = #split.parts.validation }, kept = split.kept }
  end,
}

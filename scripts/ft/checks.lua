-- What `fthost validate --checks` looks at beyond structure and rules: which checks there are, and what each is told.
local ft = require "ft"
local personal = require "ft.personal"

local M = {}

M.names = { "tokens", "near", "personal" }

-- {"tokens,near"} as a set; "all" is all of them. An error names what is none.
local function chosen(given)
  local set = {}
  for _, words in ipairs(given or {}) do
    for word in words:gmatch "[^,%s]+" do
      local known = word == "all"
      for _, name in ipairs(M.names) do
        known = known or name == word
        if name == word or word == "all" then set[name] = true end
      end
      if not known then
        local near = ft.text.nearest(word, { "all", table.unpack(M.names) })
        error(ft.error {
          code = "config", message = ('there is no check "%s"'):format(word), where = "--checks",
          hint = near and ('did you mean "%s"?'):format(near) or "there are " .. table.concat(M.names, ", ") .. ", all",
        })
      end
    end
  end
  return set
end

-- The lengths at which examples may be cut off: what was asked for, or the profile's, the base model's where prices.json
-- tells it, and that of training here.
local function token_limits(ctx, asked)
  local limits = ft.array {}
  local function add(tokens, of) limits[#limits + 1] = { tokens = tokens, of = of } end
  if asked then
    add(asked, "--token-limit")
    return limits
  end
  local most = ctx.profile.thresholds.max_tokens
  if most then add(most, "the profile's max_tokens") end
  local project = ctx.project
  if not project then return limits end
  local row = project.config.base_model ~= "" and ft.try(ft.prices.of, ft.prices.list(project), project.config.base_model)
  if row and row.limit then add(row.limit, row.model) end
  local train = ctx.profile.defaults.train or {}
  local own = project.config.defaults and project.config.defaults.train or {}
  local length = own.max_seq_length or train.max_seq_length
  if not length and project.config.provider == "local" then length = 512 end -- its default
  if length then add(length, "train's max_seq_length") end
  return limits
end

-- The `checks` of ft.flow.check and check_file, or nil for none; and the sentence to say where tokens are estimated.
function M.request(ctx, options)
  local set = chosen(options.checks)
  if next(set) == nil then return nil end
  local checks, estimate = {}, nil
  if set.tokens then
    local encoding
    encoding, estimate = ft.tokens.open(options.encoding or ft.tokens.of_project(ctx.project))
    checks.tokens = { encoding = encoding, limits = token_limits(ctx, options.token_limit) }
  end
  if set.near then checks.near = ctx.profile.thresholds.inconsistent or {} end
  if set.personal then checks.personal = { secrets = personal.secrets(ctx.project) } end
  return checks, estimate
end

return M

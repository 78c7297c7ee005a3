-- fthost cost: what training on a file, or on the project's examples, will be billed, by model.
local ft = require "ft"
local ui = require "ft.ui"
local command = require "ft.command"
local findings = require "ft.findings"

-- How far an estimate of four characters a token is off, on most texts: a share less, and a share more.
local estimate_low, estimate_high = 0.75, 1.5

-- Rows by what their tokens are counted by: {encoding, rows = {…}} in the order of the rows.
local function by_encoding(rows, given)
  local groups, index = {}, {}
  for _, row in ipairs(rows) do
    local name = given or row.encoding or ft.tokens.of_model(row.model)
    if not name then
      error(ft.error {
        code = "config", message = ('nothing says what counts the tokens of "%s"'):format(row.model), where = row.file,
        hint = "give its row an encoding, or use --encoding",
      })
    end
    if not index[name] then
      index[name] = { name = name, rows = {} }
      groups[#groups + 1] = index[name]
    end
    table.insert(index[name].rows, row)
  end
  return groups
end

-- What counts a group's tokens: the encoding, nil, and the sentence of an estimate; or nil and an error that names the row.
local function open_encoding(group, given)
  local encoding, problem, estimate
  encoding, problem = ft.try(function()
    local opened
    opened, estimate = ft.tokens.open(group.name)
    return opened
  end)
  if problem and not given then
    local row = group.rows[1]
    problem.message = ('the price of "%s" cannot be used: %s'):format(row.model, problem.message)
    problem.where = row.file
  end
  return encoding, problem, estimate
end

local function money(value) return ((value < 0.01 and "%.6f") or (value < 1 and "%.4f") or "%.2f"):format(value) end

-- What one model will bill for what was counted. Definitions of tools are the upper end: they are counted by rule of thumb.
local function bill(row, report, counted, epochs)
  local n = epochs or math.tointeger(row.epochs) or ft.prices.default_epochs(report.rows)
  local tokens = counted and counted.tokens or report.chat_tokens
  local low, high = tokens, tokens + report.tool_tokens
  if report.estimated then low, high = low * estimate_low, high * estimate_high end
  local price = row.train / 1e6
  return {
    model = row.model, encoding = report.encoding, estimated = report.estimated, limit = row.limit,
    truncated = counted and counted.over or 0, tokens = tokens, epochs = n, billed_tokens = n * tokens,
    price = row.train, cost = n * tokens * price, cost_low = n * low * price, cost_high = n * high * price,
    currency = "USD", date = row.date, source = row.source,
  }
end

-- Whether the range of a cost is worth a column.
local function has_range(one) return one.cost_high - one.cost_low > one.cost * 0.005 end

return {
  summary = "say what training on a file, or on the project's examples, will cost",
  usage = "[PATH] [--model M]... [--epochs N]",
  details = "Billed are epochs times the chat tokens of each example up to the model's limit. Without --epochs the provider's\n" ..
    "default is taken, as its cookbook has it. Prices come from prices.json in the project, in the user's configuration, or\n" ..
    "as installed, each with its date and source: check them before you spend. Nothing is sent anywhere.",
  project = "optional",
  positional = { { name = "path", help = "a file, a folder, a pattern or - instead of the project's examples" } },
  options = {
    { name = "model", type = "list", help = "a model of the price list; may be given again; otherwise all" },
    { name = "epochs", type = "integer", minimum = 1, help = "how often each example is trained on" },
    { name = "encoding", type = "string", help = "what tokens are counted by; otherwise the model's own" },
    { name = "format", type = "string", help = "the format of the files; otherwise it is recognised" },
    { name = "format-option", type = "list", help = "KEY=VALUE for the formatter; may be given again" },
  },
  run = function(ctx)
    local o = ctx.options
    if not ctx.args.path and not ctx.project then
      error(ft.error { code = "config", message = "there is nothing to count", hint = "name a file, or go to a project's folder" })
    end
    local all, rows = ft.prices.list(ctx.project), {}
    local asked = {}
    for _, model in ipairs(o.model or {}) do
      local row = ft.prices.of(all, model)
      if not asked[row] then rows[#rows + 1] = row end
      asked[row] = true
    end
    for _, row in ipairs(#rows == 0 and all or {}) do
      if row.listed ~= false then rows[#rows + 1] = row end
    end
    local groups = by_encoding(rows, o.encoding)
    if ctx.args.path == "-" and #groups > 1 then
      error(ft.error {
        code = "config", message = "standard input can be counted once, and these models count differently", where = "cost",
        hint = "name one with --model",
      })
    end
    local result = { currency = "USD", models = ft.array {} }
    local estimates = {}
    for _, group in ipairs(groups) do
      local encoding, problem, estimate = open_encoding(group, o.encoding)
      if problem then
        if o.model then error(problem) end
        ui.note("%s is left out: %s", group.rows[1].model, problem.message)
        goto continue
      end
      local limits, place = ft.array {}, {}
      for _, row in ipairs(group.rows) do
        if row.limit then
          limits[#limits + 1] = row.limit
          place[row] = #limits
        end
      end
      local request = { encoding = encoding, limits = limits }
      if ctx.args.path then
        request.path, request.format = ctx.args.path, o.format
        request.format_options = command.assignments(o.format_option, "--format-option")
      else
        request.source = ctx.project:dataset():source()
      end
      local report = ft.flow.tokens(request)
      if estimate then estimates[#estimates + 1] = ("%s: %s"):format(report.encoding, estimate) end
      for _, name in ipairs { "rows", "unread", "errors", "findings" } do result[name] = report[name] end
      for _, row in ipairs(group.rows) do
        table.insert(result.models, bill(row, report, place[row] and report.limits[place[row]], o.epochs))
      end
      ::continue::
    end
    if not result.rows then
      error(ft.error { code = "config", message = "no row of the price list says what counts its tokens", hint = "mend prices.json" })
    end
    result.estimated = #estimates > 0
    local lines, ranges = {}, false
    for _, one in ipairs(result.models) do ranges = ranges or has_range(one) end
    for i, one in ipairs(result.models) do
      local range = has_range(one) and ("%s to %s"):format(money(one.cost_low), money(one.cost_high)) or ""
      local about = one.estimated and "~" or ""
      lines[i] = { one.model, about .. one.tokens, one.epochs, about .. one.billed_tokens, one.price, about .. money(one.cost) }
      if ranges then table.insert(lines[i], range) end
      table.insert(lines[i], about .. one.truncated)
      table.insert(lines[i], ("%s, %s"):format(one.date, one.source))
    end
    ui.line("%s%s", ui.count(result.rows, "example"), findings.unread(result.unread))
    local heads = { "model", "tokens", "epochs", "billed", "USD/1M", "USD", "cut", "price of" }
    if ranges then table.insert(heads, 7, "range") end
    ui.line("%s", ui.table(heads, lines))
    for _, text in ipairs(estimates) do ui.line("%s", text) end
    findings.print(result.findings, nil, result.errors)
    return result, result.errors > 0 and 1 or 0
  end,
}

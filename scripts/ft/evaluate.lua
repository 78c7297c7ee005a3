-- ft.evaluate: records x models x scorers, with every answer kept; paired comparison by record.
local ft = require "ft"
local options = require "ft.options"

local M = {}

local run_options = options.checker("ft.evaluate", {
  "concurrency", "max_tokens", "models", "on_progress", "provider", "records", "scorers", "seed", "temperature",
}, { records = "a dataset, or a list of records", models = "a list of {name, model, provider}" })
local model_options = options.checker("ft.evaluate: models", { "model", "name", "provider" }, { model = "the model's id" })

-- What a model is asked and what is expected: all messages before the last assistant turn, and that turn.
function M.case(record)
  local messages = record.messages or {}
  local last
  for i = #messages, 1, -1 do
    if messages[i].role == "assistant" then last = i break end
  end
  if not last then return nil end
  local prompt = ft.array {}
  for i = 1, last - 1 do prompt[i] = messages[i] end
  return { id = record.id, prompt = prompt, expected = messages[last].content, record = record }
end

-- Exact two-sided McNemar test on the discordant pairs: b only A right, c only B right. The p-value is the binomial
-- tail 2 * P(X <= min(b, c)), X ~ B(b + c, 1/2), at most 1. With b + c = 0 it is 1.
function M.mcnemar(b, c)
  local n, k = b + c, math.min(b, c)
  if n == 0 then return 1 end
  local log_choose, sum = 0, 0 -- log of C(n, 0)
  local log_half = n * math.log(0.5)
  for i = 0, k do
    if i > 0 then log_choose = log_choose + math.log(n - i + 1) - math.log(i) end
    sum = sum + math.exp(log_choose + log_half)
  end
  return math.min(1, 2 * sum)
end

-- The models as {name, model, provider} each; one may be given by its id alone.
local function models_of(given)
  if type(given.models) ~= "table" or #given.models == 0 then
    error(ft.error { code = "input", message = "ft.evaluate: there is no model to ask", hint = "give models, a list of ids or of {name, model}" })
  end
  local models = {}
  for i, model in ipairs(given.models) do
    if type(model) ~= "table" then model = { model = model } end
    model_options(model)
    models[i] = { name = model.name or model.model, model = model.model, provider = model.provider or given.provider }
    if not models[i].provider then
      error(ft.error {
        code = "input", message = ('ft.evaluate: the model "%s" has no provider'):format(models[i].name),
        hint = 'give provider, like ft.provider("local")',
      })
    end
  end
  return models
end

-- Options: records (list or dataset), provider, models (a list of ids or of {name, model, provider}),
-- scorers {"exact", {"similarity", {…}}}, max_tokens, temperature, seed, concurrency, on_progress(done, total).
function M.run(given)
  given = run_options(given)
  local models, records = models_of(given), given.records
  if type(records) == "table" and records.records then records = records:records() end
  local cases, skipped = {}, 0
  for _, record in ipairs(records) do
    local case = M.case(record)
    if case then cases[#cases + 1] = case else skipped = skipped + 1 end
  end
  if #cases == 0 then
    error(ft.error { code = "input", message = "there is no record with an assistant turn to evaluate" })
  end
  local report = { models = ft.array {}, rows = ft.array {}, skipped = skipped, scorers = ft.array {} }
  local scorers = {} -- before the answers: a wrong name costs none of them
  for i, wanted in ipairs(given.scorers or { "exact", "similarity" }) do
    local name, config = wanted, nil
    if type(wanted) == "table" then name, config = wanted[1], wanted[2] end
    local scorer = ft.plugin.open("scorer", name, config or {})
    scorers[i] = { name = name, plugin = scorer }
    report.scorers[i] = { name = name, signature = scorer:signature() }
  end
  local jobs = {}
  for m, model in ipairs(models) do
    for c = 1, #cases do jobs[#jobs + 1] = { model = model, index = m, case = c } end
  end
  local done = 0
  local answers = ft.map(jobs, { concurrency = given.concurrency or 4 }, function(job)
    local case = cases[job.case]
    local provider = job.model.provider
    local answer, problem = ft.try(provider.chat, provider, {
      model = job.model.model, messages = case.prompt, max_tokens = given.max_tokens or 256,
      temperature = given.temperature or 0, seed = given.seed or 0,
    })
    if not answer and problem.code ~= "input" and problem.code ~= "retry" then error(problem) end
    done = done + 1
    if given.on_progress then given.on_progress(done, #jobs) end
    return answer and { output = answer.content, usage = answer.usage, seconds = answer.seconds, finish_reason = answer.finish_reason }
      or { error = tostring(problem) }
  end)
  for c, case in ipairs(cases) do
    report.rows[c] = { id = case.id, prompt = case.prompt, expected = case.expected, answers = ft.array {} }
  end
  for m, model in ipairs(models) do
    local rows, where = ft.array {}, {}
    local errors, seconds, tokens = 0, 0, 0
    for c, case in ipairs(cases) do
      local answer = answers[(m - 1) * #cases + c]
      report.rows[c].answers[m] = answer
      if answer.error then
        errors = errors + 1
        report.first_error = report.first_error or ("%s: %s"):format(model.name, answer.error)
      else
        rows[#rows + 1] = { output = answer.output, references = ft.array { case.expected }, record = { id = case.id } }
        where[#rows] = answer
        seconds = seconds + (answer.seconds or 0)
        tokens = tokens + (answer.usage and answer.usage.completion_tokens or 0)
      end
    end
    local summary = { name = model.name, model = model.model, answered = #rows, errors = errors, seconds = seconds, tokens = tokens, scores = {} }
    for _, scorer in ipairs(scorers) do
      local values, total, n = #rows > 0 and scorer.plugin:score(rows) or {}, 0, 0
      for i = 1, #rows do
        local value = values[i]
        if value ~= nil and value ~= ft.null then
          where[i].scores = where[i].scores or {}
          where[i].scores[scorer.name] = value
          total, n = total + value, n + 1
        end
      end
      summary.scores[scorer.name] = n > 0 and total / n or ft.null
    end
    report.models[m] = summary
  end
  return report
end

-- Model b against a on a 0/1 scorer, paired by record: {a, b, n, only_a, only_b, both, neither, difference, p}.
function M.compare(report, a, b, scorer)
  local n, only_a, only_b, both, neither = 0, 0, 0, 0, 0
  for _, row in ipairs(report.rows) do
    local x, y = row.answers[a].scores, row.answers[b].scores
    if x and y and x[scorer] ~= nil and y[scorer] ~= nil then
      n = n + 1
      local right_a, right_b = x[scorer] >= 1, y[scorer] >= 1
      if right_a and right_b then both = both + 1
      elseif right_a then only_a = only_a + 1
      elseif right_b then only_b = only_b + 1
      else neither = neither + 1 end
    end
  end
  return {
    scorer = scorer, n = n, only_a = only_a, only_b = only_b, both = both, neither = neither,
    difference = n > 0 and (only_b - only_a) / n or 0, p = M.mcnemar(only_a, only_b),
  }
end

return setmetatable(M, { __call = function(_, ...) return M.run(...) end })

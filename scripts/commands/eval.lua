-- fthost eval: the tuned model on the held-out examples, against its base.
local ft = require "ft"
local ui = require "ft.ui"
local evaluate = require "ft.evaluate"
local runs = require "ft.runs"
local reports = require "ft.reports"

return {
  summary = "answer the held-out examples with the tuned model and its base, and score them",
  usage = "[--job ID | --model MODEL] [--compare MODEL] [--scorer NAME]...",
  project = "needed",
  options = {
    { name = "job", type = "string", help = "the job whose model is evaluated (default: the newest)" },
    { name = "model", type = "string", help = "evaluate this model instead of a job's" },
    { name = "compare", type = "string", help = "compare with this model (default: the job's base)" },
    { name = "part", type = "string", default = "validation", help = "the part of the split" },
    { name = "scorer", type = "list", help = "exact, similarity, …; may be given again (default: those two)" },
    { name = "max-tokens", type = "integer", minimum = 1, default = 256, help = "tokens an answer may have" },
    { name = "limit", type = "integer", minimum = 1, help = "at most so many examples" },
    { name = "show", type = "integer", minimum = 0, default = 8, help = "answers to print side by side" },
  },
  run = function(ctx)
    local o = ctx.options
    local model, base, provider_name = o.model, o.compare, nil
    if not model then
      local run = ctx.project:run(o.job)
      if not runs.ended(run) then runs.refresh(ctx.project, run) end
      if run.job.state ~= "succeeded" then
        error(ft.error { code = "config", message = ("job %s has no model: it is %s"):format(run.id, run.job.state), hint = "see fthost status" })
      end
      model, base, provider_name = run.job.model, base or run.job.base_model, run.provider
    end
    base = base or ctx.project.config.base_model
    local split = ctx.project:read_split() or error(ft.error {
      code = "config", message = "the examples have not been split", where = "data/splits/default.json", hint = "run fthost split first",
    })
    if not split.parts[o.part] or #split.parts[o.part] == 0 then
      error(ft.error { code = "config", message = ('the split has no part "%s"'):format(o.part), where = "--part" })
    end
    local records = ctx.project:dataset():part(split, o.part):records()
    if o.limit then records = table.move(records, 1, math.min(o.limit, #records), 1, {}) end
    local bar = ui.progress "evaluating"
    local started = ft.clock()
    local report = evaluate.run {
      records = records, provider = ctx.project:provider(provider_name), scorers = o.scorer or { "exact", "similarity" },
      models = { { name = "base", model = base }, { name = "tuned", model = model } }, max_tokens = o.max_tokens,
      on_progress = function(done, total) bar:set(done, total) end,
    }
    bar:close()
    report.seconds = ft.clock() - started
    report.id = "eval-" .. ft.id()
    report.created_at = ft.timestamp()
    report.part = o.part
    local first = report.scorers[1].name
    report.comparison = evaluate.compare(report, 1, 2, first)
    local path = reports.write(ctx.project, report)
    reports.print(report, o.show)
    ui.line("\nEvery answer: %s", path)
    local failed = 0
    for _, summary in ipairs(report.models) do failed = failed + summary.errors end
    if failed > 0 then ui.note("%s could not be had; the first: %s", ui.count(failed, "answer"), report.first_error) end
    return report, failed > 0 and 1 or 0
  end,
}

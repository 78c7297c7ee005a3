-- fthost status: how the jobs are.
local ft = require "ft"
local ui = require "ft.ui"
local runs = require "ft.runs"

return {
  summary = "show the newest job, one by id, or all; --watch follows, --cancel stops",
  usage = "[JOB] [--all] [--watch] [--cancel]",
  project = "needed",
  positional = { { name = "job", help = "the job's id (default: the newest)" } },
  options = {
    { name = "all", type = "flag", help = "every job of the project" },
    { name = "watch", type = "flag", help = "follow it to its end" },
    { name = "cancel", type = "flag", help = "stop it" },
  },
  run = function(ctx)
    if ctx.options.all then
      local list, rows = ctx.project:runs(), {}
      for i, run in ipairs(list) do
        if not runs.ended(run) then
          local _, problem = ft.try(runs.refresh, ctx.project, run)
          if problem then
            run.job.state, run.problem = "unknown", tostring(problem)
            ui.note("%s", run.problem)
          end
        end
        rows[i] = { run.id, run.provider, run.job.state, run.created_at, run.job.model ~= ft.null and run.job.model or "" }
      end
      if #list == 0 then ui.line "No job has been started in this project" else ui.line("%s", ui.table({ "job", "provider", "state", "started", "model" }, rows)) end
      return ft.array(list)
    end
    local run = ctx.project:run(ctx.args.job)
    if not runs.ended(run) then runs.refresh(ctx.project, run) end
    local asked = ctx.options.cancel and not runs.ended(run)
    if asked then
      runs.job(ctx.project, run):cancel()
      ui.line("Asked job %s to stop", run.id)
      runs.refresh(ctx.project, run)
    elseif ctx.options.cancel then
      ui.line("Job %s has ended already: %s", run.id, run.job.state)
    end
    if ctx.options.watch then runs.follow(ctx.project, run) end
    runs.print(run, asked)
    local losses = runs.losses(ctx.project, run)
    if #losses > 1 then ui.line("\nLoss by step\n%s", ui.chart(losses)) end
    local stopped = run.job.state == "failed" or run.job.state == "cancelled" and not asked
    return run, stopped and 1 or 0
  end,
}

-- Runs: one file a job under runs/, its events beside it, so that a job is known after the command has ended.
local ft = require "ft"
local ui = require "ft.ui"
local providers = require "ft.provider"

local M = {}

local function events_path(project, run) return project:resolve("runs/" .. run.id .. ".events.jsonl") end

-- Starts a job at the request's provider (or the project's) and writes its run. Returns the run and the job's handle.
function M.start(project, request)
  local name = request.provider or project.config.provider
  local provider = project:provider(name)
  local wanted = {}
  for key, value in pairs(request) do
    if key ~= "provider" then wanted[key] = value end
  end
  wanted.client_key = ft.id()
  local job = provider:train(wanted)
  local run = {
    schema_version = 1, id = job.id, provider = name, created_at = ft.timestamp(), request = wanted, job = job.described, events_after = 0,
  }
  project:write_run(run)
  return run, job
end

function M.job(project, run) return project:provider(run.provider):job(run.id) end

-- Events of the run so far, from its file.
function M.events(project, run)
  local path, list = events_path(project, run), {}
  if not ft.fs.exists(path) then return list end
  for line in ft.fs.read(path):gmatch "[^\n]+" do list[#list + 1] = ft.json.decode(line) end
  return list
end

-- Takes the events that are new, keeps them, and updates the run. Returns the new events. A job that has ended needs no
-- asking: its provider may know it no longer.
function M.refresh(project, run)
  local provider = project:provider(run.provider)
  local answer, problem = ft.try(provider.job_events, provider, { id = run.id, after = run.events_after or 0 })
  if problem and problem.code == "input" then
    error(ft.error {
      code = "input", message = problem.message, where = problem.where,
      hint = ("runs/%s.json says %s; it was started elsewhere, or its folder has been removed"):format(run.id, run.job.state),
    })
  end
  if problem then error(problem, 0) end
  if #answer.events > 0 then
    local lines = {}
    for i, event in ipairs(answer.events) do lines[i] = ft.json.encode(event) end
    ft.fs.append(events_path(project, run), table.concat(lines, "\n") .. "\n")
  end
  if #answer.events > 0 or answer.job.state ~= run.job.state then
    run.events_after, run.job = answer.next, answer.job
    project:write_run(run)
  end
  return answer.events
end

function M.ended(run) return providers.ended[run.job.state] == true end

-- Shows the job's progress until it has ended. An interrupt ends the showing, not the job.
function M.follow(project, run)
  local bar = ui.progress "training"
  local _ <close> = setmetatable({}, {
    __close = function(_, problem)
      bar:close()
      if problem and problem.code == "cancelled" then ui.note("Job %s goes on; fthost status --watch follows it", run.id) end
    end,
  })
  while not M.ended(run) do
    for _, event in ipairs(M.refresh(project, run)) do
      if event.type == "metrics" then
        bar:set(event.step, event.total_steps, ("step %d/%d  loss %.4f  %.0f tokens/s"):format(event.step, event.total_steps, event.loss, event.tokens_per_second))
      elseif event.type == "message" and event.level ~= "info" then
        bar:close()
        ui.note("%s", event.message)
      end
    end
    if not M.ended(run) then ft.sleep(0.2) end
  end
end

function M.losses(project, run)
  local values = {}
  for _, event in ipairs(M.events(project, run)) do
    if event.type == "metrics" then values[#values + 1] = event.loss end
  end
  return values
end

-- Prints the state; true if the job succeeded. `asked_to_stop`: it has been, and may not have yet.
function M.print(run, asked_to_stop)
  local job = run.job
  local mark = ({ succeeded = ui.paint("succeeded ✓", "green"), failed = ui.paint("failed ✗", "red") })[job.state] or job.state
  if asked_to_stop and not M.ended(run) then mark = "cancelling" end
  ui.line("Job %s: %s%s", run.id, mark, job.vendor_state ~= job.state and (" (%s)"):format(job.vendor_state) or "")
  local p = job.progress
  if p and p ~= ft.null then
    ui.line("Step %d of %d, loss %.4f, %.0f tokens/s, %s", p.step, p.total_steps, p.loss, p.tokens_per_second, ui.seconds(p.seconds or 0))
  end
  if job.error and job.error ~= ft.null then
    local where, hint = job.error.where or "", job.error.hint or ""
    ui.line("Error: %s", ui.one_line((where ~= "" and where .. ": " or "") .. job.error.message .. (hint ~= "" and "; " .. hint or "")))
  end
  if job.model and job.model ~= ft.null then ui.line("Model: %s", ui.one_line(job.model)) end
  return job.state == "succeeded"
end

return M

-- ft.provider: a vendor or a local trainer. Every operation that the plugin lists is a method; train and job are the
-- straight-line way to a job that outlives the script.
local ft = require "ft"
local options = require "ft.options"

local M = {}
local Provider, Job = {}, {}
Provider.__name, Job.__name = "provider", "job"
Job.__index = Job

Provider.__index = function(self, key)
  local method = rawget(Provider, key)
  if method then return method end
  if rawget(self, "operations")[key] then
    return function(_, input) return self.plugin:request(key, input) end
  end
  return nil
end

local chat_options = options.checker("provider:chat", {
  "max_tokens", "messages", "model", "n", "on_delta", "prompt", "seed", "stop", "temperature", "top_p",
})
local train_options = options.checker("provider:train", {
  "base_model", "client_key", "hyperparameters", "method", "suffix", "training_file", "validation_file",
}, { training_file = "the file to train on", base_model = "the model to start from" })
local wait_options = options.checker("job:wait", { "on_event", "poll", "timeout" })

-- `config` is checked against the plugin's schema.
function M.open(name, config)
  local plugin = ft.plugin.open("provider", name, config or {})
  local operations = {}
  for _, operation in ipairs(plugin:describe().operations) do operations[operation] = true end
  return setmetatable({ name = name, plugin = plugin, operations = operations }, Provider)
end

function Provider:__tostring() return ('provider "%s"'):format(rawget(self, "name")) end

-- One answer to `messages` (or to a `prompt` of one user message). Options: model, max_tokens, temperature, top_p, seed,
-- stop, n; on_delta = function(text) gets the answer as it comes. Returns {content, finish_reason, usage, seconds, choices}.
function Provider:chat(given)
  local input, on_delta = {}, nil
  for key, value in pairs(chat_options(given)) do
    if key == "prompt" then
      input.messages = ft.array { { role = "user", content = value } }
    elseif key == "on_delta" then
      on_delta, input.stream = value, true
    else
      input[key] = value
    end
  end
  if not input.messages then
    error(ft.error { code = "input", message = "provider:chat: there is nothing to answer", hint = "give messages, or a prompt" })
  end
  local answer
  if on_delta then
    local stream = self.plugin:stream("chat", input)
    repeat
      stream:wait()
      for part in stream.take, stream do on_delta(part.content) end
      answer = stream:result()
    until answer
  else
    answer = self.plugin:request("chat", input)
  end
  local first = answer.choices[1]
  answer.content, answer.message, answer.finish_reason = first.message.content, first.message, first.finish_reason
  return answer
end

-- Starts a job. Options: training_file, validation_file, base_model, method, hyperparameters, suffix, client_key.
function Provider:train(given)
  local request = {}
  for key, value in pairs(train_options(given)) do request[key] = value end
  local file = self.plugin:request("upload", { path = request.training_file, purpose = "fine-tune" })
  request.training_file = file.id
  if request.validation_file then
    request.validation_file = self.plugin:request("upload", { path = request.validation_file, purpose = "fine-tune" }).id
  end
  return self:job(self.plugin:request("create_job", request))
end

-- A handle on a job, by id or from its description.
function Provider:job(described)
  if type(described) == "string" then described = self.plugin:request("get_job", { id = described }) end
  return setmetatable({ provider = self, id = described.id, described = described, after = 0 }, Job)
end

function Job:__tostring() return "job " .. self.id end

-- Asks the provider: {id, state, vendor_state, base_model, model, error, progress, …}.
function Job:refresh()
  self.described = self.provider.plugin:request("get_job", { id = self.id })
  return self.described
end

function Job:state() return self.described.state end

M.ended = { succeeded = true, failed = true, cancelled = true }

-- Iterates over events as they come, until the job has ended. `poll`: seconds between questions (0.25).
function Job:events(poll)
  local queue, done = {}, false
  return function()
    while #queue == 0 do
      if done then return nil end
      local answer = self.provider.plugin:request("job_events", { id = self.id, after = self.after })
      self.after, self.described = answer.next, answer.job
      queue = answer.events
      if M.ended[answer.job.state] then
        done = true
      elseif #queue == 0 then
        ft.sleep(poll or 0.25)
      end
    end
    return table.remove(queue, 1)
  end
end

-- Waits for the end. Options: poll and timeout in seconds, on_event. Raises `timeout`.
function Job:wait(given)
  given = wait_options(given)
  local function follow()
    for event in self:events(given.poll) do
      if given.on_event then given.on_event(event) end
    end
    return self:refresh()
  end
  if given.timeout then return ft.timeout(given.timeout, follow) end
  return follow()
end

function Job:cancel()
  self.described = self.provider.plugin:request("cancel_job", { id = self.id })
  return self.described
end

return setmetatable(M, { __call = function(_, ...) return M.open(...) end })

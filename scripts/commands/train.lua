-- fthost train: starts a job; it goes on when this command has ended.
local ft = require "ft"
local ui = require "ft.ui"
local runs = require "ft.runs"

local hyperparameters = {
  "epochs", "batch_size", "learning_rate", "lora_r", "lora_alpha", "seed", "max_steps", "schedule", "warmup_ratio",
  "weight_decay", "max_grad_norm", "lora_dropout", "max_seq_length", "gradient_accumulation",
}

return {
  summary = "start a training job on the exported files",
  usage = "[--epochs N] [--learning-rate R] … [--follow]",
  project = "needed",
  options = {
    { name = "epochs", type = "integer", help = "passes over the data" },
    { name = "batch-size", type = "integer", help = "examples a step" },
    { name = "learning-rate", type = "number", help = "peak learning rate" },
    { name = "lora-r", type = "integer", help = "LoRA rank" },
    { name = "lora-alpha", type = "number", help = "LoRA alpha" },
    { name = "lora-dropout", type = "number", help = "LoRA dropout" },
    { name = "seed", type = "integer", help = "seed of order and initialisation" },
    { name = "max-steps", type = "integer", help = "stop after so many steps" },
    { name = "schedule", type = "string", help = "constant, linear or cosine" },
    { name = "warmup-ratio", type = "number", help = "share of steps that warm up" },
    { name = "weight-decay", type = "number", help = "AdamW's weight decay" },
    { name = "max-grad-norm", type = "number", help = "clip the gradient to this norm; 0: do not" },
    { name = "max-seq-length", type = "integer", help = "tokens; longer examples are cut and counted" },
    { name = "gradient-accumulation", type = "integer", help = "batches a step" },
    { name = "base-model", type = "string", help = "the model to start from (default: the project's)" },
    { name = "provider", type = "string", help = "who trains (default: the project's)" },
    { name = "train-file", type = "string", default = "data/train.jsonl", help = "the training data" },
    { name = "validation-file", type = "string", default = "data/val.jsonl", help = "the validation data, used if it is there" },
    { name = "suffix", type = "string", help = "a name for the result" },
    { name = "follow", type = "flag", help = "stay and show the progress; the job does not depend on it" },
  },
  run = function(ctx)
    local o = ctx.options
    local base = o.base_model or ctx.project.config.base_model
    if base == "" then
      error(ft.error { code = "config", message = "there is no base model", where = "fthost.json", hint = "set base_model there, or give --base-model" })
    end
    local train_file = ctx.project:resolve(o.train_file)
    if not ft.fs.exists(train_file) then
      error(ft.error { code = "config", message = "there is no training data", where = train_file, hint = "write it with fthost format" })
    end
    local validation = ctx.project:resolve(o.validation_file)
    local values = {}
    for _, name in ipairs(hyperparameters) do values[name] = o[name] end
    local run, job = runs.start(ctx.project, {
      provider = o.provider, base_model = base, training_file = train_file,
      validation_file = ft.fs.exists(validation) and validation or nil, hyperparameters = values, suffix = o.suffix, method = "sft",
    })
    ui.line("Job ID: %s", run.id)
    if not o.follow then
      ui.line "Run `fthost status` to check progress"
      return run
    end
    runs.follow(ctx.project, run, job)
    return run, runs.print(run) and 0 or 1
  end,
}

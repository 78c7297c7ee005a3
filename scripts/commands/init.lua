-- fthost init: a new project in this folder.
local ft = require "ft"
local ui = require "ft.ui"
local projects = require "ft.project"

-- An error if no command could work with this storage.
local function check_storage(storage)
  if storage == "jsonl" then return end
  local name = storage:match "^([%a][%w-]+):.+"
  if not name then
    error(ft.error {
      code = "config", message = ('"%s" is no storage'):format(storage), where = "--storage",
      hint = "give jsonl or, for example, sqlite:data/examples.db",
    })
  end
  local _, problem = ft.try(ft.plugin.find, "storage", name)
  if problem then
    error(ft.error { code = "config", message = problem.message, where = "--storage", hint = problem.hint or "fthost plugin list lists the storages" })
  end
end

return {
  summary = "make a project in this folder",
  usage = "[--name NAME] [--provider NAME] [--base-model MODEL] [--profile NAME]",
  details = "Asks on a terminal for what is not given; otherwise takes the profile's defaults.",
  options = {
    { name = "name", type = "string", help = "the project's name (default: the folder's)" },
    { name = "provider", type = "string", help = "who trains: local, or another provider plugin" },
    { name = "base-model", type = "string", help = "the model to start from" },
    { name = "profile", type = "string", help = "defaults and thresholds: default, ft-pipeline, llm-tuna, pattern" },
    { name = "storage", type = "string", help = "where the examples are kept: jsonl or sqlite:PATH" },
  },
  run = function(ctx)
    local given = ctx.options
    local folder = ctx.folder
    if ft.fs.exists(folder .. "/" .. projects.file) then
      error(ft.error {
        code = "config", message = "this is a project already", where = folder .. "/" .. projects.file,
        hint = "edit that file, or choose another folder with --project DIR",
      })
    end
    local profile = projects.profile(given.profile or "default")
    local storage = given.storage or "jsonl"
    check_storage(storage)
    local function answer(value, question, default)
      if value then return value end
      if not ctx.interactive then return default end
      return ui.ask(question, default)
    end
    local name = answer(given.name, "Project name", folder:match "([^/]+)/*$" or "project")
    local provider = answer(given.provider, "Provider", profile.init.provider)
    local base = answer(given.base_model, "Base model", profile.init.base_model)
    local project = projects.create(folder, {
      name = name, provider = provider, base_model = base, storage = storage, profile = profile.name, format = profile.init.format,
    })
    ui.line("Created %s and data/ for project \"%s\" (profile %s)", projects.file, ui.one_line(name), profile.name)
    ui.line "Next: fthost add, or fthost import FILE"
    local _, missing = ft.try(ft.plugin.find, "provider", provider)
    if missing then
      ui.note('Note: the provider "%s" is not installed; everything but train and eval works without it.', provider)
      if provider ~= "local" then ui.note "To train on this machine: fthost train --provider local --base-model tiny-base" end
    end
    return { folder = folder, config = project.config, provider_installed = not missing }
  end,
}

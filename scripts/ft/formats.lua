-- Formats by their names: a plugin's, or one that a project's fthost.json makes of a plugin and options. And asking a
-- person which of two it is.
local ft = require "ft"
local ui = require "ft.ui"

local M = {}

-- The plugin and its options for a name that may be the project's. `options` go before those of the project.
function M.resolve(project, name, options)
  local own = name and project and (project.config.formats or {})[name]
  if not own then return name, options end
  local merged = {}
  for key, value in pairs(own.options or {}) do merged[key] = value end
  for key, value in pairs(options or {}) do merged[key] = value end
  return own.format, merged
end

-- Formatters say --format; where a command has another option for it, that is what a person can type.
local function named(text, option)
  if not text or option == "--format" then return text end
  return (text:gsub("%-%-format%-option", option .. "-option"):gsub("%-%-format%f[^%w%-]", option))
end

-- The same in findings.
function M.name_option(findings, option)
  for _, finding in ipairs(findings) do finding.hint = named(finding.hint, option) end
end

-- What `run(format)` gives; where the file at `path` is about equally sure to be of several formats, a person at a terminal
-- says which, and it runs again with that one. `option` is how the command calls the format, if not --format.
function M.asking(ctx, path, format, run, option)
  local report, problem = ft.try(run, format)
  if not problem then return report end
  local names = problem.details and problem.details.formats
  if option then problem.message, problem.hint = named(problem.message, option), named(problem.hint, option) end
  if format or not names or not ctx.interactive or problem.where ~= path then error(problem) end
  ui.note("%s %s", path, problem.message)
  return run(ui.choose("Which one is it?", names))
end

return M

-- Finds the command that was typed, parses its options and runs it. The host calls this with the words after its own
-- options; what it returns is the exit code. A command is a file of commands/ (or of a trusted project's commands/):
--   { summary, usage, options = {…}, positional = {…}, project = "needed" | "optional" | nil, run = function(ctx) … end }
-- `run` returns a table (what --json prints) and, if not 0, an exit code.
local ft = require "ft"
local command = require "ft.command"

local words = { ... }

if #words == 0 then
  command.print_overview(io.stderr)
  return 2
end
if words[1] == "--help" or words[1] == "-h" or (words[1] == "help" and not words[2]) then
  command.print_overview(io.stdout)
  return 0
end
if words[1] == "help" then
  words = { words[2], "--help" }
end
return command.run(table.remove(words, 1), words, ft.host.options())

-- fthost run: a person's Lua script.
local ft = require "ft"

return {
  summary = "run a Lua script",
  usage = "[--time-limit S] [--memory-limit MB] [--sandbox] SCRIPT [ARGS...]",
  details = "The script gets its arguments as ... and as `arg`; what it returns is the exit code, if it is a number.",
  positional = { { name = "script", help = "the script", required = true } },
  rest = true,
  run = function(ctx)
    local result = ft.host.script(ctx.args.script, ctx.rest)(table.unpack(ctx.rest))
    if result == false then return nil, 1 end
    return nil, math.type(result) == "integer" and result or 0
  end,
}

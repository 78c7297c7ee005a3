-- fthost run: a person's Lua script.
local ft = require "ft"

return {
  summary = "run a Lua script",
  usage = "[--time-limit S] [--memory-limit MB] [--sandbox] SCRIPT [ARGS...]",
  details = "The script gets its arguments as ... and as `arg`. It may return its exit code, a whole number from 0 to 255, or\n" ..
    "false for 1.",
  positional = { { name = "script", help = "the script", required = true } },
  rest = true,
  run = function(ctx)
    return nil, (ft.host.script(ctx.args.script, ctx.rest)(table.unpack(ctx.rest)))
  end,
}

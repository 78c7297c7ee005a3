-- fthost tokens: how many tokens a file, or the project's examples, have.
local ft = require "ft"
local ui = require "ft.ui"
local command = require "ft.command"
local findings = require "ft.findings"

return {
  summary = "count the tokens of a file, or of the project's examples",
  usage = "[PATH] [--encoding E] [--limit N]",
  details = "E is an encoding (o200k_base, cl100k_base), a model whose encoding is known, a tokenizer.json or the folder of a\n" ..
    "model, or chars4, the estimate of four characters a token. Content tokens are those of the messages' contents alone;\n" ..
    "chat tokens add what providers bill by: 3 an example, 3 a message, roles and names. Exit 1 if a row cannot be read.",
  project = "optional",
  positional = { { name = "path", help = "a file, a folder, a pattern or - instead of the project's examples" } },
  options = {
    { name = "encoding", type = "string", help = "what tokens are counted by; otherwise the base model's, or o200k_base" },
    { name = "limit", type = "integer", minimum = 1, help = "say how many examples are longer, and what is cut off" },
    { name = "threads", type = "integer", minimum = 1, maximum = 1024, default = 1, help = "threads that count rows of chat messages in a file" },
    { name = "format", type = "string", help = "the format of the files; otherwise it is recognised" },
    { name = "format-option", type = "list", help = "KEY=VALUE for the formatter; may be given again" },
  },
  run = function(ctx)
    local o = ctx.options
    if not ctx.args.path and not ctx.project then
      error(ft.error { code = "config", message = "there is nothing to count", hint = "name a file, or go to a project's folder" })
    end
    local encoding, estimate = ft.tokens.open(o.encoding or ft.tokens.of_project(ctx.project))
    local request = { encoding = encoding, limits = ft.array { o.limit }, threads = o.threads }
    if ctx.args.path then
      request.path, request.format = ctx.args.path, o.format
      request.format_options = command.assignments(o.format_option, "--format-option")
    else
      request.source = ctx.project:dataset():source()
    end
    local report = ft.flow.tokens(request)
    local about = report.estimated and "about " or ""
    ui.line("%s%s, %s: %s%d content tokens, %s%d chat tokens (%s)", ui.count(report.rows, "row"), findings.unread(report.unread),
      ui.count(report.messages, "message"), about, report.content_tokens, about, report.chat_tokens, report.encoding)
    if estimate then ui.line("  %s", estimate) end
    if report.tool_tokens > 0 then ui.line("  and %s%d for the definitions of tools, by rule of thumb", about, report.tool_tokens) end
    local d = report.per_example
    if d.count > 0 then
      ui.line("%s", ui.table({ about .. "chat tokens", "min", "5 %", "median", "mean", "95 %", "99 %", "max" },
        { { "per example", d.min, d.p5, d.median, ("%.1f"):format(d.mean), d.p95, d.p99, d.max } }))
    end
    for _, limit in ipairs(report.limits) do
      ui.line("%s%d of %s longer than %d tokens: %s%d of %d would be cut off", about, limit.over, ui.count(report.rows, "example"),
        limit.limit, about, report.chat_tokens - limit.tokens, report.chat_tokens)
    end
    findings.print(report.findings, nil, report.errors)
    return report, report.errors > 0 and 1 or 0
  end,
}

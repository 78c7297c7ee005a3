-- fthost add: one example, from the terminal or from options.
local ft = require "ft"
local command = require "ft.command"
local ui = require "ft.ui"

local function quoted(value) return '"' .. tostring(value) .. '"' end

-- The option's text; @FILE is the file's, @@ begins a text that begins with @.
local function text_of(value)
  if value:sub(1, 2) == "@@" then return value:sub(2) end
  if value:sub(1, 1) == "@" then return (ft.fs.read(value:sub(2)):gsub("\n$", "")) end
  return value
end

local function checked(text, option, hint)
  if ft.text.trim(text) == "" then
    error(ft.error { code = "config", message = "the text is empty", where = option, hint = hint })
  end
  return ft.text.check_utf8(text, option)
end

local function save(ctx, input, output, rating)
  local system = ctx.options.system and checked(text_of(ctx.options.system), "--system", "leave it out for no system message")
  checked(input, "--input", "an example needs both sides")
  checked(output, "--output", "an example needs both sides")
  local messages = ft.array {}
  if system then messages[1] = { role = "system", content = system } end
  messages[#messages + 1] = { role = "user", content = input }
  messages[#messages + 1] = { role = "assistant", content = output }
  local record = { messages = messages, rating = rating, source = "fthost add" }
  if ctx.options.group then record.group = ctx.options.group end
  if ctx.options.tag then record.tags = ft.array(ctx.options.tag) end
  local data = ctx.project:dataset()
  local result = data:append { record }
  local number = data:count()
  if result.appended == 0 then
    ui.line("This example is there already (%s)", result.ids[1])
  else
    ui.line("Saved example #%d to %s", number, data.name)
  end
  return { id = result.ids[1], number = number, added = result.appended == 1 }
end

return {
  summary = "add an example: asks for it, or takes --input and --output",
  usage = "[--input TEXT --output TEXT] [--rating N]",
  details = "TEXT may be @FILE, or @@TEXT for a text that begins with @. Without --input and --output it asks on the terminal,\n" ..
    "and asks again for the next example until an empty input.",
  project = "needed",
  options = {
    { name = "input", type = "string", help = "what the user says" },
    { name = "output", type = "string", help = "the ideal answer" },
    { name = "system", type = "string", help = "a system message before it" },
    { name = "rating", type = "integer", help = "1 to 10" },
    { name = "group", type = "string", help = "examples of one group stay in one part of a split" },
    { name = "tag", type = "list", help = "a tag; may be given again" },
  },
  run = function(ctx)
    local given = ctx.options
    if given.rating then command.check_rating(given.rating, "--rating", quoted(given.rating)) end
    if given.input or given.output then
      if not (given.input and given.output) then
        error(ft.error { code = "config", message = "--input and --output belong together", hint = "give both, or neither to be asked" })
      end
      return save(ctx, text_of(given.input), text_of(given.output), given.rating)
    end
    if not ctx.interactive then
      error(ft.error { code = "config", message = "there is no example, and nobody can be asked here", hint = "give --input and --output" })
    end
    local added = ft.array {}
    while true do
      local input
      repeat input = ui.read_line "Paste the input (user message), or nothing to end: " until input == "" or ft.text.trim(input) ~= ""
      if input == "" then break end
      local output = ui.ask "Paste the ideal output (assistant message)"
      local rating = given.rating or ui.ask("Rate this example (1-10, or skip)", "skip", function(answer)
        if answer == "skip" or answer == "s" then return false end
        return command.rating_of(answer, quoted(answer))
      end)
      added[#added + 1] = save(ctx, input, output, rating or nil)
    end
    if #added == 0 then ui.note "Nothing was added" end
    return { added = added }
  end,
}

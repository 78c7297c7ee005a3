-- fthost new plugin|script: a beginning to fill in.
local ft = require "ft"
local ui = require "ft.ui"

local kinds = { "scorer", "formatter", "provider", "storage" }

local function copy(template, folder, name)
  if ft.fs.exists(folder) then
    error(ft.error { code = "config", message = "is there already", where = folder, hint = "choose another name" })
  end
  ft.fs.mkdir(folder)
  local class = name:gsub("^%l", string.upper):gsub("%-(%w)", string.upper)
  local made = ft.array {}
  for _, file in ipairs(ft.fs.list(template)) do
    local text = ft.fs.read(template .. "/" .. file):gsub("@NAME@", name):gsub("@CLASS@", class)
    local target = folder .. "/" .. file:gsub("@NAME@", name):gsub("^NAME%.", name .. ".")
    ft.fs.write(target, text)
    made[#made + 1] = target
  end
  return made
end

local function check_names(names, wanted, count, hint)
  if #names ~= count then error(ft.error { code = "config", message = "give " .. wanted, where = "new", hint = hint }) end
end

return {
  summary = "begin a plugin or a script from a template",
  usage = "plugin KIND NAME | script NAME",
  positional = {
    { name = "what", help = "plugin or script", required = true },
    { name = "names", help = "KIND and NAME of a plugin (a kind is " .. table.concat(kinds, ", ") .. "), or NAME of a script", many = true },
  },
  run = function(ctx)
    local templates = ft.host.scripts_folder() .. "/templates"
    local what, names = ctx.args.what, ctx.args.names
    if what == "script" then
      check_names(names, "NAME", 1, "fthost new script NAME")
      local path = names[1]:match "%.lua$" and names[1] or names[1] .. ".lua"
      if ft.fs.exists(path) then
        error(ft.error { code = "config", message = "is there already", where = path, hint = "choose another name" })
      end
      ft.fs.write(path, ft.fs.read(templates .. "/script.lua"))
      ui.line("Created %s; run it with: fthost run %s", path, path)
      return { files = ft.array { path } }
    elseif what == "plugin" then
      check_names(names, "KIND and NAME", 2, "for example: fthost new plugin scorer length")
      local kind, name = names[1], names[2]
      local known = false
      for _, k in ipairs(kinds) do known = known or k == kind end
      if not known then
        local near = ft.text.nearest(kind, kinds)
        error(ft.error {
          code = "config", message = ('"%s" is no kind of plugin'):format(kind),
          hint = near and ('did you mean "%s"?'):format(near) or "the kinds are " .. table.concat(kinds, ", "),
        })
      end
      if not name:match "^%l[%l%d-]*$" then
        error(ft.error { code = "config", message = "a plugin's name is lower case letters, digits and '-', beginning with a letter", where = name })
      end
      local made = copy(templates .. "/plugin/" .. kind, name, name)
      ui.line("Created %s", table.concat(made, ", "))
      ui.line("Build it: cmake -S %s -B %s/build && cmake --build %s/build", name, name, name)
      return { files = made }
    end
    local near = ft.text.nearest(what, { "plugin", "script" })
    error(ft.error { code = "config", message = ('fthost new makes no "%s"'):format(what), hint = near and ('did you mean "%s"?'):format(near) or "give plugin or script" })
  end,
}

-- fthost trust: let this folder's own plugins, commands and provider addresses count.
local ft = require "ft"
local ui = require "ft.ui"

return {
  summary = "trust this folder: its own plugins and commands count from now on",
  usage = "[--remove] [--list]",
  details = "A project that comes from elsewhere may carry plugins/ and commands/ of its own, which are programs. They are\n" ..
    "passed over until its folder is trusted. The list is kept in your own configuration, not in the project.",
  options = {
    { name = "remove", type = "flag", help = "trust it no longer" },
    { name = "list", type = "flag", help = "show the trusted folders" },
  },
  run = function(ctx)
    if ctx.options.list then
      local list = ft.host.trusted()
      for _, folder in ipairs(list) do ui.line("%s", folder) end
      if #list == 0 then ui.line "No folder is trusted" end
      return ft.array(list)
    end
    local folder = ctx.folder
    if not ctx.options.remove then
      local found = ft.array {}
      for _, name in ipairs { "plugins", "commands" } do
        if ft.fs.exists(folder .. "/" .. name) then found[#found + 1] = name .. "/" end
      end
      ui.line("%s carries: %s", folder, #found > 0 and table.concat(found, ", ") or "nothing of its own yet")
      ui.confirm(ctx, "Run its plugins and commands as your own from now on?")
    end
    local was = ft.host.project_trusted()
    ft.host.set_trusted(not ctx.options.remove)
    local state = ctx.options.remove and (was and "trusted no longer" or "not trusted, so nothing was removed") or "trusted"
    ui.line("%s is %s", folder, state)
    return { folder = folder, trusted = not ctx.options.remove }
  end,
}

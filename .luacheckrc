-- luacheck: Lua 5.4 with its standard globals and no others, for commands, recipes, the library and the tests' scripts.
std = "lua54"
max_line_length = 190
max_string_line_length = false -- long texts in [[...]] stay as they are
cache = false
exclude_files = {"build/**", "quickstart/**"}
-- Stubs declare functions for editors: their parameters and empty bodies are the point.
files["scripts/types/**"] = {ignore = {"211", "212", "241", "431", "542"}}

-- Runs the snippets of one document, in order, in one empty folder. Usage: lua5.4 run_doc.lua DOC.md SOURCE_FOLDER
--   ```sh    lines "$ command" are run (a here-document up to END belongs to its command); the lines below are what it must
--            print: "..." stands for anything within a line, and alone for any number of lines
--   ```lua   saved under the name that its first line gives ("-- name.lua, ...") and run by `fthost run`
--   ```cpp   compiled against plugin-api, without linking
local doc, source = arg[1], arg[2]
local failed = false

local function shell(command)
  local pipe = io.popen("{ " .. command .. "\n} 2>&1", "r")
  local output = pipe:read "a"
  local _, _, code = pipe:close()
  return output, code
end

local function complain(what, output)
  failed = true
  io.write("FAILED in ", doc, ": ", what, "\n")
  for line in output:gmatch "[^\n]+" do io.write("    ", line, "\n") end
end

local function fits(line, want)
  local pattern = want:gsub("[%^%$%(%)%%%.%[%]%*%+%-%?]", "%%%0"):gsub("%%%.%%%.%%%.", ".*")
  return line:match("^" .. pattern .. "$") ~= nil
end

-- Whether `lines` from i on are what `wanted` from w on says.
local function matches(lines, i, wanted, w)
  if w > #wanted then return i > #lines end
  if wanted[w] == "..." then
    for skip = i, #lines + 1 do
      if matches(lines, skip, wanted, w + 1) then return true end
    end
    return false
  end
  return i <= #lines and fits(lines[i], wanted[w]) and matches(lines, i + 1, wanted, w + 1)
end

local function run(command, wanted)
  local output = shell(command)
  local lines = {}
  for line in output:gmatch "([^\n]*)\n?" do lines[#lines + 1] = line end
  while lines[#lines] == "" do lines[#lines] = nil end
  while wanted[#wanted] == "" do wanted[#wanted] = nil end
  if not matches(lines, 1, wanted, 1) then complain("$ " .. command .. "\n  expected:\n" .. table.concat(wanted, "\n") .. "\n  got:", output) end
end

local function run_shell(block)
  local command, wanted, here = nil, {}, false
  for _, line in ipairs(block) do
    if here then
      command = command .. "\n" .. line
      here = line ~= "END"
    elseif line:sub(1, 2) == "$ " then
      if command then run(command, wanted) end
      command, wanted = line:sub(3), {}
      here = command:find("<<'END'", 1, true) ~= nil
    else
      wanted[#wanted + 1] = line
    end
  end
  if command then run(command, wanted) end
end

local function run_block(kind, block)
  if kind == "sh" then
    run_shell(block)
  elseif kind == "lua" then
    local name = block[1]:match "^%-%- ([%w_]+%.lua)" or "snippet.lua"
    local file = assert(io.open(name, "w"))
    file:write(table.concat(block, "\n"), "\n")
    file:close()
    local output, code = shell("fthost run " .. name)
    if code ~= 0 then complain("fthost run " .. name, output) end
  elseif kind == "cpp" then
    local file = assert(io.open("snippet.cpp", "w"))
    file:write(table.concat(block, "\n"), "\n")
    file:close()
    local output, code = shell(("c++ -std=c++20 -Wall -Wextra -I '%s/plugin-api/include' -fsyntax-only snippet.cpp"):format(source))
    if code ~= 0 then complain("the C++ snippet", output) end
  end
end

local kind, block, count = nil, {}, 0
for line in io.lines(doc) do
  if kind and line == "```" then
    run_block(kind, block)
    count, kind = count + 1, nil
  elseif kind then
    block[#block + 1] = line
  elseif line:match "^```%w+$" then
    kind, block = line:sub(4), {}
  end
end
print(("%s: %d snippets"):format(doc, count))
os.exit(failed and 1 or 0)

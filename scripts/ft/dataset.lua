-- ft.dataset: an ordered set of records in a storage. What `where`, `map` and `dedupe` give is a view of the same records:
-- a plan that runs when something is asked of it. A view is never written through.
--
-- A view keeps, in this order, what it does to the records that it stands on: its `step` (a function), its `filter`, its
-- `duplicates`. It stands on the dataset, or on the view `before`, of which then all is done first.
local ft = require "ft"
local options = require "ft.options"
local personal = require "ft.personal"
local row_functions = require "ft.row_functions"

local M = {}
local Dataset = {}
Dataset.__index = Dataset
Dataset.__name = "dataset"
local Split = { __name = "split" }

local open_options = options.checker("ft.dataset.open", { "collection", "name" })
local import_options = options.checker("dataset:import", { "format", "format_options", "set", "strict" })
local export_options = options.checker("dataset:export", { "chosen", "format", "format_options", "ids", "strict" })
local check_options = options.checker("dataset:check", { "formats" })
local redact_options = options.checker("dataset:redact", { "all_fields", "apply", "key", "kinds", "output", "report", "secrets", "style" })
local stats_options = options.checker("dataset:stats", { "encoding" })
local dedupe_options = options.checker("dataset:dedupe", { "near", "permutations", "shingle" })
local split_options = options.checker("dataset:split", { "by", "group", "holdout", "near", "previous", "seed", "test", "train" })

-- "data/examples.jsonl": records in a file, one a line. "sqlite:path.db": the collection `examples` of a database;
-- in general "<storage>:<path>". Journal and lock of a file lie in .fthost/journal beside it, behind links: whoever opens
-- it, from wherever and by whatever name, must find the same ones.
function M.open(where, given)
  given = open_options(given)
  if type(where) ~= "string" then
    error(ft.error {
      code = "input", message = "ft.dataset.open: the dataset must be a string, not a " .. type(where),
      hint = 'give a path, like "data/examples.jsonl"',
    })
  end
  local name, path = where:match "^([%a][%w-]+):(.+)$"
  local storage, collection
  if name then
    storage = ft.plugin.open("storage", name, { path = ft.fs.resolve(path) })
    collection = given.collection or "examples"
  else
    local absolute = ft.fs.resolve(where)
    local folder, stem = absolute:match "^(.*)/([^/]+)%.jsonl$"
    if not folder then
      error(ft.error {
        code = "input", message = "a dataset is a .jsonl file or <storage>:<path>", where = absolute,
        hint = "for another format, import it into one: dataset:import(path)",
      })
    end
    storage = ft.plugin.open("storage", "jsonl", { path = folder, journal = folder .. "/.fthost/journal" })
    collection = stem
  end
  return setmetatable({ storage = storage, collection = collection, filter = {}, name = given.name or where }, Dataset)
end

function Dataset:__tostring() return "dataset " .. self.name end

-- Another view of the same records, with these fields in the place of its own.
function Dataset:view(fields)
  local view = {
    storage = self.storage, collection = self.collection, name = self.name, filter = self.filter, before = self.before, step = self.step,
    is_view = true,
  }
  for key, value in pairs(fields) do view[key] = value end
  return setmetatable(view, Dataset)
end

-- Both filters: of their ids those that both let through. A field that has a condition in both is an error.
local function both(a, b)
  local merged = {}
  for key, value in pairs(a) do merged[key] = value end
  for key, value in pairs(b) do
    local known = merged[key]
    local is_list = key == "ids" or key == "not_ids"
    if known == nil or is_list and type(value) ~= "table" then -- a native job says what ids must be
      merged[key] = value
    elseif key == "not_ids" then
      merged[key] = table.move(value, 1, #value, #known + 1, table.move(known, 1, #known, 1, ft.array {}))
    elseif key == "ids" then
      local wanted, ids = {}, ft.array {}
      for _, id in ipairs(value) do wanted[id] = true end
      for _, id in ipairs(known) do
        if wanted[id] then ids[#ids + 1] = id end
      end
      merged[key] = ids
    else
      error(ft.error { code = "input", message = ("the view is filtered by %s already"):format(key) })
    end
  end
  return merged
end

-- A dedupe whose report lists the ids of what goes.
local function with_ids(duplicates)
  local given = { ids = true }
  for key, value in pairs(duplicates) do given[key] = value end
  return given
end

-- What of the dataset a native job reads. Which of equal records go is found once and kept.
function Dataset:source()
  local source = self:stored()
  if self.duplicates then
    self.gone = self.gone or ft.array(ft.flow.pipeline({ source = source, dedupe = with_ids(self.duplicates) }).dedupe.ids)
    source.filter = both(source.filter, { not_ids = self.gone })
  end
  return source
end

-- The same, duplicates and all.
function Dataset:stored()
  local source = { storage = self.storage, collection = self.collection, filter = self.filter, name = self.name }
  if self.step then
    -- Functions that follow one another see a row in one go.
    local steps, before = { self.step }, self.before
    while before.step and not before.duplicates and next(before.filter) == nil do
      table.insert(steps, 1, before.step)
      before = before.before
    end
    source.rows = row_functions.run(before:source(), steps)
  elseif self.before then
    source = self.before:source()
    source.filter = both(source.filter, self.filter)
  end
  return source
end

-- A view of what a function makes of the rows, or leaves of them; a string names a file with the function.
function Dataset:through(kind, fn, name)
  return self:view { before = self, step = row_functions.step(kind, fn, name), filter = {} }
end

-- Whether a function has made the rows, or left some of them out.
local function has_steps(view)
  return view.step ~= nil or (view.before ~= nil and has_steps(view.before))
end

-- Conditions and ids of the rows that a view's functions, or the dataset, give.
local function conditions(view)
  if view.step or not view.before then return view.filter end
  return both(conditions(view.before), view.filter)
end

-- Records that fit: {rating = ">=8", tags = "billing", group = "refund", ids = {…}}. A condition is a value, or a
-- string that begins with >=, <=, >, <, !=; for a list it is "contains". `has = "rating"`: the field is there.
-- Or those for which a function says true; it gets a view of the row. where("rules.lua", "is_long") is the function of
-- that name in the table that the file returns, or, without a name, what it returns; it runs on the workers.
function Dataset:where(filter, name)
  if type(filter) ~= "table" then return self:through("where", filter, name) end
  both(conditions(self), filter) -- what does not go together is said here
  if not self.duplicates then return self:view { filter = both(self.filter, filter) } end
  local view = self:view { before = self, filter = both({}, filter) } -- which of equal records stays is decided before
  view.step = nil
  return view
end

-- The records as a function makes them: what it assigns to fields of the row that it gets is changed in the text, all
-- else stays byte for byte; a table that it returns takes the row's place. The dataset itself stays as it is: write the
-- view, export or split it. map("clean.lua") and map("rules.lua", "clean") are functions of a file, on the workers.
function Dataset:map(fn, name) return self:through("map", fn, name) end

-- Of a view `name` is refused: where would a record go that it leaves out, or that a function has changed?
local function check_own(self, name)
  if not self.is_view then return end
  error(ft.error {
    code = "input", message = ("dataset:%s: this is a view of %s, and views are not written to"):format(name, self.name),
    hint = "call it on the dataset itself",
  })
end

-- Adds records; one whose id is known is left as it is. Returns {appended, known, ids}. This, put, remove and import are
-- for the dataset itself: on a view they are errors.
function Dataset:append(records)
  check_own(self, "append")
  if records[1] == nil and next(records) ~= nil then records = { records } end
  return ft.flow.append { storage = self.storage, collection = self.collection, records = ft.array(records) }
end

-- Replaces records by id, all or none. put(record, revision) with what get() gave, or a list of {record, revision} tables:
-- one that somebody has changed since is a conflict. Without a revision a record is replaced whatever it is by now.
function Dataset:put(records, revision)
  check_own(self, "put")
  if revision then
    records = { { record = records, revision = revision } }
  elseif records[1] == nil and next(records) ~= nil then
    records = { records }
  end
  return ft.flow.put { storage = self.storage, collection = self.collection, records = ft.array(records) }
end

-- The record and its revision, or nil. Here and in records(), a record that a table would change is an error: one with a
-- whole number beyond 64 bits, or with a key twice. Other numbers are doubles, as in most programs that read JSON.
-- A view gives what it has, after a pass over its rows; what functions have made of a record comes without a revision.
function Dataset:get(id)
  local found = self.storage:read(self.collection, { ids = ft.array { id } })[1]
  if not found then return end
  if self.is_view then
    local here = self:where { ids = ft.array { id } }
    if has_steps(self) then return here:records()[1] end
    if here:count() == 0 then return end
  end
  return found.record, found.revision
end

function Dataset:remove(ids)
  check_own(self, "remove")
  if type(ids) == "string" then ids = { ids } end
  return self.storage:remove(self.collection, ft.array(ids))
end

-- All records that fit, as tables.
function Dataset:records()
  return ft.flow.records(self:source())
end

function Dataset:count() return ft.flow.count(self:source()) end

-- Imports a file, a folder's files or standard input ("-"). Options: format, format_options, strict, and `set`, fields
-- that each record gets where it has none. Returns {format, read, appended, known, findings, losses}.
function Dataset:import(path, given)
  given = import_options(given)
  check_own(self, "import")
  return ft.flow.import {
    path = path, format = given.format, format_options = given.format_options, strict = given.strict, set = given.set,
    storage = self.storage, collection = self.collection,
  }
end

-- Writes what fits to a file (or, for formats of one file a row, into a folder). Options: format, format_options,
-- strict, ids, and `chosen`: of a preference the chosen answer becomes the answer. Returns {format, written, losses}.
function Dataset:export(path, given)
  given = export_options(given)
  local view = given.ids and self:where { ids = ft.array(given.ids) } or self
  return ft.flow.export {
    source = view:source(), path = path, format = given.format or "openai-chat", format_options = given.format_options,
    strict = given.strict, chosen = given.chosen,
  }
end

-- Counts, ratings, roles, turns, lengths, duplicates: one pass. Options: encoding (of ft.tokens.open), for tokens, too.
function Dataset:stats(given)
  return ft.flow.stats { source = self:source(), encoding = stats_options(given).encoding }
end

-- Findings of the structural rules, and of the rules of `formats` (plugins). Returns {rows, errors, warnings, findings}.
function Dataset:check(given)
  given = check_options(given)
  return ft.flow.check { source = self:source(), formats = given.formats and ft.array(given.formats) }
end

-- Placeholders for personal data and secrets: into the file `output`, or with `apply` into the records themselves; without
-- either they are counted. Options: kinds, style (numbered, keyed with `key`, masked), all_fields, report (a file), and
-- secrets, files with more keys. Returns {rows, changed, replaced = {email = n, …}, left, findings}.
function Dataset:redact(given)
  local request = { source = self:source() }
  for key, value in pairs(redact_options(given)) do request[key] = value end
  request.kinds = given and given.kinds and ft.array(given.kinds)
  request.secrets = personal.secrets(nil, given and given.secrets)
  return ft.flow.redact(request)
end

-- A view without the records that are there more than once: equal messages, or, with `near` (above 0, up to 1), texts
-- this alike; of those the best rated stays. Also shingle and permutations of MinHash. Nothing is looked at before
-- somebody asks for a record; `split` and `write` of a file do it in the same pass.
function Dataset:dedupe(given)
  if self.duplicates then
    error(ft.error { code = "input", message = "the view is without duplicates already", hint = "say all of it in one dedupe" })
  end
  return self:view { duplicates = dedupe_options(given) }
end

-- Writes the rows of the view to a file as they are stored, one a line. Returns {rows, kept, dedupe, written}.
function Dataset:write(path)
  return ft.flow.pipeline { source = self:stored(), dedupe = self.duplicates, outputs = { kept = path } }
end

-- Parts by ratio. Options: train (0 to 1), test, seed, by, group, holdout = "one-per-group", `near`, so that rows this
-- alike stay together, and `previous`, an earlier split: its records keep their parts. Nothing is divided before it is
-- looked at: {parts = {train = ids, validation = ids, …}, counts, left_out = {…}, …}; left_out are those of the earlier
-- split that this view leaves out, or that are not there. `split.train` and the like are views of the parts, and
-- split:write{train = path, …} makes files of them, in the same go.
function Dataset:split(given)
  local copy = {}
  for key, value in pairs(split_options(given)) do copy[key] = value end
  return setmetatable({ view = self, options = copy }, Split)
end

local part_names = { train = true, validation = true, test = true }

-- What is asked of a split comes from its ids, once they are known, or from what write() has counted.
function Split:__index(key)
  if Split[key] then return Split[key] end
  local result, counted = rawget(self, "result"), rawget(self, "counted")
  if not result and counted and counted[key] ~= nil then return counted[key] end
  if not result then
    result = self:divide()
    self.result = result
  end
  if part_names[key] then return result.parts[key] and self.view:part(result, key) end
  return result[key]
end

-- The options as a native job takes them.
local function split_request(split)
  local request = {}
  for key, value in pairs(split.options) do request[key] = value end
  local previous = request.previous
  if getmetatable(previous) == Split then request.previous = { parts = previous.parts, left_out = previous.left_out } end
  return request
end

-- What a pipeline is asked for, so that it divides a view.
local function plan(view, request)
  local source, where = view:stored(), nil
  if request.previous then
    -- What conditions leave out is to be seen: it keeps the part of the earlier split.
    where = {}
    for key, value in pairs(source.filter) do where[key] = value end
    source.filter = { ids = where.ids, not_ids = where.not_ids }
    where.ids, where.not_ids = nil, nil
  end
  return { source = source, where = where and next(where) and where, dedupe = view.duplicates, split = request }
end

-- A pipeline's report as a split has it, with the parts' sizes as `counts`.
local function result_of(report)
  local split = {}
  for key, value in pairs(report.split) do split[key] = value end
  split.counts, split.parts, split.ids = split.parts, split.ids, nil
  split.added = report.kept - split.kept
  for _, name in ipairs { "dedupe", "rows", "broken", "findings", "without_text", "hashing" } do split[name] = report[name] end
  return split
end

-- The ids of the parts.
function Split:divide()
  local view, request = self.view, split_request(self)
  if request.near or view.duplicates then
    request.ids = true
    local planned = plan(view, request)
    if view.duplicates then planned.dedupe = with_ids(view.duplicates) end
    local report = ft.flow.pipeline(planned)
    if view.duplicates then view.gone = ft.array(report.dedupe.ids) end
    return result_of(report)
  end
  request.source = view:source()
  local result = ft.flow.split(request)
  result.counts = {}
  for name, ids in pairs(result.parts) do result.counts[name] = #ids end
  return result
end

-- The parts as files, in one pass that divides and one that writes: {train = path, validation = path, test = path}.
-- Returns {rows, kept, dedupe, split, written}; what it has counted need not be divided again.
function Split:write(outputs)
  local request = plan(self.view, split_request(self))
  request.outputs = outputs
  local report = ft.flow.pipeline(request)
  self.counted = result_of(report)
  return report
end

function Dataset:part(split, name)
  return self:where { ids = ft.array(split.parts[name]) }
end

function Dataset:close() self.storage:close() end

return M

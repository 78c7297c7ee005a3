---@meta ft
-- Stubs for editors (LuaLS). A test holds them equal to what the host has: every function and method, both ways.

---@class ft.Error what the host raises; prints as one sentence
---@field code string config, input, unsupported, io, retry, cancelled, auth, conflict, internal, timeout, limit, error
---@field message string
---@field where? string
---@field hint? string
---@field retryable boolean
---@field traceback? string

---@class ft
---@field null userdata JSON's null
---@field plugin ft.plugin
---@field fs ft.fs
---@field text ft.text
---@field term ft.term
---@field cli ft.cli
---@field host ft.host
---@field config ft.config
---@field flow ft.flow
---@field json ft.json
---@field dataset ft.dataset
---@field provider ft.provider
---@field evaluate ft.evaluate
---@field options ft.options
---@field ui ft.ui
---@field tokens ft.tokens
---@field prices ft.prices
local ft = {}
---Waits; other tasks run meanwhile.
---@param seconds number
function ft.sleep(seconds) end
---fn(...), its results; or nil and the error.
---@param fn function
---@return any ...
function ft.try(fn, ...) end
---An error table, to be raised with error().
---@param fields table {code, message, where, hint}
---@return ft.Error
function ft.error(fields) end
---Marks a list, so that an empty one stays one.
---@param list? any[]
---@return any[]
function ft.array(list) end
---@return number seconds since 1970
function ft.now() end
---@return number seconds since some moment; never goes back
function ft.clock() end
---@return string the time now, in UTC
function ft.timestamp() end
---@return string 10 random characters
function ft.id() end
---@param level "debug"|"info"|"warn"|"error"
function ft.log(level, ...) end
---fn on every item, several at a time; the results in the items' order. The first error cancels the rest.
---@param items any[]
---@param options? table {concurrency}
---@param fn fun(item: any, index: integer): any
---@return any[]
function ft.map(items, options, fn) end
---Runs fn(scope) and waits for every task that it spawns. An error cancels the others and is raised here.
---@param fn fun(scope: ft.Scope): any
---@return any ...
function ft.scope(fn, ...) end
---fn(...), or the error `timeout` after so many seconds.
---@param seconds number
---@param fn function
---@return any ...
function ft.timeout(seconds, fn, ...) end

---@class ft.Scope
local Scope = {}
---@param fn function
---@return ft.Task
function Scope:spawn(fn, ...) end
---Cancels every task of the scope.
function Scope:cancel() end

---@class ft.Task
local Task = {}
---Its results, or its error raised.
---@return any ...
function Task:wait() end
function Task:cancel() end
---@return string
function Task:status() end

---@class ft.json
local json = {}
---@param value any
---@param options? table {pretty}
---@return string
function json.encode(value, options) end
---@param text string
---@param options? table {where}
---@return any
function json.decode(text, options) end

---@class ft.Plugin an instance of a plugin
local Plugin = {}
---What the plugin says of itself, and its configuration.
---@return table
function Plugin:describe() end
---Gives the instance up.
function Plugin:close() end
---Providers: one operation; waits for its result.
---@param operation string
---@param input? table
---@return any
function Plugin:request(operation, input) end
---Providers: one operation whose parts are taken as they come.
---@param operation string
---@param input? table
---@return ft.Stream
function Plugin:stream(operation, input) end
---Scorers: a number a row, or ft.null.
---@param rows table[] {output, references, record, usage}
---@return (number|userdata)[]
function Plugin:score(rows) end
---Scorers: the metric's exact definition.
---@return string
function Plugin:signature() end
---Storages: {collection, count} each.
---@return table[]
function Plugin:list() end
---Storages: {id, revision, record} each.
---@param collection string
---@param query? table {ids} or {after, limit}
---@return table[]
function Plugin:read(collection, query) end
---Storages: {removed}.
---@param collection string
---@param ids string[]
---@return table
function Plugin:remove(collection, ids) end

---@class ft.Stream the parts of a running request
local Stream = {}
---Waits until there is a part or the end.
function Stream:wait() end
---A part that has come, or nil.
---@return any
function Stream:take() end
---The result once there is one, nil before; raises the request's error.
---@return any
function Stream:result() end

---@class ft.plugin
local plugin = {}
---@param kind "provider"|"formatter"|"scorer"|"storage"
---@param name string
---@param config? table checked against the plugin's schema
---@return ft.Plugin
function plugin.open(kind, name, config) end
---Every plugin that is there, with `problem` for one that was refused.
---@return table[]
function plugin.list() end
---A plugin's description, without an instance.
---@param kind string
---@param name string
---@return table
function plugin.find(kind, name) end
---The conformance suite, in a child process: {ok, checks, crashed}.
---@param path string a .so, or KIND/NAME of one that is built in
---@return table
function plugin.check(path) end

---@class ft.fs files and folders; a relative path counts from the current folder, in the sandbox from the project
local fs = {}
---@param path string
---@return string bytes
function fs.read(path) end
---Replaces the file at one instant, durably.
---@param path string
---@param bytes string
function fs.write(path, bytes) end
---Adds whole lines to a file, durably.
---@param path string
---@param lines string ends in a newline
function fs.append(path, lines) end
---@param path string
---@return boolean
function fs.exists(path) end
---@param path string
---@return "file"|"folder"|"other"|nil
function fs.kind(path) end
---@param path string
---@return string[] names, sorted, hidden ones left out
function fs.list(path) end
---@param path string
function fs.mkdir(path) end
---@param from string
---@param to string
function fs.copy(from, to) end
---A file, or a folder with all that is in it.
---@param path string
function fs.remove(path) end
---@param path string
---@return integer bytes
function fs.size(path) end
---@param path string
---@return string absolute, with links followed
function fs.resolve(path) end

---@class ft.text words, widths, characters
local text = {}
---@param word string
---@param candidates string[]
---@return string? the one most likely meant
function text.nearest(word, candidates) end
---@param text string
---@return integer cells of a terminal
function text.display_width(text) end
---@param text string
---@return string safe to print in one line
function text.one_line(text) end
---@param text string
---@return string
function text.trim(text) end
---@param text string
---@return string
function text.lower(text) end
---@param text string
---@param where? string
---@return string the text, or an error that names the first bad byte
function text.check_utf8(text, where) end
---What counts tokens: a token table, a tokenizer.json (or its folder), or with neither the estimate of four characters a
---token. ft.tokens.open finds them by name.
---@param spec { name?: string, table?: string, encoding?: string, tokenizer?: string, tool_overhead?: integer }
---@return ft.Encoding
function text.encoding(spec) end

---@class ft.Encoding text to token ids and back
local Encoding = {}
---@param text string
---@return integer tokens
function Encoding:count(text) end
---@param text string
---@param options? { special?: string[] } special tokens that become their ids; others are text
---@return integer[] ids
function Encoding:encode(text, options) end
---@param ids integer[]
---@return string text with U+FFFD for what is cut off
function Encoding:decode(ids) end
---@return table {name, estimated, vocab_size}
function Encoding:describe() end

---@class ft.term the terminal
local term = {}
---@param fd 0|1|2
---@return boolean
function term.is_terminal(fd) end
---@return integer columns
function term.width() end
---@param prompt? string printed to standard error
---@return string? line, nil at the end of the input
function term.read_line(prompt) end

---@class ft.cli
local cli = {}
---@param spec table {command, summary, usage, details, options, positional, rest}
---@param words string[]
---@return table {options, positional, rest} or {help}
function cli.parse(spec, words) end

---@class ft.host the program that runs the script
local host = {}
---@return string
function host.version() end
---@return string
function host.project_folder() end
---@return string
function host.scripts_folder() end
---@return string
function host.state_folder() end
---@return table {project, json, yes}
function host.options() end
---@return string
function host.options_help() end
---@return boolean
function host.project_trusted() end
---@param name string
---@return string?
function host.env(name) end
---The chunk of a command or profile.
---@param path string
---@return function
function host.load(path) end
---The chunk of a person's script; `arg` and require's first folder become the script's.
---@param path string
---@param args string[]
---@return function
function host.script(path, args) end
---@return string[]
function host.trusted() end
---@param trusted boolean
function host.set_trusted(trusted) end
---Standard output has rows from here on: what --json says, an error's document too, goes to standard error.
function host.give_up_output() end

---@class ft.config
local config = {}
---@param value table
---@param schema table a JSON Schema of an object
---@param what string named in the error
---@return table with defaults
function config.check(value, schema, what) end

---@class ft.flow.RedactRequest
---@field path? string a file of lines or "-"; or:
---@field source? table of a dataset
---@field output? string a file or "-"
---@field report? string a file
---@field kinds? string[] default: all but ip
---@field secrets? { where: string, json: string }[] tables of keys, later ones before earlier
---@field style? "numbered"|"keyed"|"masked"
---@field key? string of style keyed
---@field all_fields? boolean
---@field strict? boolean
---@field apply? boolean put the source's changed records back
---@class ft.flow native jobs over storages; ft.dataset is made of them
local flow = {}
---@param request table
---@return table
function flow.import(request) end
---@param request table
---@return table
function flow.export(request) end

---@param request { path: string, from?: string, from_options?: table, output: string, to: string, to_options?: table, strict?: boolean, chosen?: boolean }
---@return table report what flow.export gives, and from, why
function flow.convert(request) end
---Personal data and secrets out of the lines of a file or the records of a source; without `output` they are counted.
---@param request ft.flow.RedactRequest
---@return table report rows, broken, changed, replaced, left, errors, findings, path, written, refused
function flow.redact(request) end
---@param request table
---@return table
function flow.append(request) end
---@param request table
---@return table
function flow.put(request) end
---@param source table
---@return table[]
function flow.records(source) end
---@param source table
---@return integer
function flow.count(source) end
---Statistics of a dataset's source, or of files in any format; with an encoding tokens, too.
---@param request { source?: table, path?: string, format?: string, format_options?: table, encoding?: ft.Encoding }
---@return table
function flow.stats(request) end
---@class ft.check_request
---@field provider? string only its formats are asked
---@field rules? table[] a further table of rules
---@field checks? ft.checks
---@field threads? integer
---@field max_findings? integer that are listed with `stream`; all are counted
---@field stream? boolean the report goes to standard output as it comes
---@field grouped? boolean `groups` instead of `findings`: equal ones are one, with `count` and `lines`
---@field source? table of check: the records
---@field formats? string[] of check: whose rules apply
---@field path? string of check_file: a file, a folder, a pattern or -
---@field paths? string[] more of them
---@field format? string of check_file: otherwise it is recognised
---@field format_options? table of check_file
---@field fix? string of check_file: where the file goes once it is mended
---What is wrong with the records of a source: {rows, valid, invalid, errors, warnings, summary, findings or groups, tokens}.
---@param request ft.check_request
---@return table
function flow.check(request) end
---The same of files: also {format, why, losses, fixed}, or files[] of several.
---@param request ft.check_request
---@return table
function flow.check_file(request) end
---@class ft.checks what is looked at beyond structure and rules
---@field tokens? {encoding: table, limits: {tokens: integer, of: string}[]}
---@field near? {prompt?: number, answer?: number}
---@field personal? {kinds?: string[], secrets?: table[]}
---@param request table
---@return table
function flow.split(request) end
---Filter, dedupe and split of a file of JSON rows: {rows, kept, broken, filtered, findings, dedupe, split, written},
---with near also without_text and hashing. Rows count broken ones; where none can be read no output is written.
---@param request {path?: string, source?: table, where?: table, dedupe?: table, split?: table, outputs?: table<string, string>, removed?: string, threads?: integer}
---@return table
function flow.pipeline(request) end
---How many rows of `path` are in `known`, equal or near: {rows, known_rows, exact, near, shown}; either may be a source.
---@param request {path?: string, source?: table, known?: string, known_source?: table, near?: number, shingle?: integer, permutations?: integer, threads?: integer}
---@return table
function flow.leakage(request) end
---Rows on their way through functions: dataset:map and dataset:where are made of these.
---@class ft.flow.Rows
local Rows = {}
---@return integer
function Rows:count() end
---@class ft.flow.Pass closures over rows, a block of them at a time
local Pass = {}
---@return boolean more the next block is there
function Pass:read() end
---@return ft.Row? row nil at the end of the block
function Pass:next() end
---@param yes boolean what comes next is a condition, which changes nothing
function Pass:asks(yes) end
---@param returned table|ft.Row|nil by a function
---@param row ft.Row that it got
---@return ft.Row
function Pass:take(returned, row) end
---@param row ft.Row it stays
function Pass:keep(row) end
---@return string place of the row: "data/examples.jsonl:17"
---@return integer rows that have been given out
function Pass:place() end
---@return ft.flow.Rows rows that stay
function Pass:finish() end
---@param source table
---@return ft.flow.Rows
function flow.rows(source) end
---@param rows ft.flow.Rows
---@return ft.flow.Pass
function flow.pass(rows) end
---Functions of files, on the workers.
---@param request { rows: ft.flow.Rows, steps: { kind: "map"|"where", path: string, name: string }[], threads?: integer }
---@return ft.flow.Rows
function flow.apply(request) end

---What differs between two versions of a dataset, by id.
---@param request { a: string, b: string, fields?: string[], ids?: string[], limit?: integer, document?: string }
---@return table report {rows, added, removed, changed, moved, equal, errors, findings, changes}; in changes old and new are JSON text
function flow.diff(request) end
---Two versions that come from a third one, made into one.
---@param request { base: string, ours: string, theirs: string, output: string, name?: string, conflicts?: string, prefer?: "ours"|"theirs" }
---@return table report {output, rows, kept, taken, merged, added, removed, conflicts, resolved, report, conflict_rows}
function flow.merge(request) end
---Tokens of rows: {encoding, rows, messages, content_tokens, chat_tokens, estimated, per_example, limits, unread, …}; rows are
---those that are counted, unread those that cannot be
---@param request { source?: table, path?: string, format?: string, format_options?: table, encoding: ft.Encoding, limits?: integer[], threads?: integer }
---@return table
function flow.tokens(request) end

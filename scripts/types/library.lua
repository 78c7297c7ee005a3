---@meta ft.library
-- Stubs of the Lua library (scripts/ft), beside those of the host in ft.lua. The same test holds them equal to it.

---@class ft.dataset.OpenOptions
---@field collection? string of a storage that is no file (default: examples)
---@field name? string what messages call it
---@class ft.dataset.ImportOptions
---@field format? string otherwise it is recognised
---@field format_options? table of the formatter
---@field strict? boolean refuse the whole file for a broken row or a field that would be lost
---@field set? table fields that a record gets where it has none
---@class ft.dataset.ExportOptions
---@field format? string default: openai-chat
---@field format_options? table of the formatter
---@field strict? boolean refuse if a field would be lost or a record cannot be written
---@field ids? string[] only these
---@field chosen? boolean of a preference the chosen answer becomes the answer, and the rejected one is left out
---@class ft.dataset.CheckOptions
---@field formats? string[] whose rules apply besides the structural ones
---@class ft.dataset.RedactOptions
---@field output? string the file to write
---@field apply? boolean put the changed records back
---@field kinds? string[] email, phone, card, iban, ip, secret (default: all but ip)
---@field style? "numbered"|"keyed"|"masked" [EMAIL_1] in a row, one placeholder a value under `key`, or a***@***.com
---@field key? string of style keyed (default: a new one)
---@field all_fields? boolean also bookkeeping and ids but the record's own
---@field report? string a file of JSON lines: where what stood, masked
---@field secrets? string[] files with more keys
---@class ft.dataset.SplitOptions
---@field train? number share from 0 to 1 (0.8)
---@field test? number share of a third part (0)
---@field seed? integer
---@field by? string keep the shares within each value of this field
---@field near? number rows this alike stay together
---@field group? string keep records with the same value of this field together
---@field holdout? "one-per-group" hold out one record of each group instead
---@field previous? table an earlier split, whose records keep their parts
---@class ft.Split
---@field parts table<string, string[]> ids of train, validation and test
---@field counts table<string, integer> rows of train, validation and test
---@field left_out table<string, string[]> of the earlier split, not in this view or not there now
---@field kept integer
---@field added integer
---@field gone integer
---@field warnings string[]
---@field train ft.Dataset
---@field validation ft.Dataset
---@field test ft.Dataset
local Split = {}
---The parts as files: {train = path, validation = path, test = path}. What it has counted is then known without another pass.
---@param outputs table<string, string>
---@return table {rows, kept, dedupe, split, written}
function Split:write(outputs) end
---@return table what the fields come from
function Split:divide() end

---@class ft.dataset datasets; see ft.Dataset
local dataset = {}
---A file of records, one a line, or "<storage>:<path>".
---@param where string "data/examples.jsonl", "sqlite:data/examples.db"
---@param options? ft.dataset.OpenOptions
---@return ft.Dataset
function dataset.open(where, options) end

---A row as a function sees it: fields as they are asked for, lists and objects as rows in turn; `#`, pairs, ipairs,
---table.insert and the like work on them. It is gone when the function has returned.
---@class ft.Row
---@field [string|integer] any
---@class ft.Dataset an ordered set of records, or a view of some of them
---@field name string
---@field collection string
---@field storage ft.Plugin
local Dataset = {}
---What a native job of ft.flow reads.
---@return table
function Dataset:source() end
---What a native job reads: duplicates and all.
---@return table
function Dataset:stored() end
---Another view of the same records, with these fields in the place of its own.
---@param fields table
---@return ft.Dataset
function Dataset:view(fields) end
---What where and map do with functions.
---@param kind "map"|"where"
---@param fn string|fun(row: ft.Row): any
---@param name? string
---@return ft.Dataset
function Dataset:through(kind, fn, name) end
---A view of the records that fit, or for which a function says true. A string names a file with the function.
---@param filter table|string|fun(row: ft.Row): any {rating = ">=8", tags = "billing", ids = {…}, has = "rating"}
---@param name? string of the function in the table that the file returns
---@return ft.Dataset
function Dataset:where(filter, name) end
---A view of the records as a function makes them: what it assigns to fields of the row, or the row that it returns.
---@param fn string|fun(row: ft.Row): table|ft.Row|nil a string names a file with the function, which runs on the workers
---@param name? string of the function in the table that the file returns
---@return ft.Dataset
function Dataset:map(fn, name) end
---Adds records whose ids are not known yet. An error on a view, as are put, remove and import.
---@param records table|table[]
---@return table {appended, known, ids}
function Dataset:append(records) end
---Replaces records by id, all or none; with a revision, one changed since is a conflict.
---@param records table|table[] a record, records, or {record, revision} each
---@param revision? string
---@return table
function Dataset:put(records, revision) end
---The record of this id. A view gives what it has, after a pass over its rows.
---@param id string
---@return table? record
---@return string? revision none where functions have made the record
function Dataset:get(id) end
---@param ids string|string[]
---@return table {removed}
function Dataset:remove(ids) end
---@return table[]
function Dataset:records() end
---@return integer
function Dataset:count() end
---A file, a folder's files, or standard input ("-").
---@param path string
---@param options? ft.dataset.ImportOptions
---@return table {format, read, appended, known, broken, findings, losses, refused}
function Dataset:import(path, options) end
---@param path string
---@param options? ft.dataset.ExportOptions
---@return table {format, path, rows, written, findings, losses, refused}
function Dataset:export(path, options) end
---Counts, ratings, roles, turns, lengths, duplicates; with an encoding tokens, too.
---@param options? { encoding?: ft.Encoding }
---@return table
function Dataset:stats(options) end
---@param options? ft.dataset.CheckOptions
---@return table {rows, errors, warnings, findings}
function Dataset:check(options) end
---Placeholders for personal data and secrets; without `output` and `apply` they are counted.
---@param options? ft.dataset.RedactOptions
---@return table {rows, broken, changed, replaced, left, errors, findings, path, written, refused}
function Dataset:redact(options) end
---A view without records that are there more than once, or nearly so with `near`. Nothing is looked at before somebody asks.
---@param options? { near?: number, shingle?: integer, permutations?: integer }
---@return ft.Dataset
function Dataset:dedupe(options) end
---The view's rows as a file, one a line.
---@param path string
---@return table {rows, kept, dedupe, written}
function Dataset:write(path) end
---Parts by ratio, divided when they are looked at or written.
---@param options? ft.dataset.SplitOptions
---@return ft.Split
function Dataset:split(options) end
---@param split ft.Split
---@param name "train"|"validation"|"test"
---@return ft.Dataset
function Dataset:part(split, name) end
function Dataset:close() end

---@class ft.provider.ChatOptions
---@field model string
---@field messages? table[] {role, content} each
---@field prompt? string one user message instead
---@field max_tokens? integer
---@field temperature? number
---@field top_p? number
---@field seed? integer
---@field stop? string|string[]
---@field n? integer answers
---@field on_delta? fun(text: string) gets the answer as it comes
---@class ft.provider.TrainOptions
---@field training_file string
---@field base_model string
---@field validation_file? string
---@field method? string
---@field hyperparameters? table
---@field suffix? string
---@field client_key? string found again by it
---@class ft.provider.WaitOptions
---@field poll? number seconds between questions (0.25)
---@field timeout? number seconds
---@field on_event? fun(event: table)

---@class ft.provider
---@field ended table<string, boolean> the states that are an end
---@overload fun(name: string, config?: table): ft.Provider
local provider = {}
---@param name string
---@param config? table checked against the plugin's schema
---@return ft.Provider
function provider.open(name, config) end

---@class ft.Provider a vendor or a local trainer; every operation that it lists is a method, too
---@field name string
---@field plugin ft.Plugin
local Provider = {}
---@param options ft.provider.ChatOptions
---@return table {content, message, finish_reason, usage, seconds, choices}
function Provider:chat(options) end
---Starts a job, which outlives the script.
---@param options ft.provider.TrainOptions
---@return ft.Job
function Provider:train(options) end
---@param described string|table an id, or a job's description
---@return ft.Job
function Provider:job(described) end

---@class ft.Job
---@field id string
---@field described table {id, state, vendor_state, base_model, model, error, progress}
local Job = {}
---Asks the provider.
---@return table {id, state, vendor_state, base_model, model, error, progress}
function Job:refresh() end
---@return string state when it was last asked
function Job:state() end
---Events as they come, until the job has ended.
---@param poll? number seconds between questions (0.25)
---@return fun(): table?
function Job:events(poll) end
---Waits for the end; raises `timeout`.
---@param options? ft.provider.WaitOptions
---@return table
function Job:wait(options) end
---@return table
function Job:cancel() end

---@class ft.evaluate.Options
---@field records ft.Dataset|table[]
---@field models (string|table)[] ids, or {name, model, provider} each
---@field provider? ft.Provider of the models that name none
---@field scorers? (string|table)[] "exact" or {"similarity", {…}} (exact and similarity)
---@field max_tokens? integer 256
---@field temperature? number 0
---@field seed? integer 0
---@field concurrency? integer 4
---@field on_progress? fun(done: integer, total: integer)

---@class ft.evaluate
---@overload fun(options: ft.evaluate.Options): table
local evaluate = {}
---Records x models x scorers, every answer kept.
---@param options ft.evaluate.Options
---@return table {models, rows, skipped, scorers}
function evaluate.run(options) end
---What a model is asked and what is expected; nil without an assistant turn.
---@param record table
---@return table? {id, prompt, expected, record}
function evaluate.case(record) end
---Two-sided exact p of the pairs that differ.
---@param b integer
---@param c integer
---@return number
function evaluate.mcnemar(b, c) end
---Model b against a on a 0/1 scorer, paired by record.
---@param report table of run()
---@param a integer
---@param b integer
---@param scorer string
---@return table {n, only_a, only_b, both, neither, difference, p}
function evaluate.compare(report, a, b, scorer) end

---@class ft.options
local options = {}
---A function that returns the options it is given, or raises what is wrong with them.
---@param where string the function's name
---@param known string[]
---@param needed? table<string, string> name = what to give
---@return fun(given?: table): table
function options.checker(where, known, needed) end

---@class ft.ui what a person sees
---@field quiet boolean nothing but the document is printed
local ui = {}
---@param text string
---@param name "bold"|"dim"|"red"|"green"|"yellow"|"blue"|"cyan"
---@return string
function ui.paint(text, name) end
---A line on standard output.
---@param text string a format where arguments follow
function ui.line(text, ...) end
---A line on standard error.
---@param text string a format where arguments follow
function ui.note(text, ...) end
---Lines and the document of --json go to standard error from here on, because standard output carries rows.
function ui.give_up_output() end
---The document of --json, where lines go.
---@param value any
function ui.document(value) end
---@param text string
---@return string
function ui.one_line(text) end
---@param text string
---@param columns integer
---@return string
function ui.fit(text, columns) end
---@param text string
---@param lead? string
---@param indent? string
function ui.paragraph(text, lead, indent) end
---@param headers string[]
---@param rows any[][]
---@return string
function ui.table(headers, rows) end
---@param fraction number 0 to 1
---@param columns integer
---@return string
function ui.bar(fraction, columns) end
---@param pairs_list table[] {label, count} each
---@param columns? integer
---@return string
function ui.histogram(pairs_list, columns) end
---@param values number[]
---@param columns? integer
---@param rows? integer
---@return string
function ui.chart(values, columns, rows) end
---@param value number
---@return string
function ui.seconds(value) end
---@param n integer
---@param one string
---@param many? string
---@return string
function ui.count(n, one, many) end
---@param label string
---@return ft.Progress
function ui.progress(label) end
---@param prompt string
---@return string
function ui.read_line(prompt) end
---@param question string
---@param default? any
---@param check? fun(answer: string): any, string?
---@return any
function ui.ask(question, default, check) end
---@param question string
---@param names string[]
---@return string
function ui.choose(question, names) end
---@param ctx table
---@param question string
function ui.confirm(ctx, question) end

---@class ft.formats formats by their names, a project's own among them
local formats = {}
---The plugin and its options.
---@param project? table
---@param name? string
---@param options? table
---@return string?, table?
function formats.resolve(project, name, options) end
---@param ctx table
---@param path string
---@param format? string
---@param run fun(format?: string): table
---@param option? string how the command calls the format, if not --format
---@return table
function formats.asking(ctx, path, format, run, option) end
---The hints of findings, with the option that this command has for --format.
---@param findings table[]
---@param option string
function formats.name_option(findings, option) end

---@class ft.Progress a line on standard error, drawn again in place
local Progress = {}
---@param done number
---@param total? number
---@param extra? string
function Progress:set(done, total, extra) end
function Progress:close() end

---@class ft.tokens what counts tokens, by name
---@field estimate string the name of the estimate
local tokens = {}
---An encoding, a model whose encoding is known, a tokenizer.json, the folder of a model, or "chars4".
---@param name string
---@return ft.Encoding
---@return string? estimate says, in words, that it is an estimate
function tokens.open(name) end
---What a name means: what ft.text.encoding takes.
---@param name string
---@return table spec
---@return string? estimate
function tokens.resolve(name) end
---@param model string
---@return string? encoding
function tokens.of_model(model) end
---The name of what counts a project's tokens.
---@param project? table of ft.project
---@return string
function tokens.of_project(project) end

---@class ft.prices what training costs, from prices.json
local prices = {}
---All rows, the project's first.
---@param project? table
---@return table[] rows {model, train, limit, epochs, date, source, file}
function prices.list(project) end
---The row of a model; an error names the nearest.
---@param rows table[]
---@param model string
---@return table
function prices.of(rows, model) end
---@param examples integer
---@return integer epochs that the provider's cookbook expects
function prices.default_epochs(examples) end

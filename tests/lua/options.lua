-- An option that a function of the library does not know is an error that names the nearest; a needed one that is
-- missing says so. Nothing is done then.
local ft = require "ft"

local function refuses(sentence, ...)
  local _, err = ft.try(...)
  assert(err, "nothing was refused where this was expected: " .. sentence)
  assert(err.message .. (err.hint and "; " .. err.hint or "") == sentence and err.code == "input", ("expected: %s\ngot: %s"):format(sentence, tostring(err)))
end

refuses('ft.dataset.open: unknown option "colection"; did you mean "collection"?', ft.dataset.open, "x.jsonl", { colection = "a" })
refuses('ft.dataset.open: unknown option "zzz"; known are collection, name', ft.dataset.open, "x.jsonl", { zzz = 1 })
refuses("ft.dataset.open: the options must be a table, not a string", ft.dataset.open, "x.jsonl", "name")
refuses('ft.dataset.open: the dataset must be a string, not a nil; give a path, like "data/examples.jsonl"', ft.dataset.open)

local data = ft.dataset.open "x.jsonl"
data:append { id = "a", messages = { { role = "user", content = "q" }, { role = "assistant", content = "a" } } }
ft.fs.write("i.jsonl", '{"messages":[{"role":"user","content":"q"},{"role":"assistant","content":"b"}]}\n')
refuses('dataset:import: unknown option "strct"; did you mean "strict"?', data.import, data, "i.jsonl", { format = "openai-chat", strct = true })
refuses('ft.flow.import: option strict must be true or false, not "no"', data.import, data, "i.jsonl", { strict = "no" })
refuses('dataset:export: unknown option "fromat"; did you mean "format"?', data.export, data, "a.jsonl", { fromat = "dialogue-text" })
refuses('dataset:split: unknown option "trian"; did you mean "train"?', data.split, data, { trian = 0.5 })
refuses('dataset:check: unknown option "format"; did you mean "formats"?', data.check, data, { format = "openai-chat" })
refuses('ft.flow.check_file: unknown option "formats"; did you mean "format"?', ft.flow.check_file, { path = "i.jsonl", formats = "openai-chat" })
refuses('ft.flow.count: unknown option "filtr"; did you mean "filter"?', ft.flow.count,
  { storage = data.storage, collection = data.collection, filtr = {} })
assert(data:count() == 1 and not ft.fs.exists "a.jsonl")

local provider = ft.provider "local"
refuses('provider:chat: unknown option "max_tokns"; did you mean "max_tokens"?', provider.chat, provider, { prompt = "Hi", max_tokns = 2 })
refuses("provider:chat: there is nothing to answer; give messages, or a prompt", provider.chat, provider, { model = "tiny-base" })
refuses('provider:train: unknown option "base_modle"; did you mean "base_model"?', provider.train, provider, { base_modle = "tiny-base" })
refuses('provider:train: the option "training_file" is missing; give the file to train on', provider.train, provider, { base_model = "tiny-base" })

refuses('ft.evaluate: unknown option "recrds"; did you mean "records"?', ft.evaluate, { recrds = {} })
refuses('ft.evaluate: the option "models" is missing; give a list of {name, model, provider}', ft.evaluate, { records = {} })
refuses("ft.evaluate: there is no model to ask; give models, a list of ids or of {name, model}", ft.evaluate, { records = {}, models = {} })
refuses('ft.evaluate: models: unknown option "nme"; did you mean "name"?', ft.evaluate, { records = {}, models = { { nme = "a" } } })
refuses('ft.evaluate: the model "a" has no provider; give provider, like ft.provider("local")', ft.evaluate, { records = {}, models = { "a" } })
data:close()

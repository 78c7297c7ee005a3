#include <algorithm>

#include "jobs.hpp"
#include "kernels.hpp"
#include "llama.hpp"
#include "model_folder.hpp"
#include "text/bpe_trainer.hpp"

namespace fthost::engine {
namespace {

namespace fs = std::filesystem;

// One token opens a turn and one closes it, which suits small vocabularies.
constexpr const char* kChatTemplate =
    "{{- bos_token }}{%- for message in messages %}{{- '<|' + message['role'] + '|>' + message['content'] | trim + "
    "eos_token }}{%- endfor %}{%- if add_generation_prompt %}{{- '<|assistant|>' }}{%- endif %}";
constexpr const char* kBos = "<|begin|>";
constexpr const char* kEos = "<|end|>";

struct PretrainJob {
  std::string corpus, output, dtype;
  std::size_t vocab_size = 1024;
  ModelConfig model;
  TrainOptions train;
  DatasetOptions dataset;
  int threads = 1;
};

Result<PretrainJob> parse_pretraining(const Json& json, const std::string& where) {
  static constexpr const char* kMethods[] = {"pretrain"};
  static constexpr const char* kTypes[] = {"F16", "F32"};
  JsonReader reader(json, where);
  reader.integer("schema_version", 1, 1, 1);
  reader.text("id", "");
  reader.choice("method", "pretrain", kMethods);
  PretrainJob job;
  job.corpus = reader.required_text("corpus");
  job.output = reader.text("output", "model");
  job.dtype = reader.choice("dtype", "F32", kTypes);
  job.threads = static_cast<int>(reader.integer("threads", 1, 1, 1024));
  JsonReader shape = reader.object("model"), hyper = reader.object("hyperparameters");
  if (auto done = reader.finish(); !done) return done.error();
  ModelConfig& m = job.model;
  job.vocab_size = static_cast<std::size_t>(shape.integer("vocab_size", 1024, 261, 1 << 20));
  m.hidden_size = shape.integer("hidden_size", 128, 2, 65536);
  m.layers = shape.integer("layers", 4, 1, 256);
  m.heads = shape.integer("heads", 4, 1, 1024);
  m.kv_heads = shape.integer("kv_heads", m.heads, 1, 1024);
  m.head_dim = shape.integer("head_dim", m.hidden_size / m.heads, 2, 1024);
  m.ffn_size = shape.integer("ffn_size", m.hidden_size * 8 / 3, 1, 1 << 20);
  m.max_positions = shape.integer("max_positions", 512, 2, 1 << 20);
  m.tied = shape.boolean("tied", true);
  m.rope.theta = shape.number("rope_theta", 10000, 1, 1e9);
  m.rms_eps = shape.number("rms_eps", 1e-5, 0, 1);
  if (auto done = shape.finish(); !done) return done.error();
  if (auto done = m.check(where + " /model"); !done) return done.error();
  job.train = TrainOptions::read(hyper);
  job.train.beta2 = hyper.number("beta2", 0.99, 0, 0.999999);
  job.dataset.max_length = std::min(hyper.integer("max_seq_length", m.max_positions, 2, 1 << 24), m.max_positions);
  job.dataset.train_on_prompt = hyper.boolean("train_on_prompt", true);
  if (auto done = hyper.finish(); !done) return done.error();
  return job;
}

// What the tokenizer learns from: every message's content and every text.
Result<std::vector<std::string>> corpus_texts(const fs::path& path) {
  auto text = read_file(path);
  if (!text) return text.error();
  std::vector<std::string> texts;
  std::string_view rest = *text;
  while (!rest.empty()) {
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const Json row = Json::parse(rest.substr(0, end), nullptr, false);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (!row.is_object()) continue;
    if (const auto one = row.find("text"); one != row.end() && one->is_string())
      texts.push_back(one->get<std::string>());
    if (const auto messages = row.find("messages"); messages != row.end() && messages->is_array())
      for (const auto& message : *messages)
        if (message.is_object() && message.contains("content") && message["content"].is_string())
          texts.push_back(message["content"].get<std::string>());
  }
  if (texts.empty())
    return make_error(Code::input, "the corpus has no row with messages or text", path.string(),
                      "check that it is JSONL");
  return texts;
}

Result<JobOutcome> pretrain(JobFolder& folder, const Json& description) {
  auto parsed = parse_pretraining(description, "job.json");
  if (!parsed) return parsed.error();
  PretrainJob& job = *parsed;
  kernels::set_threads(job.threads);
  const fs::path corpus = job_path(folder, job.corpus), output = job_path(folder, job.output);

  auto texts = corpus_texts(corpus);
  if (!texts) return texts.error();
  text::BpeOptions bpe;
  bpe.vocab_size = job.vocab_size;
  bpe.special_tokens = {kBos, "<|system|>", "<|user|>", "<|assistant|>", kEos};
  bpe.bos = kBos;
  auto tokenizer_json = text::train_bpe(*texts, bpe);
  if (!tokenizer_json) return tokenizer_json.error();

  // The chat format is read back from files, as anybody will who uses the model.
  ModelFolder parts{*tokenizer_json, kChatTemplate, kBos, kEos, job.dtype == "F16" ? at::kHalf : at::kFloat};
  const fs::path draft = folder.path() / "tokenizer";
  if (auto done = make_folder(draft); !done) return done.error();
  const Json names = {{"bos_token", kBos}, {"eos_token", kEos}};
  if (auto done = write_file(draft / "tokenizer.json", parts.tokenizer_json); !done) return done.error();
  if (auto done = write_file(draft / "tokenizer_config.json", names.dump()); !done) return done.error();
  if (auto done = write_file(draft / "chat_template.jinja", parts.chat_template); !done) return done.error();
  auto format = ChatFormat::load(draft);
  if (!format) return format.error();

  ModelConfig& config = job.model;
  config.vocab_size = static_cast<std::int64_t>(format->tokenizer().vocab_size());
  config.bos = format->tokenizer().token_to_id(kBos).value_or(-1);
  config.eos = {format->tokenizer().token_to_id(kEos).value_or(-1)};
  config.pad = config.eos[0];
  auto data = Dataset::load(corpus, *format, job.dataset);
  if (!data) return data.error();
  report_dataset(folder, "corpus", *data);

  Llama model = Llama::create(config, job.train.seed);
  const auto parameters = model.make_trainable();
  folder.message("info", std::to_string(parameters->size()) + " parameters, vocabulary of " +
                             std::to_string(config.vocab_size) + " tokens");
  const auto loss = [&](const PackedBatch& batch, Random*) { return model.loss_sum(batch, nullptr); };
  const TrainResult result = train(*data, nullptr, *parameters, loss, job.train, event_hooks(folder));
  JobOutcome outcome;
  if (result.cancelled) {
    outcome.cancelled = true;
    outcome.fields = {{"step", result.last.step}};
    return outcome;
  }
  if (auto done = write_model_folder(output, model, parts); !done) return done.error();
  outcome.fields = {{"model", job.output},
                    {"trained_tokens", result.last.tokens},
                    {"seconds", result.last.seconds},
                    {"final_loss", result.last.loss}};
  return outcome;
}

}  // namespace

int run_pretrain(const fs::path& folder) { return run_job(folder, pretrain); }

}  // namespace fthost::engine

#include "jobs.hpp"
#include "kernels.hpp"
#include "llama.hpp"

namespace fthost::engine {
namespace {

namespace fs = std::filesystem;

struct SftJob {
  std::string base_model, train_file, validation_file;
  TrainOptions train;
  DatasetOptions dataset;
  LoraConfig lora;
  int threads = 1;
};

Result<SftJob> parse_sft(const Json& json, const std::string& where) {
  static constexpr const char* kMethods[] = {"sft"};
  JsonReader reader(json, where);
  reader.integer("schema_version", 1, 1, 1);
  reader.text("id", "");
  reader.choice("method", "sft", kMethods);
  SftJob job;
  job.base_model = reader.required_text("base_model");
  job.train_file = reader.required_text("train_file");
  job.validation_file = reader.text("validation_file", "");
  job.threads = static_cast<int>(reader.integer("threads", 1, 1, 1024));
  reader.ignore("request");  // who asked for the job, and in which words: the provider's
  JsonReader hyper = reader.object("hyperparameters");
  if (auto done = reader.finish(); !done) return done.error();
  job.train = TrainOptions::read(hyper);
  job.dataset.max_length = hyper.integer("max_seq_length", 1024, 2, 1 << 24);
  job.dataset.train_on_prompt = hyper.boolean("train_on_prompt", false);
  job.lora.rank = hyper.integer("lora_r", 8, 1, 4096);
  job.lora.alpha = hyper.number("lora_alpha", 2.0 * static_cast<double>(job.lora.rank), 0, 1e6);
  job.lora.dropout = hyper.number("lora_dropout", 0, 0, 0.99);
  std::vector<std::string> names{"all-linear"};
  if (const Json* targets = hyper.value("target_modules")) {
    if (targets->is_string()) {
      names = {targets->get<std::string>()};
    } else if (targets->is_array()) {
      names.clear();
      for (const auto& one : *targets)
        if (one.is_string()) names.push_back(one.get<std::string>());
    } else {
      hyper.fail("target_modules", "is neither a list of names nor \"all-linear\"");
    }
  }
  if (auto done = hyper.finish(); !done) return done.error();
  auto targets = lora_targets(names, where + " /hyperparameters/target_modules");
  if (!targets) return targets.error();
  job.lora.targets = *targets;
  return job;
}

// Saves beside the final name first: a reader never sees half an adapter.
Result<void> save_adapter(const Lora& lora, const fs::path& to, const std::string& base_model) {
  fs::path partial = to;
  partial += ".partial";
  std::error_code ec;
  fs::remove_all(partial, ec);
  if (auto done = lora.save(partial, base_model); !done) return done;
  return replace_folder(partial, to);
}

Result<JobOutcome> train_adapter(JobFolder& folder, const Json& description) {
  auto parsed = parse_sft(description, "job.json");
  if (!parsed) return parsed.error();
  const SftJob& job = *parsed;
  kernels::set_threads(job.threads);

  const fs::path base = job_path(folder, job.base_model);
  auto model = Llama::load(base);
  if (!model) return model.error();
  auto format = ChatFormat::load(base);
  if (!format) return format.error();
  DatasetOptions options = job.dataset;
  if (options.max_length > model->config().max_positions) {
    options.max_length = model->config().max_positions;
    folder.message("info",
                   "max_seq_length is limited to the model's " + std::to_string(options.max_length) + " positions");
  }
  auto data = Dataset::load(job_path(folder, job.train_file), *format, options);
  if (!data) return data.error();
  report_dataset(folder, "training file", *data);
  std::optional<Dataset> validation;
  if (!job.validation_file.empty()) {
    auto loaded = Dataset::load(job_path(folder, job.validation_file), *format, options);
    if (!loaded) return loaded.error();
    report_dataset(folder, "validation file", *loaded);
    validation = std::move(*loaded);
  }

  Lora lora = Lora::create(model->config(), job.lora, job.train.seed);
  folder.message("info", "LoRA r=" + std::to_string(job.lora.rank) + ": " + std::to_string(lora.parameters().size()) +
                             " trained parameters");
  std::string last_checkpoint;
  const auto checkpoint = [&](std::int64_t step) {
    const std::string name = "checkpoints/step-" + std::to_string(step);
    if (auto done = make_folder(folder.path() / "checkpoints"); !done) throw Failure(done.error());
    if (auto done = save_adapter(lora, folder.path() / name, job.base_model); !done) throw Failure(done.error());
    folder.event("checkpoint", {{"step", step}, {"path", name}});
    last_checkpoint = name;
  };
  TrainHooks hooks = event_hooks(folder);
  hooks.checkpoint = checkpoint;
  const auto loss = [&](const PackedBatch& batch, Random* dropout) { return model->loss_sum(batch, &lora, dropout); };
  const TrainResult result =
      train(*data, validation ? &*validation : nullptr, lora.parameters(), loss, job.train, hooks);

  JobOutcome outcome;
  if (result.cancelled) {
    if (result.last.step > 0) checkpoint(result.last.step);
    outcome.cancelled = true;
    outcome.fields = {{"step", result.last.step}};
    if (!last_checkpoint.empty()) outcome.fields["checkpoint"] = last_checkpoint;
    return outcome;
  }
  if (auto done = save_adapter(lora, folder.path() / "adapter", job.base_model); !done) return done.error();
  outcome.fields = {{"adapter", "adapter"},
                    {"trained_tokens", result.last.tokens},
                    {"seconds", result.last.seconds},
                    {"final_loss", result.last.loss}};
  return outcome;
}

}  // namespace

int run_train(const fs::path& folder) { return run_job(folder, train_adapter); }

}  // namespace fthost::engine

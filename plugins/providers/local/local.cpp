// provider `local`: trains LoRA adapters and chats on this machine through the worker program ft-engine. It never
// loads a model itself. A job is a folder; its worker is detached and outlives the command that started it.
#include <algorithm>
#include <fstream>
#include <map>
#include <mutex>

#include "engine_process.hpp"
#include "jobs.hpp"

namespace local {
namespace {

class Local : public ft::Provider {
 public:
  static constexpr ft::Info info{
      .name = "local",
      .version = "0.1.0",
      .summary = "trains LoRA adapters and runs models on this machine",
      .config_schema = R"({"type":"object","additionalProperties":false,"properties":{
        "threads":{"type":"integer","minimum":1,"maximum":256,"default":1,"description":"threads of one worker"},
        "jobs":{"type":"string","format":"path","default":".fthost/jobs","description":"folder of the job folders, in the project"},
        "engine":{"type":"string","format":"path","default":"","description":"path of ft-engine; empty: the installed one"}}})",
      .flags = FT_CONCURRENT,
      .operations = "capabilities chat upload create_job find_job get_job list_jobs cancel_job job_events models",
  };

  explicit Local(const ft::Config& config)
      : threads_(config["threads"]), jobs_(config["jobs"]), engine_(config["engine"]) {}

  Json request(const ft::Call& call, std::string_view operation, const Json& input) {
    if (operation == "capabilities") return capabilities();
    if (operation == "chat") return chat(call, input);
    if (operation == "upload") return upload(call, input);
    if (operation == "create_job") return create_job(call, input);
    if (operation == "find_job") return find_job(call, input);
    if (operation == "get_job") return job(call, input).describe(project(call));
    if (operation == "list_jobs") return list_jobs(call);
    if (operation == "cancel_job") return cancel_job(call, input);
    if (operation == "job_events") return job_events(call, input);
    if (operation == "models") return models(call);
    throw ft::Error(FT_E_UNSUPPORTED, "has no operation \"" + std::string(operation) + "\"", "provider \"local\"",
                    std::string("it has ") + info.operations);
  }

 private:
  static Json capabilities() {
    return {{"methods", {"sft"}},
            {"adapters", {"lora"}},
            {"precisions", {"fp32"}},
            {"costs_money", false},
            {"chat", {{"stream", true}, {"n", true}, {"seed", true}, {"tools", false}, {"logprobs", false}}}};
  }

  static std::string project(const ft::Call& call) {
    return std::string(ft::view(call.service<ft_path>("ft.path/1").project));
  }
  static fs::path resolve(const ft::Call& call, const std::string& path) {
    const auto& paths = call.service<ft_path>("ft.path/1");
    ft_str absolute{};
    call.checked(paths.resolve(paths.ctx, call.id(), ft::str(path), &absolute));
    return fs::path(ft::view(absolute));
  }
  std::string program(const ft::Call& call) const {
    if (!engine_.empty()) return resolve(call, engine_).string();
    const std::string path = std::string(ft::view(call.service<ft_path>("ft.path/1").helpers)) + "/ft-engine";
    if (!fs::exists(path)) {
      throw ft::Error(FT_E_CONFIG, "the training worker is not installed", path,
                      "install fthost with its engine (CMake option FTHOST_ENGINE)");
    }
    return path;
  }
  fs::path jobs(const ft::Call& call) const { return resolve(call, jobs_); }

  JobFolder job(const ft::Call& call, const Json& input) const {
    const std::string id = input.value("id", "");
    const JobFolder folder{jobs(call) / id};
    if (id.empty() || id.find('/') != std::string::npos || id.starts_with(".") || !folder.exists()) {
      throw ft::Error(FT_E_INPUT, "there is no job \"" + id + "\"", "provider \"local\"", "see fthost status --all");
    }
    return folder;
  }

  // A base model's folder, or an adapter's with its base.
  struct Model {
    fs::path base, adapter;
  };
  static fs::path shipped(const ft::Call& call) {
    return fs::path(ft::view(call.service<ft_path>("ft.path/1").data)) / "scripts/recipes";
  }
  // A folder that the worker is to read, with what it links to; throws where the host does not allow it.
  static fs::path readable_folder(const ft::Call& call, const fs::path& given) {
    const fs::path own = shipped(call), plain = given.lexically_normal();
    if (std::mismatch(own.begin(), own.end(), plain.begin(), plain.end()).first == own.end()) return plain;
    const fs::path folder = resolve(call, given.string());
    std::error_code ec;
    for (const auto& entry : fs::directory_iterator(folder, ec)) {
      if (entry.is_symlink(ec)) resolve(call, entry.path().string());
    }
    return folder;
  }

  Model find_model(const ft::Call& call, const std::string& name) const {
    fs::path path = readable_folder(call, name);
    if (!fs::exists(path) && name.find('/') == std::string::npos) {  // a model that comes with fthost
      const fs::path of_that_name = shipped(call) / name / "model";
      if (fs::exists(of_that_name / "config.json")) path = of_that_name;
    }
    if (fs::exists(path / "adapter_config.json")) {
      std::ifstream in(path / "adapter_config.json");
      const Json config = Json::parse(in, nullptr, false);
      const std::string base = config.is_object() ? config.value("base_model_name_or_path", "") : "";
      const fs::path beside = path.parent_path() / "job.json";
      if (fs::exists(beside))
        return {readable_folder(call, JobFolder{path.parent_path()}.request().value("base_model", base)), path};
      return {readable_folder(call, base), path};
    }
    if (fs::exists(path / "config.json")) return {path, {}};
    throw ft::Error(FT_E_CONFIG, "there is no model: neither config.json nor adapter_config.json", path.string(),
                    "give the folder of a Hugging Face model or of an adapter");
  }

  Json chat(const ft::Call& call, const Json& input) {
    if (!input.contains("messages")) throw ft::Error(FT_E_INPUT, "chat needs messages", "provider \"local\"");
    const Model model = find_model(call, input.value("model", ""));
    std::shared_ptr<EngineProcess> engine;
    {
      const std::lock_guard lock(mutex_);
      auto& slot = engines_[model.base.string()];
      if (!slot) slot = std::make_shared<EngineProcess>(program(call), model.base.string(), threads_);
      engine = slot;
    }
    Json request{{"messages", input["messages"]}, {"stream", input.value("stream", false)}};
    request["adapter"] = model.adapter.empty() ? Json() : Json(model.adapter.string());
    for (const char* key : {"max_tokens", "temperature", "top_p", "stop"}) {
      if (input.contains(key)) request[key] = input[key];
    }
    const int n = input.value("n", 1);
    Json choices = Json::array();
    std::int64_t prompt_tokens = 0, completion_tokens = 0;
    double seconds = 0;
    for (int i = 0; i < n; ++i) {
      if (input.contains("seed")) request["seed"] = input["seed"].get<std::int64_t>() + i;
      const Json result = engine->chat(call, request);
      choices.push_back({{"index", i},
                         {"message", {{"role", "assistant"}, {"content", result.value("content", "")}}},
                         {"finish_reason", result.value("finish_reason", "stop")}});
      const Json usage = result.value("usage", Json::object());
      prompt_tokens = usage.value("prompt_tokens", std::int64_t{0});
      completion_tokens += usage.value("completion_tokens", std::int64_t{0});
      seconds += result.value("seconds", 0.0);
    }
    return {{"choices", choices},
            {"usage", {{"prompt_tokens", prompt_tokens}, {"completion_tokens", completion_tokens}}},
            {"seconds", seconds}};
  }

  // Nothing leaves the machine: the file's id is its path. create_job copies it.
  static Json upload(const ft::Call& call, const Json& input) {
    const fs::path path = resolve(call, input.value("path", ""));
    std::error_code ec;
    const auto bytes = fs::file_size(path, ec);
    if (ec) throw ft::Error(FT_E_INPUT, "cannot be read: " + ec.message(), path.string(), "check the path");
    return {{"id", path.string()}, {"bytes", bytes}, {"state", "processed"}};
  }

  Json create_job(const ft::Call& call, const Json& input) {
    if (input.value("method", "sft") != "sft") {
      throw ft::Error(FT_E_UNSUPPORTED, "trains by \"sft\" only, not by " + input["method"].dump(),
                      "provider \"local\"", "leave the method out");
    }
    const Model base = find_model(call, input.value("base_model", ""));
    if (!base.adapter.empty()) {
      throw ft::Error(FT_E_UNSUPPORTED, "an adapter cannot be trained further here", base.adapter.string(),
                      "give its base model");
    }
    const std::string validation = input.value("validation_file", "");
    const std::string engine = program(call);
    const JobFolder folder =
        create_folder(jobs(call), input, fs::absolute(base.base), resolve(call, input.value("training_file", "")),
                      validation.empty() ? fs::path() : resolve(call, validation), threads_);
    const ft::Process worker(call, {.argv = {engine, "train", folder.path.string()},
                                    .detached = true,
                                    .output_file = (folder.path / "engine.log").string()});
    std::ofstream(folder.path / "pid") << worker.pid() << "\n";
    return folder.describe(project(call));
  }

  Json find_job(const ft::Call& call, const Json& input) const {
    const std::string key = input.value("client_key", "");
    for (const JobFolder& folder : all_jobs(jobs(call))) {
      if (!key.empty() && folder.request().value("request", Json::object()).value("client_key", "") == key)
        return folder.describe(project(call));
    }
    return nullptr;
  }

  Json list_jobs(const ft::Call& call) const {
    Json list = Json::array();
    for (const JobFolder& folder : all_jobs(jobs(call))) list.push_back(folder.describe(project(call)));
    return list;
  }

  Json cancel_job(const ft::Call& call, const Json& input) const {
    const JobFolder folder = job(call, input);
    std::ofstream(folder.path / "cancel") << "cancelled by fthost\n";
    return folder.describe(project(call));
  }

  // `after`: where the last answer's `next` was. The state is read first, so an ended job's events are complete.
  Json job_events(const ft::Call& call, const Json& input) const {
    const JobFolder folder = job(call, input);
    Json described = folder.describe(project(call));
    std::uint64_t next = 0;
    Json list = Json::array();
    for (auto& event : folder.events(input.value("after", std::uint64_t{0}), next)) list.push_back(std::move(event));
    return {{"job", described}, {"events", list}, {"next", next}};
  }

  Json models(const ft::Call& call) const {
    Json list = Json::array();
    for (const JobFolder& folder : all_jobs(jobs(call))) {
      const Json described = folder.describe(project(call));
      if (described["state"] == "succeeded")
        list.push_back({{"id", described["model"]},
                        {"base_model", described["base_model"]},
                        {"job", described["id"]},
                        {"created_at", described["finished_at"]}});
    }
    return list;
  }

  int threads_;
  std::string jobs_, engine_;
  std::mutex mutex_;
  std::map<std::string, std::shared_ptr<EngineProcess>> engines_;  // by base model
};

}  // namespace
}  // namespace local

using Local = local::Local;
FT_PLUGIN(Local)

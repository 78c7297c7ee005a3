#include "jobs.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <ctime>
#include <fstream>
#include <random>

namespace local {
namespace {

struct Range {
  const char* key;
  Json fallback;  // null: absent unless given
  double low, high;
  bool integer;
};

const std::vector<Range>& ranges() {
  static const std::vector<Range> all = {{"epochs", 3, 1, 100000, true},
                                         {"max_steps", nullptr, 1, 1e9, true},
                                         {"batch_size", 4, 1, 4096, true},
                                         {"gradient_accumulation", 1, 1, 4096, true},
                                         {"learning_rate", 2e-4, 1e-8, 1, false},
                                         {"warmup_ratio", 0.0, 0, 1, false},
                                         {"warmup_steps", nullptr, 0, 1e9, true},
                                         {"weight_decay", 0.0, 0, 10, false},
                                         {"max_grad_norm", 1.0, 0, 1e6, false},
                                         {"seed", 42, 0, 9007199254740991.0, true},
                                         {"max_seq_length", 512, 8, 1048576, true},
                                         {"lora_r", 8, 1, 1024, true},
                                         {"lora_alpha", 16, 1, 65536, false},
                                         {"lora_dropout", 0.0, 0, 0.99, false},
                                         {"log_every", 1, 1, 1e9, true},
                                         {"checkpoint_every", nullptr, 1, 1e9, true}};
  return all;
}

std::string number(double value) {
  Json json = value;
  if (value == std::floor(value) && std::fabs(value) < 1e15) json = static_cast<std::int64_t>(value);
  return json.dump();
}

ft::Error bad(const std::string& key, const std::string& message, const std::string& hint) {
  return ft::Error(FT_E_CONFIG, message, "provider \"local\": hyperparameters /" + key, hint);
}

std::string utc_now() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y-%m-%dT%H:%M:%SZ", &parts);
  return text;
}

// Sorts by the time of its making, to the millisecond.
std::string new_id() {
  timespec now{};
  clock_gettime(CLOCK_REALTIME, &now);
  std::tm parts{};
  gmtime_r(&now.tv_sec, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y%m%d-%H%M%S", &parts);
  std::random_device random;
  char tail[16];
  std::snprintf(tail, sizeof tail, "%03d%04x", static_cast<int>(now.tv_nsec / 1'000'000), random() & 0xffff);
  return std::string("job-") + text + "-" + tail;
}

void write_file(const fs::path& path, const std::string& bytes) {
  std::ofstream out(path, std::ios::binary);
  out << bytes;
  out.close();
  if (!out) throw ft::Error(FT_E_IO, "cannot be written", path.string(), "check free space and permissions");
}

std::string read_text(const fs::path& path, std::uint64_t from = 0) {
  std::ifstream in(path, std::ios::binary);
  in.seekg(static_cast<std::streamoff>(from));
  return std::string(std::istreambuf_iterator<char>(in), {});
}

void copy_data(const fs::path& from, const fs::path& to) {
  std::error_code ec;
  if (!fs::is_regular_file(from, ec)) {
    throw ft::Error(FT_E_INPUT, "the training data is not there", from.string(), "write it first: fthost format");
  }
  if (fs::file_size(from, ec) == 0 && !ec)
    throw ft::Error(FT_E_INPUT, "the training data is empty", from.string(), "see fthost stats and fthost split");
  fs::copy_file(from, to, ec);
  if (ec)
    throw ft::Error(FT_E_IO, "cannot be copied: " + ec.message(), from.string(), "check free space and permissions");
}

}  // namespace

Json checked_hyperparameters(const Json& given) {
  Json all = Json::object();
  for (const Range& range : ranges()) {
    if (!range.fallback.is_null()) all[range.key] = range.fallback;
  }
  all["schedule"] = "linear";
  all["target_modules"] = "all-linear";
  all["train_on_prompt"] = false;
  for (const auto& [key, value] : given.items()) {
    const auto range = std::find_if(ranges().begin(), ranges().end(), [&](const Range& r) { return key == r.key; });
    if (range != ranges().end()) {
      const bool typed = range->integer
                             ? value.is_number_integer() ||
                                   (value.is_number() && value.get<double>() == std::floor(value.get<double>()))
                             : value.is_number();
      if (!typed) throw bad(key, value.dump() + " is not " + (range->integer ? "a whole number" : "a number"), "");
      const double v = value.get<double>();
      if (!(v >= range->low && v <= range->high)) {
        throw bad(key, value.dump() + " is out of range", "give " + number(range->low) + " to " + number(range->high));
      }
      all[key] = range->integer ? Json(static_cast<std::int64_t>(v)) : value;
    } else if (key == "schedule") {
      if (value != "constant" && value != "linear" && value != "cosine")
        throw bad(key, value.dump() + " is no schedule", "give constant, linear or cosine");
      all[key] = value;
    } else if (key == "target_modules") {
      if (value != "all-linear" && !value.is_array())
        throw bad(key, value.dump() + " is not a list of modules",
                  "give \"all-linear\" or a list such as [\"q_proj\", \"v_proj\"]");
      all[key] = value;
    } else if (key == "train_on_prompt") {
      if (!value.is_boolean()) throw bad(key, value.dump() + " is not a boolean", "give true or false");
      all[key] = value;
    } else {
      std::string known;
      for (const Range& r : ranges()) known += std::string(r.key) + ", ";
      throw bad(key, "unknown hyperparameter",
                "the known ones are " + known + "schedule, target_modules, train_on_prompt");
    }
  }
  return all;
}

Json JobFolder::request() const {
  const Json job = Json::parse(read_text(path / "job.json"), nullptr, false);
  if (job.is_discarded())
    throw ft::Error(FT_E_IO, "is not JSON", (path / "job.json").string(), "the job's folder was damaged");
  return job;
}

std::vector<Json> JobFolder::events(std::uint64_t after, std::uint64_t& next) const {
  std::vector<Json> all;
  next = after;
  const std::string text = read_text(path / "events.jsonl", after);
  std::size_t begin = 0;
  for (std::size_t end; (end = text.find('\n', begin)) != std::string::npos; begin = end + 1) {
    Json event = Json::parse(text.begin() + static_cast<std::ptrdiff_t>(begin),
                             text.begin() + static_cast<std::ptrdiff_t>(end), nullptr, false);
    if (!event.is_discarded()) all.push_back(std::move(event));
  }
  next += begin;
  return all;
}

bool JobFolder::worker_alive() const {
  const int fd = open((path / "lock").c_str(), O_RDWR | O_CLOEXEC);
  if (fd >= 0) {
    const bool held = flock(fd, LOCK_EX | LOCK_NB) != 0;
    close(fd);
    if (held || fs::exists(path / "events.jsonl")) return held;  // it makes its events once it has the lock
  }
  const std::string pid = read_text(path / "pid");  // written at the start; the worker takes its lock a moment later
  return !pid.empty() && kill(static_cast<pid_t>(std::atoll(pid.c_str())), 0) == 0;
}

Json JobFolder::describe(const std::string& project) const {
  const Json job = request();
  const Json asked = job.value("request", Json::object());
  const bool alive = worker_alive();  // before the events: a worker that ends in between has written its last state
  std::uint64_t next = 0;
  Json state = "pending", finished, error, model, tokens, progress;
  for (const Json& event : events(0, next)) {
    const std::string type = event.value("type", "");
    if (type == "metrics") {
      progress = Json{{"step", event.value("step", 0)},
                      {"total_steps", event.value("total_steps", 0)},
                      {"epoch", event.value("epoch", 0.0)},
                      {"loss", event.value("loss", 0.0)},
                      {"tokens_per_second", event.value("tokens_per_second", 0.0)},
                      {"seconds", event.value("seconds", 0.0)}};
    }
    if (type != "state") continue;
    state = event.value("state", "unknown");
    if (state == "running" || state == "pending") continue;
    finished = event.contains("at") ? event["at"] : Json();
    if (event.contains("trained_tokens")) tokens = event["trained_tokens"];
    if (event.contains("error")) error = event["error"];
    if (state == "succeeded") {
      const fs::path adapter = path / event.value("adapter", "adapter");
      const fs::path relative = adapter.lexically_relative(project);
      model = relative.empty() || relative.string().starts_with("..") ? adapter.string() : relative.string();
    }
  }
  std::string word = state;
  if ((state == "running" || state == "pending") && !alive) {
    word = "worker gone";
    state = "failed";
    std::string tail = read_text(path / "engine.log");
    while (!tail.empty() && tail.back() == '\n') tail.pop_back();
    tail = tail.substr(tail.rfind('\n') == std::string::npos ? 0 : tail.rfind('\n') + 1);
    error = {{"message", "the worker ended without a word" + (tail.empty() ? std::string() : ": " + tail)},
             {"where", (path / "engine.log").string()},
             {"hint", "see that log, then train again"}};
  }
  return {{"id", id()},
          {"provider", "local"},
          {"state", state},
          {"vendor_state", word},
          {"method", job.value("method", "sft")},
          {"base_model", asked.value("base_model", "")},
          {"model", model},
          {"created_at", asked.value("created_at", "")},
          {"finished_at", finished},
          {"trained_tokens", tokens},
          {"error", error},
          {"progress", progress},
          {"hyperparameters", job["hyperparameters"]}};
}

JobFolder create_folder(const fs::path& jobs, const Json& request, const fs::path& base_model, const fs::path& train,
                        const fs::path& validation, int threads) {
  const Json hyperparameters = checked_hyperparameters(request.value("hyperparameters", Json::object()));
  std::error_code ec;
  fs::create_directories(jobs, ec);
  const JobFolder folder{jobs / new_id()};
  const fs::path draft = jobs / ("." + folder.id() + ".tmp");
  if (!fs::create_directory(draft, ec)) {
    throw ft::Error(FT_E_IO, "cannot make the job's folder: " + ec.message(), draft.string(),
                    "check permissions and free space");
  }
  try {
    Json job{{"schema_version", 1},
             {"id", folder.id()},
             {"method", request.value("method", "sft")},
             {"base_model", base_model.string()},
             {"train_file", (folder.path / "train.jsonl").string()},
             {"request",
              {{"created_at", utc_now()},
               {"client_key", request.value("client_key", "")},
               {"suffix", request.value("suffix", "")},
               {"base_model", request.value("base_model", "")}}}};
    copy_data(train, draft / "train.jsonl");
    if (!validation.empty()) {
      copy_data(validation, draft / "validation.jsonl");
      job["validation_file"] = (folder.path / "validation.jsonl").string();
    }
    job["hyperparameters"] = hyperparameters;
    job["threads"] = threads;
    write_file(draft / "job.json", job.dump(2) + "\n");
    fs::rename(draft, folder.path);
  } catch (...) {
    fs::remove_all(draft, ec);
    throw;
  }
  return folder;
}

std::vector<JobFolder> all_jobs(const fs::path& jobs) {
  std::vector<JobFolder> all;
  std::error_code ec;
  for (const auto& item : fs::directory_iterator(jobs, ec)) {
    const JobFolder folder{item.path()};
    if (!folder.id().starts_with(".") && folder.exists()) all.push_back(folder);
  }
  std::sort(all.begin(), all.end(), [](const JobFolder& a, const JobFolder& b) { return a.id() < b.id(); });
  return all;
}

}  // namespace local

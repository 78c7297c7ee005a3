// Whole jobs and the server, on a tiny model that the first test to need it pre-trains here.
#include <sys/inotify.h>
#include <sys/wait.h>
#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <fstream>
#include <sstream>

#include "chat_format.hpp"
#include "dataset.hpp"
#include "generate.hpp"
#include "jobs.hpp"
#include "serve.hpp"
#include "support.hpp"
#include "trainer.hpp"

using namespace fthost::engine;
using namespace fthost::engine::test;
namespace fs = std::filesystem;

namespace {

void write_lines(const fs::path& path, const std::vector<Json>& lines) {
  std::string text;
  for (const auto& line : lines) text += line.dump() + "\n";
  write_file(path, text).value();
}

std::vector<Json> read_lines(const fs::path& path) {
  std::vector<Json> lines;
  std::istringstream in(read_file(path).value());
  for (std::string line; std::getline(in, line);) lines.push_back(Json::parse(line));
  return lines;
}

Json chat(const std::string& question, const std::string& answer) {
  return {{"messages", {{{"role", "user"}, {"content", question}}, {{"role", "assistant"}, {"content", answer}}}}};
}

const std::vector<Json>& rows() {
  static const std::vector<Json> rows = {chat("where is the red key", "under the mat"),
                                         chat("where is the blue key", "on the hook"),
                                         chat("who has the map", "the driver has it"),
                                         chat("when do we leave", "at nine"), chat("what do we eat", "bread and soup")};
  return rows;
}

// The model folder, made once for all tests.
const fs::path& tiny_model() {
  static const TemporaryFolder folder;
  static const bool made = [] {
    std::vector<Json> corpus;
    for (int i = 0; i < 12; ++i) corpus.insert(corpus.end(), rows().begin(), rows().end());
    corpus.push_back({{"text", "the red key is under the mat"}});
    write_lines(folder / "corpus.jsonl", corpus);
    const Json job = {
        {"schema_version", 1},
        {"method", "pretrain"},
        {"corpus", "corpus.jsonl"},
        {"dtype", "F16"},
        {"model",
         {{"vocab_size", 300},
          {"hidden_size", 32},
          {"layers", 2},
          {"heads", 2},
          {"kv_heads", 1},
          {"ffn_size", 64},
          {"max_positions", 64}}},
        {"hyperparameters", {{"epochs", 12}, {"batch_size", 8}, {"learning_rate", 0.01}, {"log_every", 5}}}};
    write_file(folder / "job.json", job.dump()).value();
    return run_pretrain(folder.path()) == 0;
  }();
  static const fs::path model = folder / "model";
  BOOST_REQUIRE(made);
  return model;
}

Json sft_job(const Json& changes = Json::object()) {
  Json job = {{"schema_version", 1},
              {"id", "test"},
              {"method", "sft"},
              {"base_model", tiny_model().string()},
              {"train_file", "train.jsonl"},
              {"hyperparameters",
               {{"epochs", 2},
                {"batch_size", 2},
                {"learning_rate", 0.01},
                {"lora_r", 4},
                {"lora_dropout", 0.1},
                {"seed", 3},
                {"target_modules", "all-linear"}}}};
  job["hyperparameters"].update(changes);
  return job;
}

void prepare(const fs::path& folder, const Json& job, std::vector<Json> lines = rows()) {
  make_folder(folder).value();
  write_lines(folder / "train.jsonl", lines);
  write_file(folder / "job.json", job.dump()).value();
}

Json last_event(const fs::path& folder) { return read_lines(folder / "events.jsonl").back(); }

std::vector<Json> events_of(const fs::path& folder, const std::string& type) {
  std::vector<Json> found;
  for (const auto& line : read_lines(folder / "events.jsonl"))
    if (line.at("type") == type) found.push_back(line);
  return found;
}

std::vector<Json> ask(const fs::path& model, const std::vector<Json>& requests) {
  std::stringstream in, out;
  for (const auto& request : requests) in << request.dump() << "\n";
  BOOST_TEST(serve(model, 1, in, out) == 0);
  std::vector<Json> lines;
  for (std::string line; std::getline(out, line);) lines.push_back(Json::parse(line));
  return lines;
}

Json request(int id, const std::string& question, const Json& more = Json::object()) {
  Json json = {
      {"id", id}, {"op", "chat"}, {"messages", {{{"role", "user"}, {"content", question}}}}, {"max_tokens", 20}};
  json.update(more);
  return json;
}

}  // namespace

BOOST_AUTO_TEST_CASE(pretraining_writes_a_model_folder_that_answers) {
  for (const char* name : {"config.json", "tokenizer.json", "tokenizer_config.json", "chat_template.jinja",
                           "generation_config.json", "model.safetensors"})
    BOOST_TEST(fs::exists(tiny_model() / name), name);
  const auto lines = ask(tiny_model(), {request(1, "where is the blue key"), request(2, "when do we leave")});
  BOOST_REQUIRE(lines.size() == 3u);
  BOOST_TEST(lines[0].at("ready").get<bool>());
  BOOST_TEST(lines[1].at("result").at("content").get<std::string>() == "on the hook");
  BOOST_TEST(lines[2].at("result").at("content").get<std::string>() == "at nine");
  BOOST_TEST(lines[1].at("result").at("finish_reason").get<std::string>() == "stop");
}

BOOST_AUTO_TEST_CASE(training_writes_events_and_an_adapter) {
  TemporaryFolder folder;
  Json job = sft_job({{"checkpoint_every", 2}});
  job["validation_file"] = "train.jsonl";
  prepare(folder.path(), job);
  BOOST_REQUIRE(run_train(folder.path()) == 0);
  const auto events = read_lines(folder / "events.jsonl");
  BOOST_TEST(events.front().at("state").get<std::string>() == "running");
  BOOST_TEST(events.front().at("pid").get<int>() == ::getpid());
  const auto metrics = events_of(folder.path(), "metrics");
  BOOST_REQUIRE(metrics.size() == 6u);  // 5 rows, 2 a step, 2 epochs
  BOOST_TEST(metrics.back().at("total_steps").get<int>() == 6);
  BOOST_TEST(metrics.back().at("epoch").get<double>() == 2.0);
  BOOST_TEST(metrics.back().at("loss").get<double>() < metrics.front().at("loss").get<double>());
  BOOST_TEST(events_of(folder.path(), "validation").size() == 2u);
  BOOST_TEST(events_of(folder.path(), "checkpoint").size() == 2u);
  BOOST_TEST(fs::exists(folder / "checkpoints/step-2/adapter_model.safetensors"));
  const Json last = events.back();
  BOOST_TEST(last.at("state").get<std::string>() == "succeeded");
  BOOST_TEST(last.at("adapter").get<std::string>() == "adapter");
  BOOST_TEST(last.at("final_loss").get<double>() == metrics.back().at("loss").get<double>());
  const Json config = read_json(folder / "adapter/adapter_config.json").value();
  BOOST_TEST(config.at("r").get<int>() == 4);
  BOOST_TEST(config.at("lora_alpha").get<int>() == 8);
}

BOOST_AUTO_TEST_CASE(same_seed_gives_the_same_adapter_bytes_and_another_seed_does_not) {
  TemporaryFolder folder;
  std::vector<std::string> adapters;
  for (const int seed : {3, 3, 4}) {
    const fs::path job = folder / std::to_string(adapters.size());
    prepare(job, sft_job({{"seed", seed}}));
    BOOST_REQUIRE(run_train(job) == 0);
    adapters.push_back(read_file(job / "adapter/adapter_model.safetensors").value());
  }
  BOOST_TEST((adapters[0] == adapters[1]));
  BOOST_TEST((adapters[0] != adapters[2]));
}

BOOST_AUTO_TEST_CASE(adapters_alternate_by_request) {
  TemporaryFolder folder;
  prepare(folder.path(), sft_job({{"epochs", 30}, {"lora_dropout", 0}}),
          {chat("where is the red key", "at nine"), chat("when do we leave", "under the mat")});
  BOOST_REQUIRE(run_train(folder.path()) == 0);
  const Json adapter = {{"adapter", (folder / "adapter").string()}};
  const auto lines = ask(tiny_model(), {request(1, "where is the red key", adapter), request(2, "where is the red key"),
                                        request(3, "when do we leave", adapter), request(4, "when do we leave")});
  BOOST_REQUIRE(lines.size() == 5u);
  const char* expected[] = {"at nine", "under the mat", "under the mat", "at nine"};
  for (int i = 0; i < 4; ++i)
    BOOST_TEST(lines[static_cast<std::size_t>(i) + 1].at("result").at("content").get<std::string>() == expected[i]);
}

BOOST_AUTO_TEST_CASE(only_assistant_turns_are_learnt) {
  const auto format = ChatFormat::load(tiny_model()).value();
  const Json messages = {
      {{"role", "user"}, {"content", "where"}}, {{"role", "assistant"}, {"content", "at nine"}},
      {{"role", "user"}, {"content", "when"}},  {{"role", "assistant"}, {"content", "the driver"}, {"weight", 0}},
      {{"role", "user"}, {"content", "who"}},   {{"role", "assistant"}, {"content", "soup"}}};
  const auto chat = format.conversation(messages, nullptr).value();
  std::vector<std::int32_t> trained;
  for (std::size_t i = 0; i < chat.ids.size(); ++i)
    if (chat.trained[i]) trained.push_back(chat.ids[i]);
  BOOST_TEST(format.tokenizer().decode(trained, false) == "at nine<|end|>soup<|end|>");
  BOOST_TEST(format.tokenizer().decode(chat.ids, false) ==
             "<|begin|><|user|>where<|end|><|assistant|>at nine<|end|><|user|>when<|end|><|assistant|>the driver<|end|>"
             "<|user|>who<|end|><|assistant|>soup<|end|>");
}

BOOST_AUTO_TEST_CASE(rows_that_cannot_be_used_are_counted_and_named) {
  TemporaryFolder folder;
  std::string text = "{broken\n";
  text += Json({{"messages", {{{"role", "user"}, {"content", "hello"}}}}}).dump() + "\n";
  for (const auto& row : rows()) text += row.dump() + "\n";
  text += chat("when", std::string(400, 'x')).dump() + "\n";
  prepare(folder.path(), sft_job());
  write_file(folder / "train.jsonl", text).value();
  BOOST_REQUIRE(run_train(folder.path()) == 0);
  std::string messages;
  for (const auto& event : events_of(folder.path(), "message"))
    messages += event.at("message").get<std::string>() + "\n";
  BOOST_TEST(messages.find("2 rows were left out; the first: " + (folder / "train.jsonl").string() +
                           ":1: broken JSON") != std::string::npos,
             messages);
  BOOST_TEST(messages.find("1 rows were too long") != std::string::npos, messages);
}

BOOST_AUTO_TEST_CASE(a_wrong_job_fails_with_a_place_and_a_reason) {
  TemporaryFolder folder;
  const auto failure = [&](const std::string& name, const Json& job, std::vector<Json> lines = rows()) {
    prepare(folder / name, job, std::move(lines));
    BOOST_TEST(run_train(folder / name) == 1);
    const Json last = last_event(folder / name);
    BOOST_TEST(last.at("state").get<std::string>() == "failed");
    return last.at("error");
  };
  Json error = failure("rank", sft_job({{"lora_r", 0}}));
  BOOST_TEST(error.at("where").get<std::string>() == "job.json /hyperparameters/lora_r");
  BOOST_TEST(error.at("message").get<std::string>() == "0 is less than the minimum 1");
  error = failure("unknown", sft_job({{"lora_rank", 4}}));
  BOOST_TEST(error.at("where").get<std::string>() == "job.json /hyperparameters/lora_rank");
  error = failure("target", sft_job({{"target_modules", {"q_proj", "w_proj"}}}));
  BOOST_TEST(error.at("message").get<std::string>().find("\"w_proj\"") != std::string::npos);
  error = failure("empty", sft_job(), {Json({{"messages", Json::array()}})});
  BOOST_TEST(error.at("message").get<std::string>().find("no row can be used") != std::string::npos);
  Json job = sft_job();
  job["base_model"] = "nowhere";
  error = failure("base", job);
  BOOST_TEST(error.at("where").get<std::string>().find("nowhere/config.json") != std::string::npos);
  BOOST_TEST(!fs::exists(folder / "rank/adapter"));
}

BOOST_AUTO_TEST_CASE(a_loss_that_is_no_number_fails_the_job) {
  TemporaryFolder folder;
  const fs::path model = folder / "model";
  fs::copy(tiny_model(), model);
  const fs::path weights = model / "model.safetensors";
  std::string bytes = read_file(weights).value();
  std::uint64_t header = 0;  // 8 bytes, then the table of tensors, then their values
  std::memcpy(&header, bytes.data(), sizeof header);
  const Json table = Json::parse(bytes.substr(8, header));
  const auto at = 8 + header + table.at("model.norm.weight").at("data_offsets").at(0).get<std::size_t>();
  const std::uint16_t infinity = 0x7C00;  // F16
  std::memcpy(bytes.data() + at, &infinity, sizeof infinity);
  write_file(weights, bytes).value();

  Json job = sft_job();
  job["base_model"] = model.string();
  prepare(folder / "job", job);
  BOOST_TEST(run_train(folder / "job") == 1);
  const Json last = last_event(folder / "job");
  BOOST_TEST(last.at("state").get<std::string>() == "failed");
  BOOST_TEST(last.at("error").at("message").get<std::string>() == "the loss is no longer a number at step 1");
  BOOST_TEST(!fs::exists(folder / "job/adapter"));
}

BOOST_AUTO_TEST_CASE(a_gradient_that_is_no_number_ends_training_with_the_weights_as_they_were) {
  TemporaryFolder folder;
  write_lines(folder / "train.jsonl", rows());
  const auto format = ChatFormat::load(tiny_model());
  BOOST_REQUIRE(format.has_value());
  const auto data = Dataset::load(folder / "train.jsonl", *format, {});
  BOOST_REQUIRE(data.has_value());
  FlatParameters parameters({{{3}, true}});
  // Zero, whose root has no derivative there.
  const LossFunction loss = [&](const PackedBatch&, Random*) { return (parameters.leaf(0) * 0).sqrt().sum(); };
  TrainOptions options;
  options.max_steps = 1;
  BOOST_CHECK_EXCEPTION(train(*data, nullptr, parameters, loss, options, {}), fthost::Failure, [](const auto& failure) {
    return failure.error().message == "the gradient is no longer a number at step 1";
  });
  for (int i = 0; i < 3; ++i) BOOST_TEST(parameters.values()[i] == 0.0f);
}

BOOST_AUTO_TEST_CASE(a_running_job_is_locked) {
  TemporaryFolder folder;
  prepare(folder.path(), sft_job());
  const auto held = JobFolder::open(folder.path());
  BOOST_REQUIRE(held.has_value());
  BOOST_TEST(run_train(folder.path()) == 2);
  BOOST_TEST(read_file(folder / "events.jsonl").value().empty());
}

BOOST_AUTO_TEST_CASE(a_torn_event_line_is_ended_before_the_next) {
  TemporaryFolder folder;
  write_file(folder / "events.jsonl", "{\"at\":\"x\"}\n{\"at").value();
  {
    auto job = JobFolder::open(folder.path());
    BOOST_REQUIRE(job.has_value());
    job->message("info", "again");
  }
  const std::string text = read_file(folder / "events.jsonl").value();
  BOOST_TEST(text.starts_with("{\"at\":\"x\"}\n{\"at\n{\"at\":\""));
  BOOST_TEST(text.ends_with("\"again\"}\n"));
}

BOOST_AUTO_TEST_CASE(a_cancel_file_stops_before_the_next_step) {
  TemporaryFolder folder;
  prepare(folder.path(), sft_job());
  write_file(folder / "cancel", "").value();
  BOOST_TEST(run_train(folder.path()) == 130);
  BOOST_TEST(last_event(folder.path()).at("state").get<std::string>() == "cancelled");
  BOOST_TEST(events_of(folder.path(), "metrics").empty());
  BOOST_TEST(!fs::exists(folder / "adapter"));
}

BOOST_AUTO_TEST_CASE(sigterm_keeps_the_partial_adapter) {
  const char* program = std::getenv("FT_ENGINE");
  if (!program) {
    BOOST_TEST_MESSAGE("skipped: FT_ENGINE does not name the program (ctest sets it)");
    return;
  }
  TemporaryFolder folder;
  prepare(folder.path(), sft_job({{"max_steps", 100000000}, {"checkpoint_every", 1}, {"log_every", 1000000}}));
  make_folder(folder / "checkpoints").value();
  const int watch = ::inotify_init1(IN_CLOEXEC);
  BOOST_REQUIRE(::inotify_add_watch(watch, (folder / "checkpoints").c_str(), IN_MOVED_TO) >= 0);
  const pid_t child = ::fork();
  BOOST_REQUIRE(child >= 0);
  if (child == 0) {
    ::execl(program, program, "train", folder.path().c_str(), static_cast<char*>(nullptr));
    ::_exit(127);
  }
  char buffer[4096];
  BOOST_TEST(::read(watch, buffer, sizeof buffer) > 0);  // the first checkpoint has its name
  ::close(watch);
  BOOST_TEST(::kill(child, SIGTERM) == 0);
  int status = 0;
  BOOST_TEST(::waitpid(child, &status, 0) == child);
  BOOST_TEST(WIFEXITED(status));
  BOOST_TEST(WEXITSTATUS(status) == 130);
  const Json last = last_event(folder.path());
  BOOST_TEST(last.at("state").get<std::string>() == "cancelled");
  const fs::path checkpoint = folder.path() / last.at("checkpoint").get<std::string>();
  BOOST_TEST(checkpoint.filename().string() == "step-" + std::to_string(last.at("step").get<std::int64_t>()));
  BOOST_TEST(Lora::load(checkpoint, ModelConfig::load(tiny_model()).value()).has_value());
}

BOOST_AUTO_TEST_CASE(streamed_pieces_make_up_the_answer) {
  const auto lines =
      ask(tiny_model(), {request(7, "who has the map", {{"stream", true}}), request(8, "who has the map")});
  std::string text;
  std::size_t i = 1;
  for (; lines[i].contains("delta"); ++i) {
    BOOST_TEST(lines[i].at("id").get<int>() == 7);
    text += lines[i].at("delta").get<std::string>();
  }
  BOOST_TEST(i > 3u);
  BOOST_TEST(text == lines[i].at("result").at("content").get<std::string>());
  BOOST_TEST(text == lines[i + 1].at("result").at("content").get<std::string>());
  BOOST_TEST(text == "the driver has it");
  BOOST_TEST(lines.size() == i + 2);
}

BOOST_AUTO_TEST_CASE(stop_strings_and_max_tokens_end_an_answer) {
  const auto lines = ask(tiny_model(), {request(1, "who has the map", {{"stop", {"zzz", "iver h"}}, {"stream", true}}),
                                        request(2, "who has the map", {{"max_tokens", 2}}),
                                        request(3, "who has the map", {{"stop", " "}})});
  std::string streamed;
  std::size_t i = 1;
  for (; lines[i].contains("delta"); ++i) streamed += lines[i].at("delta").get<std::string>();
  BOOST_TEST(streamed == "the dr");
  BOOST_TEST(lines[i].at("result").at("content").get<std::string>() == "the dr");
  BOOST_TEST(lines[i].at("result").at("finish_reason").get<std::string>() == "stop");
  BOOST_TEST(lines[i + 1].at("result").at("finish_reason").get<std::string>() == "length");
  BOOST_TEST(lines[i + 1].at("result").at("usage").at("completion_tokens").get<int>() == 2);
  BOOST_TEST(lines[i + 2].at("result").at("content").get<std::string>() == "the");
}

BOOST_AUTO_TEST_CASE(sampling_is_repeatable_by_seed) {
  const auto sampled = [](int seed) { return request(seed, "what do we eat", {{"temperature", 3.0}, {"seed", seed}}); };
  const auto lines = ask(tiny_model(), {sampled(1), sampled(1), sampled(2)});
  const auto text = [&](std::size_t i) { return lines[i].at("result").at("content").get<std::string>(); };
  BOOST_TEST(text(1) == text(2));
  BOOST_TEST(text(1) != text(3));
}

BOOST_AUTO_TEST_CASE(bad_requests_are_answered_and_the_server_goes_on) {
  std::stringstream in, out;
  in << "not json\n"
     << R"({"id":1,"op":"dance"})" << "\n"
     << R"({"id":2,"op":"chat","messages":[]})" << "\n"
     << R"({"id":3,"op":"chat","messages":[{"role":"user","content":"x"}],"temperatur":1})" << "\n"
     << R"({"id":4,"op":"chat","messages":[{"role":"user","content":"x"}],"adapter":"/no/such/folder"})" << "\n"
     << request(5, "when do we leave").dump() << "\n"
     << R"({"op":"shutdown"})" << "\n"
     << request(6, "never answered").dump() << "\n";
  BOOST_TEST(serve(tiny_model(), 1, in, out) == 0);
  std::vector<Json> lines;
  for (std::string line; std::getline(out, line);) lines.push_back(Json::parse(line));
  BOOST_REQUIRE(lines.size() == 7u);
  for (std::size_t i = 1; i <= 5; ++i) BOOST_TEST(!lines[i].at("error").at("message").get<std::string>().empty());
  BOOST_TEST(lines[4].at("error").at("where").get<std::string>() == "request /temperatur");
  BOOST_TEST(lines[6].at("result").at("content").get<std::string>() == "at nine");
}

BOOST_AUTO_TEST_CASE(a_model_that_is_not_there_is_said_on_the_first_line) {
  std::stringstream in, out;
  BOOST_TEST(serve("/no/such/model", 1, in, out) == 1);
  const Json line = Json::parse(out.str());
  BOOST_TEST(!line.at("ready").get<bool>());
  BOOST_TEST(line.at("error").at("where").get<std::string>() == "/no/such/model/config.json");
}

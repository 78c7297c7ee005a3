#include "serve.hpp"

#include <chrono>
#include <condition_variable>
#include <deque>
#include <mutex>
#include <set>
#include <string>
#include <thread>

#include "generate.hpp"
#include "kernels.hpp"

namespace fthost::engine {
namespace {

Json error_json(const Error& error) {
  return {{"code", code_name(error.code)}, {"message", error.message}, {"where", error.where}, {"hint", error.hint}};
}

Result<ChatRequest> parse(const Json& json) {
  JsonReader reader(json, "request");
  reader.ignore("id");
  reader.ignore("op");
  ChatRequest request;
  if (const Json* messages = reader.value("messages"); messages && messages->is_array() && !messages->empty()) {
    request.messages = *messages;
    for (const auto& message : *messages)
      if (!message.is_object() || !message.contains("role") || !message["role"].is_string())
        reader.fail("messages", "a message has no role");
  } else {
    reader.fail("messages", "is not a list of at least one message");
  }
  if (const Json* tools = reader.value("tools")) request.tools = *tools;
  request.adapter = reader.text("adapter", "");
  request.max_tokens = reader.integer("max_tokens", 256, 1, 1 << 24);
  request.sampling.temperature = reader.number("temperature", 0, 0, 100);
  request.sampling.top_p = reader.number("top_p", 1, 0, 1);
  request.seed = static_cast<std::uint64_t>(reader.integer("seed", 0, INT64_MIN, INT64_MAX));
  reader.boolean("stream", false);
  if (const Json* stop = reader.value("stop")) {
    const Json list = stop->is_array() ? *stop : Json::array({*stop});
    for (const auto& one : list) {
      if (!one.is_string() || one.get_ref<const std::string&>().empty())
        reader.fail("stop", "is not a list of strings");
      else
        request.stop.push_back(one.get<std::string>());
    }
  }
  if (auto done = reader.finish(); !done) return done.error();
  return request;
}

// Lines from the reading thread to the answering one, and the ids whose cancel has been asked for.
class Inbox {
 public:
  void put(Json request) {
    std::lock_guard lock(mutex_);
    if (request.value("op", "") == "cancel")
      cancelled_.insert(request.value("id", Json()).dump());
    else
      requests_.push_back(std::move(request));
    ready_.notify_one();
  }
  void close() {
    std::lock_guard lock(mutex_);
    closed_ = true;
    ready_.notify_one();
  }
  std::optional<Json> take() {
    std::unique_lock lock(mutex_);
    ready_.wait(lock, [&] { return closed_ || !requests_.empty(); });
    if (requests_.empty()) return std::nullopt;
    Json request = std::move(requests_.front());
    requests_.pop_front();
    return request;
  }
  bool is_cancelled(const std::string& id) {
    std::lock_guard lock(mutex_);
    return cancelled_.count(id) != 0;
  }
  void done(const std::string& id) {
    std::lock_guard lock(mutex_);
    cancelled_.erase(id);
  }

 private:
  std::mutex mutex_;
  std::condition_variable ready_;
  std::deque<Json> requests_;
  std::set<std::string> cancelled_;
  bool closed_ = false;
};

// Reads until the input ends or asks for a shutdown; what was asked before is still answered.
void read_requests(std::istream& in, Inbox& inbox) {
  std::string line;
  while (std::getline(in, line)) {
    if (line.find_first_not_of(" \t\r") == std::string::npos) continue;
    Json request = Json::parse(line, nullptr, false);
    if (!request.is_object()) request = {{"id", nullptr}, {"op", "broken"}};
    if (request.value("op", Json()) == Json("shutdown")) break;
    if (request.contains("op") && !request["op"].is_string()) request["op"] = "broken";
    inbox.put(std::move(request));
  }
  inbox.close();
}

}  // namespace

int serve(const std::filesystem::path& folder, int threads, std::istream& in, std::ostream& out) {
  kernels::set_threads(threads);
  const auto put = [&](const Json& line) {
    out << line.dump(-1, ' ', false, Json::error_handler_t::replace) << "\n" << std::flush;
  };
  const auto start = std::chrono::steady_clock::now();
  auto loaded = Generator::load(folder);
  if (!loaded) {
    put({{"ready", false}, {"error", error_json(loaded.error())}});
    return 1;
  }
  Generator& generator = **loaded;
  const auto since = [](std::chrono::steady_clock::time_point from) {
    return std::chrono::duration<double>(std::chrono::steady_clock::now() - from).count();
  };
  put({{"ready", true},
       {"model", folder.string()},
       {"vocab_size", generator.config().vocab_size},
       {"max_positions", generator.config().max_positions},
       {"threads", threads},
       {"seconds", since(start)}});

  Inbox inbox;
  std::thread reader([&] { read_requests(in, inbox); });
  while (auto request = inbox.take()) {
    const Json id = request->value("id", Json());
    const std::string key = id.dump();
    const auto begin = std::chrono::steady_clock::now();
    const auto answer = [&]() -> Result<ChatAnswer> {
      const std::string op = request->value("op", "chat");
      if (op == "broken") return make_error(Code::input, "the line is not a JSON object with a text \"op\"", "request");
      if (op != "chat")
        return make_error(Code::unsupported, "op \"" + op + "\" is not known", "request",
                          "use chat, cancel or shutdown");
      auto parsed = parse(*request);
      if (!parsed) return parsed.error();
      std::function<void(std::string_view)> delta;
      if (request->value("stream", false)) delta = [&](std::string_view text) { put({{"id", id}, {"delta", text}}); };
      try {
        return generator.chat(*parsed, delta, [&] { return inbox.is_cancelled(key); });
      } catch (const Failure& failure) {
        return failure.error();
      } catch (const std::exception& error) {
        return make_error(Code::internal, error.what(), "chat", "report this as a defect");
      }
    }();
    inbox.done(key);
    if (!answer) {
      put({{"id", id}, {"error", error_json(answer.error())}});
      continue;
    }
    put({{"id", id},
         {"result",
          {{"content", answer->content},
           {"finish_reason", answer->finish_reason},
           {"usage", {{"prompt_tokens", answer->prompt_tokens}, {"completion_tokens", answer->completion_tokens}}},
           {"seconds", since(begin)}}}});
  }
  reader.join();
  return 0;
}

}  // namespace fthost::engine

#include "engine_process.hpp"

namespace local {

using ft::Json;

namespace {

ft::Error refusal(const Json& error) {
  return {FT_E_INPUT, error.value("message", "the engine refused the request"), error.value("where", ""),
          error.value("hint", "")};
}

}  // namespace

void EngineProcess::start(const ft::Call& call) {
  process_ = std::make_unique<ft::Process>(
      call, ft::ProcessOptions{.argv = {program_, "serve", "--model", model_, "--threads", std::to_string(threads_)}});
  std::string_view line;
  if (!process_->read_line(call, line)) died(call);
  const Json first = Json::parse(line, nullptr, false);
  if (first.is_object() && first.value("ready", false)) return;
  const std::string said(line.substr(0, 200));  // the line is the process's
  process_.reset();
  if (first.is_object() && first.contains("error") && first["error"].is_object()) throw refusal(first["error"]);
  throw ft::Error(FT_E_INTERNAL, "ft-engine answered \"" + said + "\" instead of being ready", program_);
}

void EngineProcess::died(const ft::Call& call) {
  std::string tail;
  const int code = process_->wait(call, tail);
  process_.reset();
  while (!tail.empty() && tail.back() == '\n') tail.pop_back();
  throw ft::Error(
      FT_E_IO,
      "ft-engine ended " +
          (code >= 256 ? "by signal " + std::to_string(code - 256) : "with exit code " + std::to_string(code)) +
          (tail.empty() ? "" : ": " + tail),
      model_, "check the model's folder");
}

bool EngineProcess::send(const ft::Call& call, const std::string& line) {
  for (bool again = false;; again = true) {
    const bool fresh = !process_;
    if (fresh) start(call);
    std::string before;
    if (!fresh && abandoned_ != 0) before = Json{{"op", "cancel"}, {"id", abandoned_}}.dump() + "\n";
    abandoned_ = 0;
    try {
      process_->write(call, before + line);
      return fresh;
    } catch (const ft::Error& error) {
      process_.reset();  // it has died, or has half a line
      if (again || error.status == FT_E_CANCELLED) throw;
    }
  }
}

Json EngineProcess::chat(const ft::Call& call, Json request) {
  std::unique_lock lock(mutex_, std::defer_lock);
  do {
    call.stop_if_cancelled();
  } while (!lock.try_lock_for(std::chrono::milliseconds(50)));
  const std::uint64_t id = next_id_++;
  request["id"] = id;
  request["op"] = "chat";
  const std::string text = request.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  bool fresh = send(call, text), begun = false;
  abandoned_ = id;  // unless it is answered
  for (std::string_view line;;) {
    if (!process_->read_line(call, line)) {
      if (fresh || begun) died(call);
      process_.reset();  // it died before it saw the request
      fresh = send(call, text);
      abandoned_ = id;
      continue;
    }
    const Json answer = Json::parse(line, nullptr, false);
    if (answer.is_discarded() || answer.value("id", std::uint64_t{0}) != id) continue;  // of a call that was cancelled
    begun = true;
    if (answer.contains("delta")) {
      call.delta(Json{{"content", answer["delta"]}}.dump());
    } else if (answer.contains("error")) {
      abandoned_ = 0;
      throw refusal(answer["error"]);
    } else if (answer.contains("result")) {
      abandoned_ = 0;
      return answer["result"];
    }
  }
}

}  // namespace local

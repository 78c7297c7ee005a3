// One `ft-engine serve` child: loads a base model once and answers chats, with any adapter, one at a time. Threads
// queue at its mutex. A child that has died is started again by the next chat.
#pragma once

#include <ft/process.hpp>
#include <ft/provider.hpp>
#include <memory>
#include <mutex>
#include <string>

namespace local {

class EngineProcess {
 public:
  EngineProcess(std::string program, std::string model, int threads)
      : program_(std::move(program)), model_(std::move(model)), threads_(threads) {}

  // Sends {"op": "chat", ...request}; deltas go to the call as they come. Returns the engine's result.
  ft::Json chat(const ft::Call& call, ft::Json request);

 private:
  void start(const ft::Call& call);
  // Writes a request, to a child that is started again where it has died. Returns whether it was started here.
  bool send(const ft::Call& call, const std::string& line);
  [[noreturn]] void died(const ft::Call& call);

  std::string program_, model_;
  int threads_;
  std::timed_mutex mutex_;
  std::unique_ptr<ft::Process> process_;
  std::uint64_t next_id_ = 1;
  std::uint64_t abandoned_ = 0;  // a request that was cancelled: the engine is told with the next
};

}  // namespace local

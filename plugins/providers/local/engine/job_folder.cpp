#include "job_folder.hpp"

#include <fcntl.h>
#include <signal.h>
#include <sys/file.h>
#include <unistd.h>

#include <cerrno>
#include <chrono>
#include <thread>
#include <utility>

#include "base/time.hpp"

namespace fthost::engine {
namespace {

volatile sig_atomic_t cancel_signal = 0;

}  // namespace

void catch_cancel_signals() {
  struct sigaction action{};
  action.sa_handler = [](int) { cancel_signal = 1; };
  action.sa_flags = SA_RESTART;
  ::sigaction(SIGTERM, &action, nullptr);
  ::sigaction(SIGINT, &action, nullptr);
}

Result<JobFolder> JobFolder::open(const std::filesystem::path& path) {
  JobFolder folder(path);
  folder.lock_ = ::open((path / "lock").c_str(), O_RDWR | O_CREAT | O_CLOEXEC, 0644);
  if (folder.lock_ < 0) return errno_error(errno, "open", (path / "lock").string());
  // Whoever asks whether a worker runs holds it for a moment.
  int tries = 20;
  while (::flock(folder.lock_, LOCK_EX | LOCK_NB) != 0 && --tries > 0)
    std::this_thread::sleep_for(std::chrono::milliseconds(50));
  if (tries == 0)
    return make_error(Code::conflict, "another worker is running this job", path.string(), "wait for it, or cancel it");
  folder.events_ = ::open((path / "events.jsonl").c_str(), O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0644);
  if (folder.events_ < 0) return errno_error(errno, "open", (path / "events.jsonl").string());
  // A worker that died may have left half a line: end it, so that the next event has a line of its own.
  const off_t size = ::lseek(folder.events_, 0, SEEK_END);
  char last = '\n';
  if (size > 0 && ::pread(folder.events_, &last, 1, size - 1) == 1 && last != '\n' &&
      ::write(folder.events_, "\n", 1) != 1)
    return errno_error(errno, "write", (path / "events.jsonl").string());
  return folder;
}

JobFolder::JobFolder(JobFolder&& other) noexcept
    : path_(std::move(other.path_)), lock_(std::exchange(other.lock_, -1)), events_(std::exchange(other.events_, -1)) {}

JobFolder::~JobFolder() {
  if (events_ >= 0) ::close(events_);
  if (lock_ >= 0) ::close(lock_);
}

void JobFolder::event(const std::string& type, const Json& fields) {
  Json line = {{"at", format_utc(SystemClock().wall())}, {"type", type}};
  line.update(fields);
  const std::string text = line.dump(-1, ' ', false, Json::error_handler_t::replace) + "\n";
  std::string_view left = text;
  while (!left.empty()) {
    const ssize_t put = ::write(events_, left.data(), left.size());
    if (put < 0 && errno == EINTR) continue;
    if (put < 0) throw Failure(errno_error(errno, "write", (path_ / "events.jsonl").string()));
    left.remove_prefix(static_cast<std::size_t>(put));
  }
  if (type == "state" && ::fsync(events_) != 0)
    throw Failure(errno_error(errno, "fsync", (path_ / "events.jsonl").string()));
}

void JobFolder::message(const std::string& level, const std::string& text) {
  event("message", {{"level", level}, {"message", text}});
}

bool JobFolder::cancel_requested() const {
  return cancel_signal != 0 || ::access((path_ / "cancel").c_str(), F_OK) == 0;
}

}  // namespace fthost::engine

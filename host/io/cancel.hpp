// CancelToken: "stop what you are doing", said once, by any thread, to everything that was given a copy of the token.
// Copies share one state. Every blocking function of fthost::io takes a token and answers within 100 ms of cancel().
#pragma once

#include <functional>
#include <memory>
#include <stop_token>
#include <utility>

namespace fthost::io {

// Keeps a callback registered. Once it is gone the callback does not run and is not running any more, unless it is
// the callback itself that ended it. So: never end it while holding a lock that the callback takes.
class CancelRegistration {
 public:
  CancelRegistration() = default;

 private:
  friend class CancelToken;
  using Callback = std::stop_callback<std::function<void()>>;
  explicit CancelRegistration(std::unique_ptr<Callback> callback) : callback_(std::move(callback)) {}
  std::unique_ptr<Callback> callback_;
};

class CancelToken {
 public:
  // A token that nobody has cancelled yet.
  CancelToken() = default;

  // Runs the registered callbacks on this thread. The second and every further call does nothing.
  void cancel() const { source_.request_stop(); }
  bool cancelled() const { return source_.stop_requested(); }

  // `fn` runs once, on the thread that cancels; at once and here where the token is cancelled already. It must not
  // throw.
  [[nodiscard]] CancelRegistration on_cancel(std::function<void()> fn) const {
    return CancelRegistration(std::make_unique<CancelRegistration::Callback>(source_.get_token(), std::move(fn)));
  }

 private:
  std::stop_source source_;
};

}  // namespace fthost::io

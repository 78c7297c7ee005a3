#include "io/loop.hpp"

#include <boost/asio/post.hpp>
#include <utility>

namespace fthost::io {

EventLoop::EventLoop(Clock& clock) : clock_(clock), guard_(context_.get_executor()), wake_(context_) {
  clock_.on_advance([this] { post([this] { fire_due(); }); });
}

EventLoop::~EventLoop() { clock_.on_advance(nullptr); }

void EventLoop::post(std::function<void()> fn) { boost::asio::post(context_, std::move(fn)); }

void EventLoop::run() {
  context_.restart();
  context_.run();
}

void EventLoop::stop() { context_.stop(); }

EventLoop::TimerId EventLoop::after(Duration delay, std::function<void()> fn) {
  const TimerId id = next_id_++;
  const TimePoint due = clock_.now() + delay;
  timers_.emplace(Key{due, id}, std::move(fn));
  due_.emplace(id, due);
  if (timers_.begin()->first.id == id) arm();
  return id;
}

void EventLoop::cancel(TimerId id) {
  const auto found = due_.find(id);
  if (found == due_.end()) return;
  timers_.erase(Key{found->second, id});
  due_.erase(found);
}

void EventLoop::arm() {
  if (timers_.empty()) return;
  if (clock_.is_manual()) {
    if (timers_.begin()->first.due <= clock_.now()) post([this] { fire_due(); });
    return;
  }
  wake_.expires_at(timers_.begin()->first.due);
  wake_.async_wait([this](boost::system::error_code ec) {
    if (!ec) fire_due();
  });
}

void EventLoop::fire_due() {
  const TimePoint now = clock_.now();
  while (!timers_.empty() && timers_.begin()->first.due <= now) {
    auto node = timers_.extract(timers_.begin());
    due_.erase(node.key().id);
    node.mapped()();
  }
  arm();
}

}  // namespace fthost::io

// The meeting of worker and loop. Nothing here blocks but wait_head() and take_body(), on the one condition.
#include "io/http_exchange.hpp"

#include <utility>

namespace fthost::io {

void HttpExchange::notify(std::unique_lock<std::mutex>& lock) {
  lock.unlock();
  changed_.notify_one();
}

Result<HttpHead> HttpExchange::wait_head() {
  std::string spare;
  std::uint64_t offset = 0;
  const BodyFile* const file = request->file.get();
  std::unique_lock lock(mutex_);
  for (;;) {
    if (error_ && (at_once_ || !head_)) return *error_;
    if (head_) return std::move(*head_);
    if (file == nullptr || chunk_ready_ || offset == file->size()) {
      changed_.wait(lock);
      continue;
    }
    lock.unlock();
    auto read = file->read(offset, kChunk, spare);
    offset += spare.size();
    lock.lock();
    if (!read) {
      if (!error_) error_ = read.error();
      return *error_;
    }
    chunk_.swap(spare);
    chunk_ready_ = true;
    if (!std::exchange(loop_waits_for_chunk_, false)) continue;
    lock.unlock();
    wake_(weak_from_this());
    lock.lock();
  }
}

Result<bool> HttpExchange::take_body(std::string& bytes) {
  bytes.clear();
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [&] { return !unread_.empty() || ended_ || error_; });
  if (error_ && (at_once_ || unread_.empty())) return *error_;
  if (unread_.empty()) return false;
  bytes.swap(unread_);
  const bool wake_loop = std::exchange(loop_waits_for_room_, false);
  lock.unlock();
  if (wake_loop) wake_(weak_from_this());
  return true;
}

Result<bool> HttpExchange::take_event(SseEvent& event) {
  for (;;) {
    std::string_view rest = std::string_view(event_bytes_).substr(event_offset_);
    auto found = events_.next(rest, event);
    event_offset_ = event_bytes_.size() - rest.size();
    if (!found) {
      Error error = found.error();
      error.where = request->label;
      return error;
    }
    if (*found) return true;
    event_offset_ = 0;
    auto more = take_body(event_bytes_);
    if (!more || !*more) return more;
  }
}

bool HttpExchange::dropped_unanswered() {
  std::lock_guard lock(mutex_);
  return dropped_unanswered_;
}

bool HttpExchange::over() {
  std::lock_guard lock(mutex_);
  return ended_ || error_;
}

void HttpExchange::fail(Error error) {
  std::unique_lock lock(mutex_);
  if (error_) return;
  error_ = std::move(error);
  at_once_ = true;
  notify(lock);
}

void HttpExchange::give_head(HttpHead head) {
  std::unique_lock lock(mutex_);
  head_ = std::move(head);
  notify(lock);
}

void HttpExchange::give_body(std::string& bytes) {
  if (bytes.empty()) return;
  std::unique_lock lock(mutex_);
  if (unread_.empty()) {
    unread_.swap(bytes);
  } else {
    unread_.append(bytes);
  }
  notify(lock);
  bytes.clear();
}

void HttpExchange::give_end() {
  std::unique_lock lock(mutex_);
  ended_ = true;
  notify(lock);
}

void HttpExchange::give_error(Error error, bool dropped_unanswered) {
  std::unique_lock lock(mutex_);
  if (error_) return;
  error_ = std::move(error);
  dropped_unanswered_ = dropped_unanswered;
  notify(lock);
}

bool HttpExchange::full() {
  std::lock_guard lock(mutex_);
  loop_waits_for_room_ = unread_.size() >= max_unread_ && !error_;
  return loop_waits_for_room_;
}

bool HttpExchange::take_chunk(std::string& chunk) {
  std::unique_lock lock(mutex_);
  if (!chunk_ready_) {
    loop_waits_for_chunk_ = true;
    return false;
  }
  chunk.swap(chunk_);
  chunk_ready_ = false;
  notify(lock);
  return true;
}

}  // namespace fthost::io

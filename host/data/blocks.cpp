// The caller's thread reads and finishes; where it can do neither it works, too. So with one thread there is no other,
// and with two both are busy.
#include "data/blocks.hpp"

#include <algorithm>
#include <condition_variable>
#include <exception>
#include <mutex>
#include <thread>

#include "base/status.hpp"

namespace fthost::data {

namespace {
constexpr std::string_view kByteOrderMark = "\xEF\xBB\xBF";
}

void BlockReader::Buffer::reserve(std::size_t capacity, std::size_t used) {
  if (capacity <= capacity_) return;
  auto larger = std::make_unique_for_overwrite<char[]>(capacity);
  if (used > 0) std::memcpy(larger.get(), bytes_.get(), used);
  bytes_ = std::move(larger);
  capacity_ = capacity;
}

Result<std::size_t> BlockReader::read(char* buffer, std::size_t capacity) {
  const std::int64_t count = pull_(buffer, capacity);
  if (count < 0) return make_error(code_of(static_cast<ft_status>(count)), "cannot read", name_);
  at_end_ = count == 0;
  return static_cast<std::size_t>(count);
}

Result<bool> BlockReader::next(Buffer& buffer, Block& block) {
  if (at_end_ && carried_.empty()) return false;
  // A buffer that one long line has made large goes back to its size.
  if (buffer.capacity_ > block_ * 4 && carried_.size() < block_) buffer = {};
  buffer.reserve(std::max(block_, carried_.size() + block_ / 2 + 1), 0);
  std::memcpy(buffer.bytes_.get(), carried_.data(), carried_.size());
  std::size_t size = carried_.size(), searched = 0;
  carried_.clear();
  block = {};
  const char* last = nullptr;  // newline
  // What follows a line that was passed over may hold whole lines already.
  if (size > 0) last = static_cast<const char*>(::memrchr(buffer.bytes_.get(), '\n', size));
  searched = size;
  while (!at_end_) {
    if (size == buffer.capacity_) {
      if (last) break;
      block.marked = !started_ && std::string_view(buffer.bytes_.get(), size).starts_with(kByteOrderMark);
      const std::size_t mark = block.marked ? kByteOrderMark.size() : 0;
      if (size > limit_ + mark + 1) {  // one more may be the \r of a line's end
        block.text = {buffer.bytes_.get() + mark, limit_ + 1};
        return pass_over_line(buffer, block);
      }
      buffer.reserve(buffer.capacity_ * 2, size);
    }
    const std::size_t wanted = buffer.capacity_ - size;
    auto count = read(buffer.bytes_.get() + size, wanted);
    if (!count) {
      at_end_ = true;
      return count.error();
    }
    size += *count;
    if (void* found = ::memrchr(buffer.bytes_.get() + searched, '\n', size - searched))
      last = static_cast<char*>(found);
    searched = size;
    // A pipe that gives less has no more for now.
    if (last && *count < wanted) break;
  }
  const std::size_t end = at_end_ || !last ? size : static_cast<std::size_t>(last + 1 - buffer.bytes_.get());
  carried_.assign(buffer.bytes_.get() + end, size - end);
  block.text = {buffer.bytes_.get(), end};
  block.offset = offset_;
  block.size = end;
  offset_ += end;
  if (!started_) {
    started_ = true;
    block.marked = block.text.starts_with(kByteOrderMark);
    if (block.marked) {
      block.text.remove_prefix(kByteOrderMark.size());
      block.offset += kByteOrderMark.size();
    }
  }
  return end > 0;
}

Result<bool> BlockReader::pass_over_line(Buffer& buffer, Block& block) {
  block.too_long = true;
  const std::uint64_t begin = offset_;
  block.offset = begin + (block.marked ? kByteOrderMark.size() : 0);
  offset_ += buffer.capacity_;
  std::string skipped(kBlock, '\0');
  while (!at_end_) {
    auto count = read(skipped.data(), skipped.size());
    if (!count) return count.error();
    const std::size_t newline = std::string_view(skipped.data(), *count).find('\n');
    if (newline == std::string_view::npos) {
      offset_ += *count;
      continue;
    }
    offset_ += newline + 1;
    carried_.assign(skipped, newline + 1, *count - newline - 1);
    break;
  }
  block.size = offset_ - begin;
  started_ = true;
  return true;
}

unsigned thread_count(unsigned asked) { return asked > 0 ? asked : std::max(1u, std::thread::hardware_concurrency()); }

namespace detail {
namespace {

// Blocks in flight, in a ring: finished_ <= taken_ <= filled_ <= finished_ + slots.
class Ring {
 public:
  Ring(std::size_t slots, const std::function<void(unsigned, std::size_t, const Block&)>& work)
      : slots_(slots), work_(work) {}
  ~Ring() {
    {
      const std::lock_guard lock(mutex_);
      stopped_ = true;
    }
    filled_or_stopped_.notify_all();
    for (std::thread& thread : threads_) thread.join();
  }
  void start(unsigned helpers) {
    for (unsigned thread = 1; thread <= helpers; ++thread) threads_.emplace_back([this, thread] { help(thread); });
  }

  Result<void> run(BlockReader& reader, const io::CancelToken& cancel,
                   const std::function<Result<void>(std::size_t, const Block&)>& finish) {
    bool at_end = false;
    Result<void> read;
    for (;;) {
      if (cancel.cancelled()) return make_error(Code::cancelled, "cancelled");
      std::unique_lock lock(mutex_);
      if (finished_ < filled_ && slot(finished_).done) {
        if (failed_) std::rethrow_exception(failed_);
        lock.unlock();
        if (auto done = finish(finished_ % slots_.size(), slot(finished_).block); !done) return done;
        slot(finished_).done = false;
        ++finished_;
        continue;
      }
      if (!at_end && filled_ - finished_ < slots_.size()) {
        lock.unlock();
        Slot& into = slot(filled_);
        auto more = reader.next(into.buffer, into.block);
        if (!more) read = more.error();
        at_end = !more || !*more;
        if (at_end) continue;
        lock.lock();
        ++filled_;
        lock.unlock();
        filled_or_stopped_.notify_one();
        continue;
      }
      if (finished_ == filled_) return read;
      if (taken_ < filled_) {
        const std::size_t mine = taken_++;
        lock.unlock();
        do_work(0, mine);
        continue;
      }
      first_done_.wait(lock, [&] { return slot(finished_).done; });
    }
  }

 private:
  struct Slot {
    BlockReader::Buffer buffer;
    Block block;
    bool done = false;
  };
  Slot& slot(std::size_t number) { return slots_[number % slots_.size()]; }

  void do_work(unsigned thread, std::size_t number) {
    std::exception_ptr failed;
    try {
      work_(thread, number % slots_.size(), slot(number).block);
    } catch (const std::exception&) {
      failed = std::current_exception();
    }
    {
      const std::lock_guard lock(mutex_);
      slot(number).done = true;
      if (failed && !failed_) failed_ = failed;
    }
    first_done_.notify_one();
  }

  void help(unsigned thread) {
    for (;;) {
      std::unique_lock lock(mutex_);
      filled_or_stopped_.wait(lock, [&] { return stopped_ || taken_ < filled_; });
      if (stopped_) return;
      const std::size_t mine = taken_++;
      lock.unlock();
      do_work(thread, mine);
    }
  }

  std::vector<Slot> slots_;
  const std::function<void(unsigned, std::size_t, const Block&)>& work_;
  std::mutex mutex_;
  std::condition_variable filled_or_stopped_, first_done_;
  std::size_t filled_ = 0, taken_ = 0;
  std::size_t finished_ = 0;  // the caller's thread alone writes it
  std::exception_ptr failed_;
  bool stopped_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace

std::size_t slots_of(unsigned threads) { return threads > 1 ? threads * 2 + 1 : 1; }

Result<void> run_blocks(BlockReader& reader, unsigned threads, const io::CancelToken& cancel,
                        const std::function<void(unsigned, std::size_t, const Block&)>& work,
                        const std::function<Result<void>(std::size_t, const Block&)>& finish) {
  Ring ring(slots_of(threads), work);
  ring.start(threads - 1);
  return ring.run(reader, cancel, finish);
}

}  // namespace detail
}  // namespace fthost::data

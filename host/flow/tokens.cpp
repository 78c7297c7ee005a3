#include "flow/tokens.hpp"

#include <condition_variable>
#include <deque>
#include <mutex>
#include <thread>

#include "data/check.hpp"
#include "data/json_text.hpp"
#include "data/jsonl_reader.hpp"
#include "flow/token_totals.hpp"

namespace fthost::flow {
namespace {

using data::Kind;
using data::Value;

bool has_messages(const Value& record) {
  const Value messages = record.find("messages");
  return messages.is(Kind::array) && messages.first().is(Kind::object) && messages.first().find("role");
}

// Whether a file that begins so has rows of chat messages, one a line.
bool is_chat_lines(std::string_view sample) {
  if (sample.starts_with("\xEF\xBB\xBF")) sample.remove_prefix(3);
  while (!sample.empty() && data::is_blank(sample.substr(0, sample.find('\n'))) &&
         sample.find('\n') != std::string_view::npos) {
    sample.remove_prefix(sample.find('\n') + 1);
  }
  data::Document first;
  const std::size_t end = sample.find('\n');
  return first.parse_object(sample.substr(0, end)) && has_messages(first.root());
}

// Counts one line, or says what is wrong with it. A thread's own.
class LineCounter {
 public:
  explicit LineCounter(const TokensRequest& request) : totals(request) {}
  TokenTotals totals;

  void add(const data::Line& line, std::vector<data::Finding>& findings) {
    const auto refuse = [&](data::Finding finding) {
      finding.line = line.number;
      findings.push_back(std::move(finding));
    };
    const auto error = [](const char* code, std::string message, std::string hint) {
      return data::Finding{code, data::Severity::error, "", 0, "", "", std::move(message), std::move(hint)};
    };
    if (line.too_long) {
      refuse(error("line_too_long", "the line is longer than " + std::to_string(line.text.size()) + " bytes",
                   "split the record, or look for a missing line end"));
    } else if (!document_.parse_object(line.text)) {
      if (!data::is_blank(line.text)) refuse(data::finding_of(document_.problem(), line.text));
    } else if (!has_messages(document_.root())) {
      refuse(error("no_messages", "the row has no messages with roles", "name the file's format with --format"));
    } else {
      totals.add(document_.root());
    }
  }

 private:
  data::Document document_;
};

// Lines on their way through a thread, with the memory that they lie in.
struct Batch {
  static constexpr std::size_t kBytes = 256u << 10;
  std::vector<data::Line> lines;
  std::vector<std::shared_ptr<const void>> chunks;
  std::vector<data::Finding> findings;
};

// Threads that count batches. A batch goes out full and comes back with its findings; who reads gives up its memory, so
// there is never more of it than there are batches.
class Crew {
 public:
  Crew(const TokensRequest& request, unsigned threads) : most_(threads * 3) {
    for (unsigned i = 0; i < threads; ++i) counters_.push_back(std::make_unique<LineCounter>(request));
    for (auto& counter : counters_) threads_.emplace_back([this, &counter] { work(*counter); });
  }
  Crew(const Crew&) = delete;
  Crew& operator=(const Crew&) = delete;
  ~Crew() { close(); }

  // An empty batch; what the one before it has found goes to `notes`.
  std::unique_ptr<Batch> take(const std::string& file, Notes& notes) {
    std::unique_lock lock(mutex_);
    if (made_ < most_) {
      ++made_;
      return std::make_unique<Batch>();
    }
    changed_.wait(lock, [this] { return !done_.empty(); });
    auto batch = std::move(done_.front());
    done_.pop_front();
    lock.unlock();
    hand_over(*batch, file, notes);
    batch->lines.clear();
    batch->chunks.clear();
    return batch;
  }
  void give(std::unique_ptr<Batch> batch) {
    const std::lock_guard lock(mutex_);
    full_.push_back(std::move(batch));
    changed_.notify_all();
  }
  // Waits for all that was given, and adds it up.
  Result<void> finish(const std::string& file, Notes& notes, TokenTotals& totals) {
    close();
    for (auto& batch : done_) hand_over(*batch, file, notes);
    for (auto& counter : counters_) totals.merge(counter->totals);
    if (failed_) return *failed_;
    return {};
  }

 private:
  static void hand_over(Batch& batch, const std::string& file, Notes& notes) {
    for (auto& finding : batch.findings) {
      finding.file = file;
      notes.finding(finding);
    }
    batch.findings.clear();
  }
  void close() {
    {
      const std::lock_guard lock(mutex_);
      closed_ = true;
      changed_.notify_all();
    }
    for (auto& thread : threads_) {
      if (thread.joinable()) thread.join();
    }
  }
  void work(LineCounter& counter) {
    for (;;) {
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return closed_ || !full_.empty(); });
      if (full_.empty()) return;
      auto batch = std::move(full_.front());
      full_.pop_front();
      const bool skip = failed_.has_value();
      lock.unlock();
      std::optional<Error> failed;
      try {
        for (const auto& line : batch->lines) {
          if (!skip) counter.add(line, batch->findings);
        }
      } catch (const std::exception&) {
        failed = caught_error();
      }
      lock.lock();
      if (failed && !failed_) failed_ = failed;
      done_.push_back(std::move(batch));
      changed_.notify_all();
    }
  }

  std::size_t most_, made_ = 0;
  std::vector<std::unique_ptr<LineCounter>> counters_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<std::unique_ptr<Batch>> full_, done_;
  bool closed_ = false;
  std::optional<Error> failed_;
  std::vector<std::thread> threads_;
};

Result<void> count_lines(Input& input, const TokensRequest& request, TokenTotals& totals, Notes& notes) {
  const std::string& file = input.name();
  data::JsonlReader reader(file,
                           [&](void* buffer, std::size_t capacity) { return Input::read(&input, buffer, capacity); });
  data::Line line;
  const auto next = [&]() -> Result<bool> {
    auto more = reader.next(line);
    if (!more && input.error()) return *input.error();
    return more;
  };
  if (request.threads <= 1) {
    LineCounter counter(request);
    std::vector<data::Finding> findings;
    for (;;) {
      auto more = next();
      if (!more) return more.error();
      if (!*more) break;
      counter.add(line, findings);
      for (auto& finding : findings) {
        finding.file = file;
        notes.finding(finding);
      }
      findings.clear();
    }
    totals.merge(counter.totals);
    return {};
  }
  Crew crew(request, request.threads);
  for (bool at_end = false; !at_end;) {
    auto batch = crew.take(file, notes);
    for (std::size_t bytes = 0; bytes < Batch::kBytes; bytes += line.text.size()) {
      auto more = next();
      if (!more) return more.error();
      if (!*more) {
        at_end = true;
        break;
      }
      batch->lines.push_back(line);
      if (auto chunk = reader.chunk(); batch->chunks.empty() || batch->chunks.back() != chunk)
        batch->chunks.push_back(std::move(chunk));
    }
    crew.give(std::move(batch));
  }
  return crew.finish(file, notes, totals);
}

}  // namespace

Result<Json> count_tokens(const Source& source, const TokensRequest& request, const io::CancelToken& cancel) {
  TokenTotals totals(request);
  Notes notes;
  auto read = source.for_each(
      cancel,
      [&](const Row& row) {
        totals.add(row.record);
        return true;
      },
      [&](std::uint64_t line, std::string_view finding) { notes.unread(source.name, line, finding); });
  if (!read) return read.error();
  return totals.report(notes);
}

Result<Json> count_tokens(plugin::Registry& registry, const TokenFiles& files, const TokensRequest& request,
                          const io::CancelToken& cancel) {
  auto names = input_files(files.path, files.gate);
  if (!names) return names.error();
  TokenTotals totals(request);
  Notes notes;
  data::Document document;
  for (const auto& name : *names) {
    auto input = Input::open(name, cancel);
    if (!input) return input.error();
    auto sample = input->sample();
    if (!sample) return sample.error();
    if (files.format.empty() && is_chat_lines(*sample)) {
      if (auto counted = count_lines(*input, request, totals, notes); !counted) return counted.error();
      continue;
    }
    auto format = recognise(registry, *input, files.format, cancel);
    if (!format) return format.error();
    auto counted = decode_file(registry, *format, files.format_options, *input, cancel, notes,
                               [&](std::uint64_t, std::string_view raw) -> Result<void> {
                                 if (document.parse_object(raw)) totals.add(document.root());
                                 return {};
                               });
    if (!counted) return counted.error();
  }
  return totals.report(notes);
}

}  // namespace fthost::flow

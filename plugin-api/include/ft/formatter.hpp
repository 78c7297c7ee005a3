// ft::Formatter: a dataset format, both directions. One instance serves one file. Methods:
//
//   double detect(const ft::Call&, std::string_view sample, std::string_view name);
//       0 to 1; call.detail says why
//   void decode(const ft::Call&, ft::Source&);
//       call.record, call.finding and call.loss by source line
//   void encode(const ft::Call&, ft::Part, const ft::Rows&);
//       call.delta, call.file and call.loss; rows only at Part::rows
//   void check(const ft::Call&, const ft::Rows&);
//       optional: findings that a rule table cannot say
#pragma once

#include <algorithm>
#include <ft/plugin.hpp>

namespace ft {

struct Formatter {
  static constexpr std::uint32_t kind = FT_FORMATTER;
};

enum class Part : std::uint32_t { begin = FT_BEGIN, rows = FT_ROWS, finish = FT_FINISH };

// Fields of a record that no training format carries: losing them is not losing training data. An encoder reports them
// as dropped with the message kBookkeeping, so that --strict can tell.
inline constexpr std::string_view kBookkeeping = "bookkeeping";
inline bool is_bookkeeping(std::string_view key) {
  for (const std::string_view known : {"id", "rating", "ratings", "validated", "group", "split", "tags", "source",
                                       "created_at", "updated_at", "metadata"}) {
    if (key == known) return true;
  }
  return false;
}

// A key as one token of a JSON pointer.
inline std::string pointer_token(std::string_view key) {
  std::string token;
  for (const char c : key) {
    if (c == '~')
      token += "~0";
    else if (c == '/')
      token += "~1";
    else
      token += c;
  }
  return token;
}

// Pulls a source by line or whole, with bounded memory.
class Source {
 public:
  explicit Source(ft_source* source) : source_(source) {}

  std::string_view name() const { return view(source_->name); }

  // The next line without its line break (LF or CRLF), numbered from 1; a UTF-8 byte order mark at the start of the
  // file is passed over. False at the end. `line` lives until the next call; one that is too long is empty.
  bool next_line(std::string_view& line, std::uint64_t& number) {
    too_long_ = false;
    for (;;) {
      const std::size_t newline = buffer_.find('\n', searched_);
      if (newline != std::string::npos) return take(newline, newline + 1, line, number);
      searched_ = buffer_.size();
      if (buffer_.size() - begin_ > kLineLimit) {
        too_long_ = true;
        begin_ = buffer_.size();
      }
      if (!fill()) {
        if (begin_ >= buffer_.size() && !too_long_) return false;
        return take(buffer_.size(), buffer_.size(), line, number);
      }
    }
  }
  // The last line was longer than 64 MB and has been passed over: report it (report_too_long).
  bool too_long() const { return too_long_; }

  // For readers that know no lines: what has been read and not been taken, then more of it (false at the end), and
  // taking some.
  std::string_view ahead() const { return std::string_view(buffer_).substr(begin_); }
  bool more() { return fill(); }
  void skip(std::size_t bytes) {
    begin_ += bytes;
    searched_ = std::max(searched_, begin_);
  }

  // The rest of the source. Throws above `limit` bytes.
  std::string read_all(std::size_t limit = kLineLimit) {
    while (fill()) {
      if (buffer_.size() - begin_ > limit) {
        throw Error(FT_E_INPUT, "is larger than " + std::to_string(limit) + " bytes", std::string(name()));
      }
    }
    return buffer_.substr(begin_);
  }

  static constexpr std::size_t kLineLimit = 64u << 20;

 private:
  bool fill() {
    if (begin_ > 0) {
      buffer_.erase(0, begin_);
      searched_ -= begin_;
      begin_ = 0;
    }
    const std::size_t old = buffer_.size();
    buffer_.resize(old + (64u << 10));
    const std::int64_t got = source_->read(source_->ctx, buffer_.data() + old, buffer_.size() - old);
    buffer_.resize(old + (got > 0 ? static_cast<std::size_t>(got) : 0));
    if (got < 0) throw Error(static_cast<ft_status>(got), "");
    if (!begun_ && buffer_.size() >= 3) {
      begun_ = true;
      if (buffer_.starts_with("\xEF\xBB\xBF")) begin_ = searched_ = 3;
    }
    return got > 0;
  }
  bool take(std::size_t end, std::size_t next, std::string_view& line, std::uint64_t& number) {
    too_long_ = too_long_ || end - begin_ > kLineLimit;
    line = too_long_ ? std::string_view() : std::string_view(buffer_).substr(begin_, end - begin_);
    if (line.ends_with('\r')) line.remove_suffix(1);
    begin_ = searched_ = next;
    begun_ = true;
    number = ++number_;
    return true;
  }

  ft_source* source_;
  std::string buffer_;
  std::size_t begin_ = 0, searched_ = 0;
  std::uint64_t number_ = 0;
  bool too_long_ = false;
  bool begun_ = false;  // the first three bytes have been looked at
};

inline void report_too_long(const Call& call, std::uint64_t number) {
  call.finding(number, "line_too_long", "error", "", "the line is longer than 64 MB and was not read",
               "split the record, or look for a missing line end");
}

namespace detail {

template <class Plugin>
  requires std::derived_from<Plugin, Formatter>
struct Table<Plugin> {
  static ft_status detect(void* self, ft_call id, ft_str sample, ft_str name, double* confidence) {
    return enter<Plugin>(self, id, [&](Plugin& plugin, const Call& call) {
      *confidence = plugin.detect(call, view(sample), view(name));
    });
  }
  static ft_status decode(void* self, ft_call id, ft_source* source) {
    return enter<Plugin>(self, id, [&](Plugin& plugin, const Call& call) {
      Source pulled(source);
      plugin.decode(call, pulled);
    });
  }
  static ft_status encode(void* self, ft_call id, std::uint32_t part, const ft_batch* batch) {
    return enter<Plugin>(
        self, id, [&](Plugin& plugin, const Call& call) { plugin.encode(call, static_cast<Part>(part), Rows(batch)); });
  }
  static ft_status check(void* self, ft_call id, const ft_batch* batch) {
    return enter<Plugin>(self, id, [&](Plugin& plugin, const Call& call) {
      if constexpr (requires { &Plugin::check; }) plugin.check(call, Rows(batch));
    });
  }
  static constexpr ft_status (*check_or_null())(void*, ft_call, const ft_batch*) {
    if constexpr (requires { &Plugin::check; }) return &Table::check;
    return nullptr;
  }
  static constexpr ft_formatter table = {sizeof(ft_formatter), &Table::detect, &Table::decode, &Table::encode,
                                         check_or_null()};
};

}  // namespace detail
// Whether a file of this name is of that kind (".tsv"), compressed or not. A formatter whose schema has the option
// file_name is told the name of the file that it writes; the option's default is how such a file is called.
inline bool has_ending(std::string_view file_name, std::string_view ending) {
  for (const std::string_view compressed : {".gz", ".zst"}) {
    if (file_name.ends_with(compressed)) file_name.remove_suffix(compressed.size());
  }
  return file_name.ends_with(ending);
}

}  // namespace ft

// Chat rows between formats: what a record holds, taken apart so that a format can place each field or name it as
// lost. A format of rows is a class that derives from ft::ChatFormatter<Itself> and has three methods:
//
//   static double recognise(simdjson::dom::object row)
//       0 to 1: how much the row looks like this format
//   void read(simdjson::dom::object row, ft::Chat& chat, ft::Notes& notes)
//       fills the chat; what is not taken here is to be kept with keep_others(), so that nothing is lost
//   void write(ft::Chat& chat, std::string& out, ft::Notes& notes)
//       appends one JSON object; a field that it does not take() is reported as dropped
//
// A format whose rows hold two answers says `static constexpr bool carries_preferences = true;`, one whose rows say
// that an answer is bad `carries_labels`, one whose messages may have `refusal` or `audio` in place of content
// `carries_refusals`: for all others write() is not asked about such records, they are refused.
//
// Either may notes.refuse(): the row is then not passed on. Link ft::json (ft_add_plugin(... JSON)).
#pragma once

#include <ft/jsonl.hpp>
#include <ft/messages.hpp>

namespace ft {

// The whole elements of a sample that begins with a list, until `body` returns false.
template <class Body>
void for_each_listed(std::string_view sample, Body&& body) {
  const auto read = [](void* ctx, void* buffer, std::size_t capacity) {
    std::string_view& left = *static_cast<std::string_view*>(ctx);
    const std::size_t size = std::min(capacity, left.size());
    left.copy(static_cast<char*>(buffer), size);
    left.remove_prefix(size);
    return static_cast<std::int64_t>(size);
  };
  ft_source raw{sizeof(ft_source), str("sample"), &sample, read};
  Source source(&raw);
  detail::ListReader list(source);
  list.first();
  list.enter();
  std::string_view text;
  std::uint64_t line = 0;
  while (list.next(text, line) == detail::ListReader::Next::element && body(text)) {
  }
}

// For a format whose rows are mostly another's as well: of `mean` confidence, what the share of the rows that are its
// own alone makes of it. Half of them are enough to be sure.
inline double by_share(double mean, double possible, double sure) {
  const double share = (mean - possible) / (sure - possible);
  return share <= 0 ? mean : possible + (sure - possible) * std::min(1.0, 2 * share);
}

// What derives from it says static constexpr Info info as any plugin, and the methods above. A file is JSON Lines or
// one JSON list on the way in; on the way out `list_` says which.
template <class Derived>
class ChatFormatter : public Formatter {
 public:
  static constexpr bool carries_preferences = false, carries_labels = false, carries_refusals = false;

  double detect(const Call& call, std::string_view sample, std::string_view) {
    if (sample.starts_with("\xEF\xBB\xBF")) sample.remove_prefix(3);
    std::size_t rows = 0;
    double sum = 0;
    const auto look = [&](std::string_view text) {
      simdjson::dom::object row;
      if (parser_.parse(text.data(), text.size(), true).get(row)) return;
      ++rows;
      sum += Derived::recognise(row);
    };
    const std::size_t start = sample.find_first_not_of(" \t\r\n");
    if (start == std::string_view::npos) return 0;
    if (sample[start] == '[') {
      for_each_listed(sample, [&](std::string_view text) {
        look(text);
        return rows < kRows;
      });
    } else {
      for (std::size_t begin = start; begin < sample.size() && rows < kRows;) {
        const std::size_t end = std::min(sample.find('\n', begin), sample.size());
        look(sample.substr(begin, end - begin));
        begin = end + 1;
      }
    }
    if (rows == 0) return 0;
    const double mean = sum / static_cast<double>(rows);
    if (mean > 0) {
      call.detail(0, "the first " + std::to_string(rows) + (rows == 1 ? " row has" : " rows have") + " the fields of " +
                         Derived::info.name);
    }
    return mean;
  }

  void decode(const Call& call, Source& source) {
    for_each_json_row(call, source, [&](std::uint64_t number, std::string_view, simdjson::dom::object row) {
      Chat chat;
      notes_.clear();
      derived().read(row, chat, notes_);
      if (!notes_.refused() && chat.messages.empty())
        notes_.refuse("no_messages", "", "the row has no messages", "fill it, or remove it");
      if (report(call, number, notes_)) call.record(number, record_of(chat));
    });
  }

  void encode(const Call& call, Part part, const Rows& rows) {
    if (part == Part::begin) written_ = 0;
    if (part == Part::finish && list_) call.delta(written_ == 0 ? "[]\n" : "\n]\n");
    if (part != Part::rows) return;
    std::string out;
    for (std::size_t row = 0; row < rows.size(); ++row) {
      if (row % 1024 == 0) call.stop_if_cancelled();
      const std::string_view text = rows.get(0, row);
      notes_.clear();
      const std::size_t begin = out.size();
      simdjson::dom::object record;
      if (const auto error = parser_.parse(text.data(), text.size(), true).get(record)) {
        const LineProblem problem = line_problem(text, error);
        notes_.refuse("bad_record", "", "the record cannot be read: " + problem.message, problem.hint);
      } else {
        Chat chat;
        read_record(record, chat, notes_);
        if (list_) out += written_ == 0 ? "[\n" : ",\n";
        if (!Derived::carries_preferences) refuse_preference(chat, Derived::info.name, notes_);
        if (!Derived::carries_labels) refuse_bad_label(chat, Derived::info.name, notes_);
        if (!Derived::carries_refusals) refuse_unspoken(chat, Derived::info.name, notes_);
        if (!notes_.refused()) derived().write(chat, out, notes_);
        if (!list_) out += "\n";
        if (!notes_.refused()) name_the_rest(chat);
      }
      if (report(call, rows.line(row), notes_))
        ++written_;
      else
        out.resize(begin);
    }
    if (!out.empty()) call.delta(out);
  }

 protected:
  bool list_ = false;  // one JSON list instead of lines

 private:
  static constexpr std::size_t kRows = 50;

  Derived& derived() { return static_cast<Derived&>(*this); }

  // Every field that the format has not placed.
  void name_the_rest(const Chat& chat) {
    const std::string message = std::string(Derived::info.name) + " has no such field";
    for (const Field& field : chat.fields.all()) {
      if (!field.taken && field.json != "null") drop_field(field.key, field.json, Derived::info.name, notes_);
    }
    const std::pair<std::string_view, const std::vector<Message>*> lists[] = {
        {"/messages/", &chat.messages}, {"/chosen/", &chat.chosen}, {"/rejected/", &chat.rejected}};
    for (const auto& [name, messages] : lists) {
      for (std::size_t i = 0; i < messages->size(); ++i) {
        for (const Field& field : (*messages)[i].fields.all()) {
          if (!field.taken && field.json != "null")
            notes_.dropped(std::string(name) + std::to_string(i) + "/" + pointer_token(field.key), message);
        }
      }
    }
  }

  simdjson::dom::parser parser_;
  Notes notes_;
  std::size_t written_ = 0;
};

}  // namespace ft

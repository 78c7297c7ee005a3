// chatml: conversations as text, <|im_start|>role, a line break, the content and <|im_end|>. A system message behind
// other messages begins the next conversation, and so does a blank line. No more than one conversation is held. Such
// text is read from rows {"text"} as well, and written to them where that is asked for.
#include <ft/chat.hpp>

namespace {

constexpr ft_column kColumns[] = {{"", FT_RAW}};
constexpr std::string_view kStart = "<|im_start|>", kEnd = "<|im_end|>";

bool is_role(std::string_view role) {
  return role == "system" || role == "developer" || role == "user" || role == "assistant" || role == "tool";
}
bool is_head(std::string_view role) { return role == "system" || role == "developer"; }

// A name that can stand behind a role: "user name=ann".
bool is_name(std::string_view name) {
  return !name.empty() && name.find_first_of(" \t\r\n<") == std::string_view::npos;
}

// Takes a file apart line by line.
class Parser {
 public:
  Parser(const ft::Call& call, bool blank_separates) : call_(call), blank_separates_(blank_separates) {}

  // The text of a row, and what the row has beside it.
  void row(std::string_view text, std::uint64_t number, ft::Fields others) {
    others_ = std::move(others);
    while (!text.empty()) {
      const std::size_t end = std::min(text.find('\n'), text.size());
      line(text.substr(0, end), number);
      text.remove_prefix(std::min(end + 1, text.size()));
    }
    finish();
  }

  void line(std::string_view line, std::uint64_t number) {
    number_ = number;
    if (const std::size_t good = ft::utf8_prefix(line); good < line.size()) {
      refuse("invalid_utf8", "not UTF-8 at byte " + std::to_string(good + 1) + " of the line",
             "save the file as UTF-8");
      if (!inside_) return;
    }
    if (!inside_ && blank_separates_ && ft::is_blank(line)) return finish();
    bool at_begin = true;
    while (!line.empty() || (inside_ && at_begin)) {
      inside_ ? content(line, at_begin) : between(line);
      at_begin = false;
    }
  }

  void too_long(std::uint64_t number) {
    number_ = number;
    refuse("line_too_long", "the line is longer than 64 MB and was not read", "look for a missing line end");
  }

  // The end of a conversation, or of the file.
  void finish() {
    if (inside_) refuse_open(opened_);
    inside_ = false;
    const bool only_head = std::all_of(messages_.begin(), messages_.end(),
                                       [](const ft::Message& message) { return is_head(message.role); });
    if (good_ && only_head && !messages_.empty()) {
      refuse("no_messages", "the conversation has a system message alone",
             "where blank lines stand between its messages, read it with blank_lines=ignore", first_line_);
    }
    if (good_ && !messages_.empty()) {
      ft::Chat chat;
      chat.messages = std::move(messages_);
      chat.fields = others_;
      call_.record(first_line_, ft::record_of(chat));
    }
    messages_.clear();
    good_ = true;
    size_ = 0;
  }

 private:
  static constexpr std::size_t kLimit = ft::Source::kLineLimit;

  // A finding; its conversation is not passed on.
  void refuse(std::string_view code, const std::string& message, std::string_view hint, std::uint64_t line = 0) {
    if (good_) call_.finding(line ? line : number_, code, "error", "", message, hint);
    good_ = false;
  }
  void refuse_open(std::uint64_t line) {
    refuse("not_closed", "the message that begins here is not closed", "close it with <|im_end|>", line);
  }

  // What stands outside of messages.
  void between(std::string_view& line) {
    const std::size_t start = line.find(kStart);
    if (!ft::is_blank(line.substr(0, start))) {
      refuse("text_outside", "there is text outside of messages",
             "put it between <|im_start|>role and <|im_end|>, or remove it");
    }
    if (start == std::string_view::npos) {
      line = {};
      return;
    }
    open(line.substr(start + kStart.size()));
    line = {};
  }

  // <|im_start|> has been read, and `line` follows it: the role, perhaps a name.
  void open(std::string_view line) {
    const auto trim = [](std::string_view text) {
      const std::size_t begin = text.find_first_not_of(" \t\r");
      if (begin == std::string_view::npos) return std::string_view();
      return text.substr(begin, text.find_last_not_of(" \t\r") + 1 - begin);
    };
    line = trim(line);
    const std::size_t blank = std::min(line.find(' '), line.size());
    const std::string_view role = trim(line.substr(0, blank)), rest = trim(line.substr(blank));
    if (is_head(role) && !messages_.empty() && !is_head(messages_.back().role)) finish();
    if (messages_.empty()) first_line_ = number_;
    ft::Message message = ft::text_message(role, "");
    if (!is_role(role)) {
      refuse(
          "unknown_role",
          "the role \"" + std::string(role.substr(0, 40)) + "\" is none of system, developer, user, assistant and tool",
          "write one of these, and nothing else in its line");
    } else if (rest.starts_with("name=") && is_name(rest.substr(5))) {
      message.fields.add_text("name", rest.substr(5));
    } else if (!rest.empty()) {
      refuse("unknown_role", "something follows the role in its line", "begin the content on the next line");
    }
    messages_.push_back(std::move(message));
    opened_ = number_;
    inside_ = true;
    fresh_ = true;
  }

  void content(std::string_view& line, bool at_begin) {
    ft::Message& message = messages_.back();
    if (at_begin && !fresh_) add(message, "\n");
    fresh_ = false;
    const std::size_t end = line.find(kEnd), start = line.find(kStart);
    if (start < end) {
      // It ends here; behind a blank line another conversation begins.
      const bool separated = blank_separates_ && start == 0 && message.text->ends_with("\n\n");
      refuse_open(opened_);
      inside_ = false;
      if (separated) finish();
      line.remove_prefix(start);
      return;
    }
    add(message, line.substr(0, end));
    if (end == std::string_view::npos) {
      line = {};
      return;
    }
    line.remove_prefix(end + kEnd.size());
    inside_ = false;
    if (message.role == "assistant" && ft::is_blank(*message.text))
      refuse("empty_content", "the assistant message is empty", "write its text, or remove the conversation", opened_);
  }

  void add(ft::Message& message, std::string_view text) {
    size_ += text.size();
    if (size_ > kLimit)
      refuse("too_large", "the conversation is larger than 64 MB", "look for an <|im_end|> that is missing",
             first_line_);
    if (good_) *message.text += text;
  }

  const ft::Call& call_;
  bool blank_separates_;
  std::vector<ft::Message> messages_;  // of the conversation that is being read
  ft::Fields others_;                  // of its row
  std::size_t size_ = 0;
  std::uint64_t number_ = 0, opened_ = 0, first_line_ = 0;
  bool inside_ = false;  // of a message
  bool fresh_ = false;   // its content begins with the next line
  bool good_ = true;
};

class ChatMl : public ft::Formatter {
 public:
  static constexpr ft::Info info{.name = "chatml",
                                 .version = "1.0.0",
                                 .summary = "conversations as text between <|im_start|>role and <|im_end|>",
                                 .config_schema = R"({"type": "object", "additionalProperties": false, "properties": {
        "blank_lines": {"enum": ["separate", "ignore"], "default": "separate",
                        "description": "whether a blank line between messages begins another conversation"},
        "rows": {"type": "boolean", "default": false,
                 "description": "write rows {\"text\"} of JSON Lines, one a conversation, as is done in a .jsonl"},
        "file_name": {"type": "string", "default": "train.txt", "minLength": 1,
                      "description": "the name of the file that is written; the host gives it"}}})",
                                 .flags = FT_DETERMINISTIC,
                                 .columns = kColumns};

  explicit ChatMl(const ft::Config& config)
      : blank_separates_(config["blank_lines"] == "separate"), rows_(config["rows"]) {
    rows_ = rows_ || ft::has_ending(config["file_name"].get_ref<const std::string&>(), ".jsonl");
  }

  double detect(const ft::Call& call, std::string_view sample, std::string_view) {
    if (sample.starts_with("\xEF\xBB\xBF")) sample.remove_prefix(3);
    const std::size_t start = sample.find_first_not_of(" \t\r\n");
    if (start == std::string_view::npos) return 0;
    if (sample[start] == '{' || sample[start] == '[') return detect_rows(call, sample.substr(start));
    if (!sample.substr(start).starts_with(kStart)) return 0;
    call.detail(0, "the file begins with <|im_start|>");
    return 0.95;
  }

  void decode(const ft::Call& call, ft::Source& source) {
    while (source.ahead().size() < 3 && source.more()) {  // a byte order mark has gone then
    }
    const std::string_view ahead = source.ahead();
    if (const std::size_t start = ahead.find_first_not_of(" \t\r\n");
        start != ahead.npos && (ahead[start] == '{' || ahead[start] == '['))
      return decode_rows(call, source);
    Parser parser(call, blank_separates_);
    std::string_view line;
    for (std::uint64_t number = 0; source.next_line(line, number);) {
      if (number % 1024 == 0) call.stop_if_cancelled();
      if (source.too_long())
        parser.too_long(number);
      else
        parser.line(line, number);
    }
    parser.finish();
  }

  void encode(const ft::Call& call, ft::Part part, const ft::Rows& rows) {
    if (part == ft::Part::begin) written_ = false;
    if (part != ft::Part::rows) return;
    std::string out;
    for (std::size_t row = 0; row < rows.size(); ++row) {
      if (row % 1024 == 0) call.stop_if_cancelled();
      const std::string_view text = rows.get(0, row);
      const std::size_t begin = out.size();
      ft::Notes notes;
      simdjson::dom::object record;
      ft::Chat chat;
      if (const auto error = parser_.parse(text.data(), text.size(), true).get(record)) {
        const ft::LineProblem problem = ft::line_problem(text, error);
        notes.refuse("bad_record", "", "the record cannot be read: " + problem.message, problem.hint);
      } else {
        ft::read_record(record, chat, notes);
      }
      if (written_ && !rows_) out += "\n";
      const std::size_t conversation = out.size();
      if (!notes.refused()) write(chat, out, notes);
      if (rows_) {
        const std::string whole = out.substr(conversation);
        out.resize(conversation);
        ft::ObjectWriter(out).text("text", whole);
        out += "}\n";
      }
      if (ft::report(call, rows.line(row), notes))
        written_ = true;
      else
        out.resize(begin);
    }
    if (!out.empty()) call.delta(out);
  }

 private:
  double detect_rows(const ft::Call& call, std::string_view sample) {
    std::size_t rows = 0, own = 0;
    const auto look = [&](std::string_view text) {
      simdjson::dom::object row;
      std::string_view content;
      if (parser_.parse(text.data(), text.size(), true).get(row)) return rows < kRows;
      own += ft::find_text(row, "text", content) && content.substr(0, 100).find(kStart) != content.npos ? 1 : 0;
      return ++rows < kRows;
    };
    if (sample[0] == '[') {
      ft::for_each_listed(sample, look);
    } else {
      for (bool more = true; more && !sample.empty();) {
        const std::size_t end = std::min(sample.find('\n'), sample.size());
        more = look(sample.substr(0, end));
        sample.remove_prefix(std::min(end + 1, sample.size()));
      }
    }
    if (own == 0) return 0;
    call.detail(0, "the text of " + std::to_string(own) + " of the first " + std::to_string(rows) +
                       " rows begins with <|im_start|>");
    return 0.95 * static_cast<double>(own) / static_cast<double>(rows);
  }

  static void decode_rows(const ft::Call& call, ft::Source& source) {
    Parser parser(call, false);
    ft::for_each_json_row(call, source, [&](std::uint64_t number, std::string_view, simdjson::dom::object row) {
      ft::Notes notes;
      std::string_view text;
      if (ft::need_text(row, "text", "", text, notes) && ft::is_blank(text))
        notes.refuse("empty_content", "/text", "it is empty", "write its text, or remove the row");
      ft::Fields others;
      ft::keep_others(row, {"text", "messages"}, others);
      if (ft::has_any(row, {"messages"})) notes.dropped("/messages", "a record has this name for something else");
      if (ft::report(call, number, notes)) parser.row(text, number, std::move(others));
    });
  }

  static void write(const ft::Chat& chat, std::string& out, ft::Notes& notes) {
    bool behind_head = false;
    for (std::size_t i = 0; i < chat.messages.size(); ++i) {
      const ft::Message& message = chat.messages[i];
      const std::string path = "/messages/" + std::to_string(i);
      behind_head = behind_head || !is_head(message.role);
      if (!is_role(message.role)) {
        not_carried(notes, path + "/role", "chatml has no role \"" + message.role + "\"");
      } else if (behind_head && is_head(message.role)) {
        not_carried(notes, path + "/role", "a system message behind others would begin another conversation");
      } else if (!message.calls.empty()) {
        not_carried(notes, path + "/tool_calls", "chatml has no calls of tools");
      }
      const auto text = ft::plain_text(message, path, notes);
      if (!text)
        not_carried(notes, path + "/content", "chatml has text alone");
      else
        write_message(message, *text, path, out, notes);
    }
    if (!behind_head && !notes.refused())
      notes.refuse("no_messages", "/messages", "the record has no question and no answer, so it is not written",
                   "choose the records that have them");
    ft::refuse_preference(chat, info.name, notes);
    ft::refuse_bad_label(chat, info.name, notes);
    for (const ft::Field& field : chat.fields.all()) {
      if (field.json != "null") ft::drop_field(field.key, field.json, info.name, notes);
    }
  }

  static void write_message(const ft::Message& message, const std::string& text, const std::string& path,
                            std::string& out, ft::Notes& notes) {
    if (text.find(kStart) != std::string::npos || text.find(kEnd) != std::string::npos) {
      not_carried(notes, path + "/content", "the content holds <|im_start|> or <|im_end|>, which would end it there");
      return;
    }
    if (message.role == "assistant" && ft::is_blank(text)) {
      notes.refuse("empty_content", path + "/content", "the answer is empty, so the record is not written",
                   "write its text, or remove the record");
      return;
    }
    (out += kStart) += message.role;
    for (const ft::Field& field : message.fields.all()) {
      if (field.json == "null") continue;
      // A name of plain characters is its JSON less the quotes.
      const std::string_view name =
          field.key == "name" && field.json.starts_with('"') && field.json.find('\\') == std::string::npos
              ? std::string_view(field.json).substr(1, field.json.size() - 2)
              : std::string_view();
      if (is_name(name))
        (out += " name=") += name;
      else
        notes.dropped(path + "/" + ft::pointer_token(field.key), "chatml has no such field in a message");
    }
    out += "\n";
    const std::size_t begin = out.size();
    for (const char c : text) {
      if (c == '\n') {
        while (out.size() > begin && out.back() == '\r') out.pop_back();
      }
      out += c;
    }
    if (out.size() - begin != text.size())
      notes.reshaped(path + "/content", "carriage returns before line breaks are not kept");
    (out += kEnd) += "\n";
  }

  static void not_carried(ft::Notes& notes, const std::string& path, const std::string& why) {
    notes.refuse("not_carried", path, why + ", so the record is not written",
                 "choose other records, or another format");
  }

  static constexpr std::size_t kRows = 50;

  bool blank_separates_, rows_;
  bool written_ = false;  // a conversation, so that a blank line goes before the next
  simdjson::dom::parser parser_;
};

}  // namespace

FT_PLUGIN(ChatMl)

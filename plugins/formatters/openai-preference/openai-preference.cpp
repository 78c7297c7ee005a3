// openai-preference: {"input": {"messages", "tools"?, "parallel_tool_calls"?}, "preferred_output": [...],
// "non_preferred_output": [...]} as JSON Lines. The older names preferred_completion and non_preferred_completion are
// read and never written.
#include <ft/chat_spelling.hpp>

namespace {

namespace dom = simdjson::dom;

constexpr ft_column kColumns[] = {{"", FT_RAW}};

// An answer's key, its older name, and what it is in a record.
struct Side {
  std::string_view key, older, record;
};
constexpr Side kPreferred{"preferred_output", "preferred_completion", "chosen"};
constexpr Side kOther{"non_preferred_output", "non_preferred_completion", "rejected"};

bool has_side(dom::object row, const Side& side) {
  dom::element value;
  return ft::find(row, side.key, value) || ft::find(row, side.older, value);
}

class OpenAiPreference : public ft::ChatFormatter<OpenAiPreference> {
 public:
  static constexpr ft::Info info{.name = "openai-preference",
                                 .version = "1.0.0",
                                 .summary = "input, preferred_output and non_preferred_output, for DPO, as JSON Lines",
                                 .flags = FT_DETERMINISTIC,
                                 .columns = kColumns};

  explicit OpenAiPreference(const ft::Config&) {}

  static double recognise(dom::object row) {
    dom::object input;
    if (row.at_key("input").get(input) || !(has_side(row, kPreferred) || has_side(row, kOther))) return 0;
    return 0.95;
  }

  void read(dom::object row, ft::Chat& chat, ft::Notes& notes) {
    read_input(row, chat, notes);
    read_side(row, kPreferred, chat.chosen, notes);
    read_side(row, kOther, chat.rejected, notes);
    for (const auto& [key, value] : row) {
      if (key == "input" || key == kPreferred.key || key == kOther.key || is_read(row, kPreferred, key) ||
          is_read(row, kOther, key))
        continue;
      if (key == "messages" || key == "chosen" || key == "rejected" || chat.fields.has(key))
        notes.dropped("/" + ft::pointer_token(key), "the row has it beside what it says itself");
      else
        chat.fields.add(key, value);
    }
    ft::keep_spelling(chat.fields, info.name, extra_, notes);
  }

  void write(ft::Chat& chat, std::string& out, ft::Notes& notes) {
    for (const Side& side : {kPreferred, kOther}) {
      if (!(side.record == "chosen" ? chat.chosen : chat.rejected).empty()) continue;
      notes.refuse("not_carried", "/" + std::string(side.record),
                   "the record has no " + std::string(side.record) + " answer, so it is not written",
                   "choose the records that have both, or another format");
    }
    if (chat.messages.empty()) {
      notes.refuse("not_carried", "/messages", "the record has no prompt, so it is not written",
                   "choose the records that have one, or another format");
    }
    if (notes.refused()) return;
    ft::ObjectWriter row(out);
    row.key("input");
    ft::ObjectWriter input(out);
    input.key("messages");
    ft::append_messages(out, chat.messages, {"name", "weight", "tool_call_id"});
    for (const std::string_view key : {"tools", "parallel_tool_calls"}) {
      if (const std::string* json = chat.fields.take(key)) input.json(key, *json);
    }
    if (dom::object extra; ft::take_spelling(chat.fields, info.name, parser_, extra)) {
      for (const auto& [key, value] : extra) input.json(key, simdjson::minify(value));
    }
    input.end();
    row.key(kPreferred.key);
    ft::append_messages(out, chat.chosen, {"name", "tool_call_id"});
    row.key(kOther.key);
    ft::append_messages(out, chat.rejected, {"name", "tool_call_id"});
    row.end();
  }

 private:
  // Whether `key` is the older name of a side that has no newer one.
  static bool is_read(dom::object row, const Side& side, std::string_view key) {
    dom::element value;
    return key == side.older && !ft::find(row, side.key, value);
  }

  // The fields of `input` that nobody knows are left in extra_.
  void read_input(dom::object row, ft::Chat& chat, ft::Notes& notes) {
    dom::element value;
    dom::object input;
    extra_.clear();
    ft::ObjectWriter extra(extra_);
    if (!ft::find(row, "input", value) || value.get(input) || !ft::find(input, "messages", value)) {
      notes.refuse("no_messages", "/input/messages", "the row has no input with messages",
                   "write {\"input\": {\"messages\": [...]}, ...}");
    } else {
      ft::read_messages(value, "/input/messages", chat.messages, notes);
      if (!notes.refused() && chat.messages.empty())
        notes.refuse("no_messages", "/input/messages", "the list of messages is empty", "fill it, or remove the row");
      for (const auto& [key, json] : input) {
        if (key == "tools" || key == "parallel_tool_calls")
          chat.fields.add(key, json);
        else if (key != "messages")
          extra.json(key, simdjson::minify(json));
      }
    }
    extra.end();
  }

  static void read_side(dom::object row, const Side& side, std::vector<ft::Message>& messages, ft::Notes& notes) {
    dom::element value;
    std::string path = "/" + std::string(side.key);
    if (!ft::find(row, side.key, value)) {
      if (!ft::find(row, side.older, value)) {
        notes.refuse("no_preference", path, "the row has no " + std::string(side.key),
                     "write [{\"role\": \"assistant\", \"content\": ...}]");
        return;
      }
      path = "/" + std::string(side.older);
      notes.reshaped(path, "its name of today is " + std::string(side.key));
    }
    ft::read_messages(value, path, messages, notes);
    if (!notes.refused() && messages.empty())
      notes.refuse("no_preference", path, "the list is empty", "write the answer, or remove the row");
  }

  dom::parser parser_;
  std::string extra_;
};

}  // namespace

FT_PLUGIN(OpenAiPreference)

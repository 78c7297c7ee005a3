// llama-factory: the rows that LLaMA-Factory has beyond alpaca and sharegpt: two answers, labels for KTO, images,
// videos and audio files. Three styles: {"instruction", "input", "output", ...}, {"conversations": [{"from", "value"}],
// ...} and {"messages": [{"role", "content"}], ...}. A file is of one style and of one kind; an export comes with
// dataset_info.json.
#include "dataset_info.hpp"
#include "reader.hpp"

namespace {

namespace dom = simdjson::dom;
using llama_factory::kKinds;
using llama_factory::label_key;
using llama_factory::Spelling;
using llama_factory::Style;
using llama_factory::turn_name;

constexpr ft_column kColumns[] = {{"", FT_RAW}};
bool has(dom::object row, std::string_view key) {
  dom::element value;
  return ft::find(row, key, value);
}
bool is_bool(dom::object row, std::string_view key) {
  dom::element value;
  return ft::find(row, key, value) && value.is_bool();
}
bool has_media(dom::object row) {
  for (const auto& kind : kKinds) {
    if (has(row, kind.column)) return true;
  }
  return false;
}
class LlamaFactory : public ft::ChatFormatter<LlamaFactory> {
 public:
  static constexpr ft::Info info{
      .name = "llama-factory",
      .version = "1.0.0",
      .summary = "LLaMA-Factory's rows of preferences, KTO and media, with dataset_info.json",
      .config_schema = R"({"type": "object", "additionalProperties": false, "properties": {
        "list": {"type": "boolean", "default": false, "description": "write one JSON list instead of JSON Lines"},
        "style": {"enum": ["auto", "alpaca", "sharegpt", "openai"], "default": "auto",
                  "description": "how rows are written; auto: as the first record was read, else sharegpt"},
        "plain": {"type": "boolean", "default": false,
                  "description": "write records of an answer without media, too: rows of alpaca and sharegpt"},
        "file_name": {"type": "string", "default": "train.jsonl", "minLength": 1,
                      "description": "the name of the exported file, for dataset_info.json (default: its own); without its ending it is the dataset's"},
        "dataset_info": {"type": "boolean", "default": true,
                         "description": "write dataset_info.json beside the export, or its entry into the one that is there"}}})",
      .flags = FT_DETERMINISTIC | FT_MERGES_FILES,
      .columns = kColumns};

  static constexpr bool carries_preferences = true, carries_labels = true;

  explicit LlamaFactory(const ft::Config& config)
      : style_(config["style"]),
        file_name_(config["file_name"]),
        plain_(config["plain"]),
        dataset_info_(config["dataset_info"]) {
    list_ = config["list"];
  }

  static double recognise(dom::object row) {
    dom::array list;
    const bool sides = has(row, "chosen") && has(row, "rejected"), own = has(row, "kto_tag") || has_media(row);
    std::string_view text;
    if (row.at_key("conversations").get(list) == simdjson::SUCCESS)
      return sides || own || is_bool(row, "label") ? 0.95 : 0.3;
    if (ft::find_text(row, "instruction", text)) return sides || own ? 0.95 : 0.3;
    if (row.at_key("messages").get(list)) return 0;
    dom::object chosen;
    if (sides) return row.at_key("chosen").get(chosen) ? 0 : 0.3;
    return is_bool(row, "kto_tag") || is_bool(row, "label") || (has_media(row) && has_texts(list)) ? 0.95 : 0;
  }

  void read(dom::object row, ft::Chat& chat, ft::Notes& notes) { reader_.read(row, chat, notes); }

  void write(ft::Chat& chat, std::string& out, ft::Notes& notes) {
    Spelling spelling;
    if (dom::object kept; ft::take_spelling(chat.fields, info.name, parser_, kept)) spelling = Spelling::of(kept);
    if (!begun_) written_.style = style_ == "auto" ? spelling.style : llama_factory::style_of(style_);
    const bool ranking = !chat.chosen.empty() || !chat.rejected.empty();
    const Kind kind = ranking ? Kind::ranking : chat.fields.has("label") ? Kind::label : Kind::answer;
    if (!is_whole(chat, kind, notes)) return;
    media_out_.clear();
    llama_factory::Written row_has = written_;
    ft::ObjectWriter row(out);
    if (written_.style == Style::alpaca)
      write_alpaca(chat, kind, spelling, out, row, row_has, notes);
    else
      write_turns(chat, kind, spelling, out, row, row_has, notes);
    if (const std::string* label = kind == Kind::label ? chat.fields.take("label") : nullptr) {
      row.json(label_key(written_.style), *label);
      row_has.add(label_key(written_.style));
    }
    if (const std::string* tools = chat.fields.take("tools")) {
      if (written_.style == Style::openai)
        row.json("tools", *tools);
      else
        row.text("tools", calls_.tools_text(*tools));
      row_has.add("tools");
    }
    media_out_.write(row, notes);
    for (std::size_t i = 0; i < kKinds.size(); ++i) {
      if (media_out_.has(i)) row_has.add(kKinds[i].column);
    }
    row.end();
    if (kind == Kind::answer && !plain_ && !media_out_.has_any()) {
      notes.refuse("not_carried", "", "the record has neither preference, label nor media, so it is not written",
                   "use alpaca or sharegpt, or the option plain");
    }
    if (notes.refused()) return;
    written_ = std::move(row_has);
    written_.ranking = kind == Kind::ranking;
    kind_ = kind;
    begun_ = true;
  }

  void encode(const ft::Call& call, ft::Part part, const ft::Rows& rows) {
    if (part == ft::Part::begin) {
      begun_ = false;
      written_ = {};
    }
    ChatFormatter::encode(call, part, rows);
    if (part == ft::Part::finish && begun_ && dataset_info_)
      call.file("dataset_info.json", llama_factory::dataset_info(written_, file_name_));
  }

 private:
  enum class Kind { answer, ranking, label };  // of rows: a file has one

  static bool has_texts(dom::array messages) {
    for (const dom::element item : messages) {
      dom::object message;
      if (item.get(message) == simdjson::SUCCESS && message.at_key("content").is_array()) return false;
    }
    return true;
  }

  // --- Writing

  // Whether the record is a row of the file's kind.
  bool is_whole(const ft::Chat& chat, Kind kind, ft::Notes& notes) const {
    std::string path, message;
    if (chat.messages.empty())
      path = "/messages", message = "the record has no messages";
    else if (kind == Kind::ranking && (chat.chosen.size() != 1 || chat.rejected.size() != 1))
      path = chat.chosen.size() == 1 ? "/rejected" : "/chosen", message = "there is not one answer on each side";
    else if (kind == Kind::label && *chat.fields.get("label") != "true" && *chat.fields.get("label") != "false")
      path = "/label", message = "the label is no boolean";
    else if (begun_ && kind != kind_)
      message =
          "LLaMA-Factory has files of preferences, of labels and of answers, and this one began with another kind";
    else
      return true;
    notes.refuse("not_carried", path, message + ", so the record is not written",
                 "choose the records that fit, or another format");
    return false;
  }

  void write_alpaca(ft::Chat& chat, Kind kind, const Spelling& spelling, std::string& out, ft::ObjectWriter& row,
                    llama_factory::Written& row_has, ft::Notes& notes) {
    for (std::size_t i = 0; i < chat.messages.size(); ++i) {
      ft::Message& message = chat.messages[i];
      if (message.parts.empty() && !message.calls.empty()) continue;
      message.text = media_out_.text(message, "/messages/" + std::to_string(i), notes);
      message.parts.clear();
    }
    ft::Chat whole;
    whole.messages = chat.messages;
    if (kind == Kind::ranking) whole.messages.push_back(ft::text_message("assistant", ""));
    const auto conversation = ft::turns_of(whole, info.name, notes);
    if (!conversation || notes.refused()) return;
    const auto& turns = conversation->turns;
    const auto text = [&](std::string_view key, std::string_view value) {
      row.text(key, value);
      row_has.add(key);
    };
    std::string_view instruction = turns.back().first, input;
    if (const std::size_t size = instruction.size();
        spelling.input > 0 && spelling.input < size && instruction[size - spelling.input - 1] == '\n') {
      input = instruction.substr(size - spelling.input);
      instruction = instruction.substr(0, size - spelling.input - 1);
    }
    text("instruction", instruction);
    if (!spelling.no_input || !input.empty()) text("input", input);
    if (kind == Kind::ranking) {
      text("chosen", answer_text(chat.chosen[0], "/chosen/0", notes));
      text("rejected", answer_text(chat.rejected[0], "/rejected/0", notes));
    } else {
      text("output", turns.back().second);
    }
    if (conversation->system) text("system", *conversation->system);
    if (turns.size() == 1) return;
    row.key("history");
    row_has.add("history");
    out += "[";
    for (std::size_t i = 0; i + 1 < turns.size(); ++i) {
      out += i > 0 ? ",[" : "[";
      ft::append_json_string(out, turns[i].first);
      out += ",";
      ft::append_json_string(out, turns[i].second);
      out += "]";
    }
    out += "]";
  }

  static std::string answer_text(const ft::Message& message, const std::string& path, ft::Notes& notes) {
    auto text = ft::plain_text(message, path, notes);
    if (!text || !message.calls.empty() || message.role != "assistant") {
      notes.refuse("not_carried", path, "it is no answer in text, so the record is not written",
                   "choose other records, or another format");
    }
    return text.value_or("");
  }

  void write_turns(ft::Chat& chat, Kind kind, const Spelling& spelling, std::string& out, ft::ObjectWriter& row,
                   llama_factory::Written& row_has, ft::Notes& notes) {
    const bool openai = written_.style == Style::openai;
    const std::string_view list = openai ? "messages" : "conversations";
    std::vector<ft::Message>& messages = chat.messages;
    const bool system = messages[0].role == "system" || messages[0].role == "developer";
    if (messages[0].role == "developer")
      notes.reshaped("/messages/0/role", "the developer message became the system prompt");
    if (!alternates(messages, system, kind, notes)) return;
    const bool column = system && !openai && !spelling.system_turn;
    calls_written_ = 0;
    row.key(list);
    row_has.add(list);
    out += "[";
    for (std::size_t i = column ? 1 : 0; i < messages.size(); ++i) {
      if (out.back() != '[') out += ",";
      write_turn(messages[i], "/messages/" + std::to_string(i), openai, true, out, notes);
    }
    out += "]";
    if (kind == Kind::ranking) {
      for (auto& [key, side] : {std::pair<std::string_view, std::vector<ft::Message>&>{"chosen", chat.chosen},
                                {"rejected", chat.rejected}}) {
        row.key(key);
        row_has.add(key);
        const std::size_t before = calls_written_;
        write_turn(side[0], "/" + std::string(key) + "/0", openai, false, out, notes);
        calls_written_ = before;
      }
    }
    if (!column) return;
    row.text("system", media_out_.text(messages[0], "/messages/0", notes));
    row_has.add("system");
  }

  // LLaMA-Factory leaves out rows whose turns are not one after the other.
  static bool alternates(const std::vector<ft::Message>& messages, bool system, Kind kind, ft::Notes& notes) {
    const std::size_t first = system ? 1 : 0;
    for (std::size_t i = first; i <= messages.size(); ++i) {
      const bool answer = (i - first) % 2 == 1, end = i == messages.size();
      if (end ? answer == (kind == Kind::ranking) && i > first
              : (messages[i].role == "assistant") == answer &&
                    (answer || messages[i].role == "user" || messages[i].role == "tool"))
        continue;
      notes.refuse("not_carried", end ? "/messages" : "/messages/" + std::to_string(i) + "/role",
                   "LLaMA-Factory has a question or result, then an answer or call, again and again" +
                       std::string(kind == Kind::ranking ? ", and here a question last" : ", and an answer last") +
                       ", so the record is not written",
                   "choose other records, or another format");
      return false;
    }
    return true;
  }

  void write_turn(ft::Message& message, const std::string& path, bool openai, bool media, std::string& out,
                  ft::Notes& notes) {
    ft::ObjectWriter turn(out);
    const std::string text = media ? media_out_.text(message, path, notes) : "";
    const std::string_view role = message.role == "developer" ? "system" : std::string_view(message.role);
    if (openai) {
      turn.text("role", role);
      if (message.text || !message.parts.empty() || message.calls.empty())
        turn.text("content", media ? text : answer_text(message, path, notes));
      else
        turn.text("content", "");
      if (!message.calls.empty()) {
        turn.key("tool_calls");
        ft::append_tool_calls(out, message.calls);
      }
      if (const std::string* id = message.fields.take("tool_call_id")) turn.json("tool_call_id", *id);
    } else {
      turn.text("from", turn_name(message));
      if (message.calls.empty()) {
        turn.text("value", media ? text : answer_text(message, path, notes));
      } else {
        turn.text("value", calls_.text(message.calls, path, notes));
        if (!text.empty() || (!media && !message.text.value_or("").empty()))
          notes.dropped(path + "/content", "llama-factory has no text beside a call");
        name_ids(message.calls, path, notes);
      }
      if (message.role == "tool") message.fields.take("tool_call_id");
    }
    turn.end();
  }

  // Calls have no ids: reading numbers them.
  void name_ids(const std::vector<ft::ToolCall>& calls, const std::string& path, ft::Notes& notes) {
    for (std::size_t i = 0; i < calls.size(); ++i) {
      if (calls[i].id != "call_" + std::to_string(++calls_written_))
        notes.dropped(path + "/tool_calls/" + std::to_string(i) + "/id", "llama-factory has no ids of calls");
    }
  }

  std::string style_, file_name_;
  bool plain_, dataset_info_;
  llama_factory::RowReader reader_;
  llama_factory::MediaWriter media_out_;
  llama_factory::Calls calls_;
  dom::parser parser_;
  std::size_t calls_written_ = 0;
  // Of the export under way:
  bool begun_ = false;
  Kind kind_ = Kind::answer;
  llama_factory::Written written_;
};

}  // namespace

FT_PLUGIN(LlamaFactory)

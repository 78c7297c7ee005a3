// alpaca: {"instruction", "input"?, "output", "system"?, "history"?: [[question, answer], ...]}, as JSON Lines or one
// list. The input follows the instruction after a line break: that is how the field trains on it. Where it begins, and
// which of the fields that say nothing the row has, is kept for the way back.
#include <ft/chat_own.hpp>

namespace {

namespace dom = simdjson::dom;

constexpr ft_column kColumns[] = {{"", FT_RAW}};

class Alpaca : public ft::ChatFormatter<Alpaca> {
 public:
  static constexpr ft::Info info{.name = "alpaca",
                                 .version = "1.0.0",
                                 .summary = "instruction, input and output, with system and history",
                                 .config_schema = R"({"type": "object", "additionalProperties": false, "properties": {
        "list": {"type": "boolean", "default": false, "description": "write one JSON list instead of JSON Lines"}}})",
                                 .flags = FT_DETERMINISTIC,
                                 .columns = kColumns};

  explicit Alpaca(const ft::Config& config) { list_ = config["list"]; }

  static double recognise(dom::object row) {
    std::string_view text;
    if (!ft::find_text(row, "instruction", text) || !ft::find_text(row, "output", text)) return 0;
    dom::element other;  // llama-factory's
    for (const std::string_view key : {"chosen", "kto_tag", "images", "videos", "audios"}) {
      if (ft::find(row, key, other)) return 0.3;
    }
    return 0.95;
  }

  void read(dom::object row, ft::Chat& chat, ft::Notes& notes) {
    std::string_view instruction, output;
    ft::need_text(row, "instruction", "", instruction, notes);
    ft::need_text(row, "output", "", output, notes);
    const std::string_view input = ft::text_or_empty(row, "input", "", notes);
    const std::string_view system = ft::text_or_empty(row, "system", "", notes);
    if (notes.refused()) return;
    if (!system.empty()) chat.messages.push_back(ft::text_message("system", system));
    if (dom::element history; ft::find(row, "history", history)) read_history(history, chat, notes);
    std::string question(instruction);
    std::string own;
    ft::ObjectWriter spelling(own);
    if (!input.empty()) {
      spelling.json("input", std::to_string(instruction.size()));
      if (!question.empty()) question += "\n";
      question += input;
    } else if (const std::string_view said = spelled(row, "input"); said == kNull) {
      spelling.text("input", said);
    } else if (said == kAbsent) {
      spelling.json("input", "false");
    }
    for (const std::string_view key : {"system", "history"}) {
      if (const std::string_view said = spelled(row, key); said == kEmpty || said == kNull) spelling.text(key, said);
    }
    spelling.end();
    if (ft::is_blank(question) || ft::is_blank(output)) {
      notes.refuse("empty_content", ft::is_blank(output) ? "/output" : "/instruction", "it is empty",
                   "write its text, or remove the row");
      return;
    }
    chat.messages.push_back(ft::text_message("user", question));
    chat.messages.push_back(ft::text_message("assistant", output));
    ft::keep_others(row, {"instruction", "input", "output", "system", "history"}, chat.fields);
    if (own != "{}" && !ft::keep_own(chat.fields, info.name, own)) {
      notes.reshaped(input.empty() ? "/metadata" : "/input",
                     "the metadata has no room for how the row was spelled, so that is not written back");
    }
  }

  void write(ft::Chat& chat, std::string& out, ft::Notes& notes) {
    auto conversation = ft::turns_of(chat, info.name, notes);
    if (!conversation) return;
    const auto& turns = conversation->turns;
    const ft::Own own(chat.fields, info.name);
    const std::string_view question = turns.back().first;
    const std::size_t begin = input_begin(own, question);
    ft::ObjectWriter row(out);
    row.text("instruction", question.substr(0, begin - (begin > 0 && begin < question.size() ? 1 : 0)));
    if (begin < question.size() || !write_silent(row, "input", lacks_input(own) ? kAbsent : own.text("input")))
      row.text("input", question.substr(begin));
    row.text("output", turns.back().second);
    if (conversation->system)
      row.text("system", *conversation->system);
    else
      write_silent(row, "system", own.text("system"));
    if (turns.size() > 1) {
      row.key("history");
      out += "[";
      for (std::size_t i = 0; i + 1 < turns.size(); ++i) {
        out += i > 0 ? ",[" : "[";
        ft::append_json_string(out, turns[i].first);
        out += ",";
        ft::append_json_string(out, turns[i].second);
        out += "]";
      }
      out += "]";
    } else {
      write_silent(row, "history", own.text("history"));
    }
    row.end();
  }

 private:
  // Where in a question the input begins, as the row had it: its end where it had none, or has been changed since.
  static std::size_t input_begin(const ft::Own& own, std::string_view question) {
    dom::element value;
    std::uint64_t size = 0;
    if (!own.find("input", value) || value.get(size) || size >= question.size()) return question.size();
    if (size == 0) return 0;
    return question[size] == '\n' && size + 1 < question.size() ? size + 1 : question.size();
  }
  static bool lacks_input(const ft::Own& own) {
    dom::element value;
    bool given = true;
    return own.find("input", value) && value.get(given) == simdjson::SUCCESS && !given;
  }

  // How a row spells a field that says nothing; empty where it says something.
  static constexpr std::string_view kAbsent = "absent", kNull = "null", kEmpty = "empty";
  static std::string_view spelled(dom::object row, std::string_view key) {
    dom::element value;
    std::string_view text;
    dom::array list;
    if (row.at_key(key).get(value)) return kAbsent;
    if (value.is_null()) return kNull;
    const bool empty = value.get(list) ? !value.get(text) && text.empty() : list.size() == 0;
    return empty ? kEmpty : std::string_view();
  }
  // Writes one as spelled() says it was, also where that is to leave it out; false where it was not kept.
  static bool write_silent(ft::ObjectWriter& row, std::string_view key, std::string_view said) {
    if (said == kNull) row.json(key, "null");
    if (said == kEmpty) row.json(key, key == "history" ? "[]" : R"("")");
    return !said.empty();
  }

  static void read_history(dom::element history, ft::Chat& chat, ft::Notes& notes) {
    dom::array turns;
    std::size_t index = 0;
    if (history.get(turns)) {
      notes.refuse("bad_messages", "/history", "it is " + std::string(ft::type_name(history)) + ", not a list",
                   "write [[question, answer], ...]");
      return;
    }
    for (const dom::element item : turns) {
      const std::string path = "/history/" + std::to_string(index++);
      dom::array pair;
      std::string_view question, answer;
      if (item.get(pair) || pair.size() != 2 || pair.at(0).get(question) || pair.at(1).get(answer)) {
        notes.refuse("bad_messages", path, "it is no pair of texts", "write [question, answer]");
        continue;
      }
      chat.messages.push_back(ft::text_message("user", question));
      chat.messages.push_back(ft::text_message("assistant", answer));
    }
  }
};

}  // namespace

FT_PLUGIN(Alpaca)

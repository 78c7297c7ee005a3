// text: {"text": "..."}, one row a line. All of the text is trained on, so a row is a record of one assistant message,
// and such records alone can be written: a chat becomes text by the template of its model, which no format knows.
#include <ft/chat.hpp>

namespace {

namespace dom = simdjson::dom;

constexpr ft_column kColumns[] = {{"", FT_RAW}};

class Text : public ft::ChatFormatter<Text> {
 public:
  static constexpr ft::Info info{.name = "text",
                                 .version = "1.0.0",
                                 .summary = "rows {\"text\"} as JSON Lines, all of it trained on",
                                 .flags = FT_DETERMINISTIC,
                                 .columns = kColumns};

  explicit Text(const ft::Config&) {}

  static double recognise(dom::object row) {
    std::string_view text;
    if (!ft::find_text(row, "text", text)) return 0;
    return ft::has_any(
               row, {"messages", "conversations", "contents", "prompt", "completion", "instruction", "input", "output",
                     "question", "answer", "response", "chosen", "rejected", "label", "labels", "segments", "images"})
               ? 0.3
               : 0.95;
  }

  void read(dom::object row, ft::Chat& chat, ft::Notes& notes) {
    std::string_view text;
    if (!ft::need_text(row, "text", "", text, notes)) return;
    if (ft::is_blank(text)) {
      notes.refuse("empty_content", "/text", "it is empty", "write its text, or remove the row");
      return;
    }
    chat.messages.push_back(ft::text_message("assistant", text));
    ft::keep_others(row, {"text"}, chat.fields);
  }

  void write(ft::Chat& chat, std::string& out, ft::Notes& notes) {
    const auto text = ft::lone_text(chat, info.name, notes);
    if (!text) return;
    ft::ObjectWriter row(out);
    row.text("text", *text);
    if (const std::string* weight = chat.fields.take("weight")) row.json("weight", *weight);
    row.end();
  }
};

}  // namespace

FT_PLUGIN(Text)

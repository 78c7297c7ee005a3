// prompt-completion: {"prompt": "...", "completion": "..."}, both text, one row a line. OpenAI's older fine-tuning,
// Together's instruction rows, Bedrock's text rows and TRL's prompt and completion are this one row.
#include <ft/chat.hpp>

namespace {

namespace dom = simdjson::dom;

constexpr ft_column kColumns[] = {{"", FT_RAW}};

class PromptCompletion : public ft::ChatFormatter<PromptCompletion> {
 public:
  static constexpr ft::Info info{.name = "prompt-completion",
                                 .version = "1.0.0",
                                 .summary = "rows {\"prompt\", \"completion\"} of text as JSON Lines",
                                 .flags = FT_DETERMINISTIC,
                                 .columns = kColumns};

  explicit PromptCompletion(const ft::Config&) {}

  static double recognise(dom::object row) {
    std::string_view text;
    if (!ft::find_text(row, "prompt", text) || !ft::find_text(row, "completion", text)) return 0;
    return ft::has_any(row, {"label", "labels", "chosen", "rejected", "messages", "conversations", "text", "images"})
               ? 0.3
               : 0.95;
  }

  void read(dom::object row, ft::Chat& chat, ft::Notes& notes) {
    std::string_view prompt, completion;
    ft::need_text(row, "prompt", "", prompt, notes);
    ft::need_text(row, "completion", "", completion, notes);
    if (notes.refused()) return;
    if (ft::is_blank(completion)) {
      notes.refuse("empty_content", "/completion", "it is empty", "write its text, or remove the row");
      return;
    }
    if (!prompt.empty()) chat.messages.push_back(ft::text_message("user", prompt));
    chat.messages.push_back(ft::text_message("assistant", completion));
    ft::keep_others(row, {"prompt", "completion"}, chat.fields);
  }

  void write(ft::Chat& chat, std::string& out, ft::Notes& notes) {
    ft::drop_preference(chat, info.name, notes);
    auto pair = pair_of(chat, notes);
    if (!pair) return;
    if (ft::is_blank(pair->second)) {
      notes.refuse("empty_content", "/messages/" + std::to_string(chat.messages.size() - 1) + "/content",
                   "the answer is empty, so the record is not written", "write its text, or remove the record");
      return;
    }
    ft::ObjectWriter row(out);
    row.text("prompt", pair->first);
    row.text("completion", pair->second);
    if (const std::string* weight = chat.fields.take("weight")) row.json("weight", *weight);
    row.end();
  }

 private:
  // Prompt and completion of a record; null, and a refusal, where it is no such pair. An answer alone has the empty
  // prompt.
  static std::optional<std::pair<std::string, std::string>> pair_of(const ft::Chat& chat, ft::Notes& notes) {
    if (chat.messages.size() == 1 && chat.messages[0].role == "assistant" && chat.messages[0].calls.empty()) {
      if (auto text = ft::plain_text(chat.messages[0], "/messages/0", notes))
        return std::pair(std::string(), std::move(*text));
    }
    auto conversation = ft::turns_of(chat, info.name, notes);
    if (!conversation) return std::nullopt;
    if (conversation->turns.size() > 1) {
      notes.refuse("not_carried", "/messages", "prompt-completion has one question and its answer; here are more",
                   "choose the records of one turn, or another format");
      return std::nullopt;
    }
    auto pair = std::move(conversation->turns[0]);
    if (conversation->system) {
      pair.first = *conversation->system + "\n\n" + pair.first;
      notes.reshaped("/messages", "the system prompt stands before the question, a blank line between them");
    } else if (pair.first.empty()) {
      notes.dropped("/messages/0", "an empty question is read back as none");
    }
    return pair;
  }
};

}  // namespace

FT_PLUGIN(PromptCompletion)

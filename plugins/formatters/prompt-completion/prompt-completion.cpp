// prompt-completion: {"prompt": "...", "completion": "..."}, both text, one row a line. OpenAI's older fine-tuning,
// Together's instruction rows, Bedrock's text rows and TRL's prompt and completion are this one row.
#include <ft/chat.hpp>

#include "rules.hpp"

namespace {

namespace dom = simdjson::dom;

constexpr ft_column kColumns[] = {{"", FT_RAW}};

class PromptCompletion : public ft::ChatFormatter<PromptCompletion> {
 public:
  static constexpr ft::Info info{.name = "prompt-completion",
                                 .version = "1.0.0",
                                 .summary = "rows {\"prompt\", \"completion\"} of text as JSON Lines",
                                 .flags = FT_DETERMINISTIC | FT_JSON_ROWS,
                                 .columns = kColumns,
                                 .rules = prompt_completion::kRules};

  explicit PromptCompletion(const ft::Config&) {}

  static double recognise(dom::object row) {
    std::string_view text;
    if (!ft::find_text(row, "prompt", text) || !ft::find_text(row, "completion", text)) return 0;
    return ft::has_any(
               row, {"label", "labels", "kto_tag", "chosen", "rejected", "messages", "conversations", "text", "images"})
               ? 0.3
               : 0.95;
  }

  void read(dom::object row, ft::Chat& chat, ft::Notes& notes) {
    std::string_view prompt, completion;
    ft::need_text(row, "prompt", "", prompt, notes);
    ft::need_text(row, "completion", "", completion, notes);
    if (notes.refused()) return;
    for (const auto& [path, text] : {std::pair("/prompt", prompt), std::pair("/completion", completion)}) {
      if (ft::is_blank(text)) notes.refuse("empty_content", path, "it is empty", "write its text, or remove the row");
    }
    if (notes.refused()) return;
    chat.messages.push_back(ft::text_message("user", prompt));
    chat.messages.push_back(ft::text_message("assistant", completion));
    ft::keep_others(row, {"prompt", "completion"}, chat.fields);
  }

  void write(ft::Chat& chat, std::string& out, ft::Notes& notes) {
    const auto pair = ft::prompt_and_completion(chat, info.name, notes);
    if (!pair) return;
    ft::ObjectWriter row(out);
    row.text("prompt", pair->first);
    row.text("completion", pair->second);
    if (const std::string* weight = chat.fields.take("weight")) row.json("weight", *weight);
    row.end();
  }
};

}  // namespace

FT_PLUGIN(PromptCompletion)

// openai-preference: {"input": {"messages", "tools"?, "parallel_tool_calls"?}, "preferred_output": [...],
// "non_preferred_output": [...]} as JSON Lines. The older names preferred_completion and non_preferred_completion are
// read and never written.
#include <ft/chat_preference.hpp>
#include <ft/chat_spelling.hpp>

#include "rules.hpp"

namespace {

namespace dom = simdjson::dom;

constexpr ft_column kColumns[] = {{"", FT_RAW}};

class OpenAiPreference : public ft::ChatFormatter<OpenAiPreference> {
 public:
  static constexpr ft::Info info{.name = "openai-preference",
                                 .version = "1.0.0",
                                 .summary = "input, preferred_output and non_preferred_output, for DPO, as JSON Lines",
                                 .flags = FT_DETERMINISTIC | FT_JSON_ROWS,
                                 .columns = kColumns,
                                 .rules = openai_preference::kRules};

  static constexpr bool carries_preferences = true;

  explicit OpenAiPreference(const ft::Config&) {}

  static double recognise(dom::object row) { return ft::is_preference(row) ? 0.95 : 0; }

  void read(dom::object row, ft::Chat& chat, ft::Notes& notes) {
    const std::string extra = ft::read_preference(row, chat, notes);
    ft::keep_spelling(chat.fields, info.name, extra, notes);
  }

  void write(ft::Chat& chat, std::string& out, ft::Notes& notes) {
    if (!ft::has_preference(chat, notes)) return;
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
    row.key(ft::kPreferred.key);
    ft::append_messages(out, chat.chosen, {"name", "tool_call_id"});
    row.key(ft::kNonPreferred.key);
    ft::append_messages(out, chat.rejected, {"name", "tool_call_id"});
    row.end();
  }

 private:
  dom::parser parser_;
};

}  // namespace

FT_PLUGIN(OpenAiPreference)

// fireworks: the rows of Fireworks' fine-tuning, as JSON Lines: {"messages", "tools"?, "weight"?} for supervised
// training and {"input", "preferred_output", "non_preferred_output"} for DPO. Both are OpenAI's shape; what is its own:
// reasoning_content beside an answer, a weight of the row, and "" in place of no content.
#include <ft/chat_preference.hpp>
#include <ft/chat_spelling.hpp>

#include "rules.hpp"

namespace {

namespace dom = simdjson::dom;

constexpr ft_column kColumns[] = {{"", FT_RAW}};

class Fireworks : public ft::ChatFormatter<Fireworks> {
 public:
  static constexpr ft::Info info{.name = "fireworks",
                                 .version = "1.0.0",
                                 .summary = "Fireworks' rows: messages with weights, or preferences, as JSON Lines",
                                 .flags = FT_DETERMINISTIC | FT_ONLY_NAMED | FT_JSON_ROWS,
                                 .columns = kColumns,
                                 .rules = fireworks::kRules};

  static constexpr bool carries_preferences = true;

  explicit Fireworks(const ft::Config&) {}

  // Nothing in a row says that it is not OpenAI's or Together's.
  static double recognise(dom::object row) {
    dom::array messages;
    return row.at_key("messages").get(messages) == simdjson::SUCCESS || ft::is_preference(row) ? 0.3 : 0;
  }

  void read(dom::object row, ft::Chat& chat, ft::Notes& notes) {
    dom::element value;
    if (ft::find(row, "messages", value)) {
      ft::read_messages(value, "/messages", chat.messages, notes);
      ft::refuse_empty(chat.messages, "/messages", notes);
      for (const auto& [key, member] : row) {
        if (key == "chosen" || key == "rejected")
          notes.dropped("/" + std::string(key), "the row has it beside its messages");
        else if (key != "messages")
          chat.fields.add(key, member);
      }
    } else {
      const std::string others = ft::read_preference(row, chat, notes);
      ft::keep_spelling(chat.fields, info.name, others, notes);
    }
    read_reasoning(chat.messages);
    read_reasoning(chat.chosen);
    read_reasoning(chat.rejected);
  }

  void write(ft::Chat& chat, std::string& out, ft::Notes& notes) {
    const bool preference = !chat.chosen.empty() || !chat.rejected.empty();
    if (begun_ && preference != preferences_) {
      notes.refuse("not_carried", preference ? "/chosen" : "/rejected",
                   std::string("a file is of one shape, and this one began with ") +
                       (preference ? "conversations" : "preferences") + ", so the record is not written",
                   "choose the records of that shape, and write the others to a file of their own");
      return;
    }
    ft::ObjectWriter row(out);
    if (preference)
      write_preference(chat, row, out, notes);
    else
      write_conversation(chat, row, out, notes);
    if (const std::string* weight = chat.fields.take("weight")) row.json("weight", *weight);
    row.end();
    if (notes.refused()) return;
    preferences_ = preference;
    begun_ = true;
  }

  void encode(const ft::Call& call, ft::Part part, const ft::Rows& rows) {
    if (part == ft::Part::begin) begun_ = false;
    ChatFormatter::encode(call, part, rows);
  }

 private:
  static void read_reasoning(std::vector<ft::Message>& messages) {
    for (ft::Message& message : messages) message.fields.rename("reasoning_content", "reasoning");
  }

  static void append(std::string& out, std::vector<ft::Message>& messages, const std::string& path, bool weights,
                     ft::Notes& notes) {
    out += "[";
    for (std::size_t i = 0; i < messages.size(); ++i) {
      ft::Message& message = messages[i];
      const std::string at = path + "/" + std::to_string(i);
      if (i > 0) out += ",";
      if (message.role == "developer") {
        message.role = "system";
        notes.reshaped(at + "/role", "Fireworks knows no developer: it became system");
      }
      if (!message.text && message.parts.empty()) {
        message.text = "";
        notes.reshaped(at + "/content", "no content became empty text, which Fireworks takes");
      }
      ft::ObjectWriter object(out);
      ft::append_message_head(out, object, message);
      for (const std::string_view key : {"name", "tool_call_id"}) {
        if (const std::string* json = message.fields.take(key)) object.json(key, *json);
      }
      if (const std::string* json = weights ? message.fields.take("weight") : nullptr) object.json("weight", *json);
      if (const std::string* json = message.role == "assistant" ? message.fields.take("reasoning") : nullptr)
        object.json("reasoning_content", *json);
      object.end();
    }
    out += "]";
  }

  static void write_conversation(ft::Chat& chat, ft::ObjectWriter& row, std::string& out, ft::Notes& notes) {
    if (chat.messages.empty()) {
      notes.refuse("no_messages", "/messages", "the record has no messages, so it is not written",
                   "choose the records that have them, or another format");
    }
    row.key("messages");
    append(out, chat.messages, "/messages", true, notes);
    if (const std::string* tools = chat.fields.take("tools")) row.json("tools", *tools);
  }

  void write_preference(ft::Chat& chat, ft::ObjectWriter& row, std::string& out, ft::Notes& notes) {
    if (!ft::has_preference(chat, notes)) return;
    row.key("input");
    ft::ObjectWriter input(out);
    input.key("messages");
    append(out, chat.messages, "/messages", true, notes);
    for (const std::string_view key : {"tools", "parallel_tool_calls"}) {
      if (const std::string* json = chat.fields.take(key)) input.json(key, *json);
    }
    if (dom::object kept; ft::take_spelling(chat.fields, info.name, parser_, kept)) {
      for (const auto& [key, value] : kept) input.json(key, simdjson::minify(value));
    }
    input.end();
    row.key(ft::kPreferred.key);
    append(out, chat.chosen, "/chosen", false, notes);
    row.key(ft::kNonPreferred.key);
    append(out, chat.rejected, "/rejected", false, notes);
  }

  dom::parser parser_;
  bool begun_ = false, preferences_ = false;  // of the export under way
};

}  // namespace

FT_PLUGIN(Fireworks)

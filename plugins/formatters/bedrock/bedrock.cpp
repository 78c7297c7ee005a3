// bedrock: {"system"?, "messages": [{"role", "content"}, ...]}, text alone, user and assistant one after the other: how
// Bedrock tunes Claude. It allows no other key.
#include <ft/chat_own.hpp>

#include "rules.hpp"

namespace {

namespace dom = simdjson::dom;

constexpr ft_column kColumns[] = {{"", FT_RAW}};
constexpr double kSure = 0.95, kPossible = 0.3;

class Bedrock : public ft::ChatFormatter<Bedrock> {
 public:
  static constexpr ft::Info info{.name = "bedrock",
                                 .version = "1.0.0",
                                 .summary = "system and messages of text, for Claude on Bedrock",
                                 .flags = FT_DETERMINISTIC | FT_JSON_ROWS,
                                 .columns = kColumns,
                                 .rules = bedrock::kRules};

  explicit Bedrock(const ft::Config&) {}

  // A row without a system prompt is a chat row of OpenAI's as well: the share of rows with one decides.
  double detect(const ft::Call& call, std::string_view sample, std::string_view name) {
    return ft::by_share(ChatFormatter::detect(call, sample, name), kPossible, kSure);
  }

  static double recognise(dom::object row) {
    dom::array messages;
    std::string_view text;
    if (row.at_key("messages").get(messages) || messages.size() == 0) return 0;
    for (const dom::element item : messages) {
      dom::object message;
      if (item.get(message) || message.size() != 2 || !ft::find_text(message, "role", text) ||
          (text != "user" && text != "assistant") || !ft::find_text(message, "content", text))
        return 0;
    }
    const bool system = ft::find_text(row, "system", text);
    return system && row.size() == 2 ? kSure : kPossible;
  }

  void read(dom::object row, ft::Chat& chat, ft::Notes& notes) {
    const std::string_view system = ft::text_or_empty(row, "system", "", notes);
    dom::element list;
    dom::array messages;
    if (!ft::find(row, "messages", list) || list.get(messages)) {
      notes.refuse("no_messages", "/messages", "the row has no list of messages",
                   "it must be {\"messages\": [{\"role\": \"user\", \"content\": ...}, ...]}; if it is another format, "
                   "name it with --format");
      return;
    }
    if (!system.empty())
      chat.messages.push_back(ft::text_message("system", system));
    else if (dom::element none; ft::find(row, "system", none))
      notes.dropped("/system", "it is empty");
    std::size_t index = 0;
    for (const dom::element item : messages) {
      const std::string path = "/messages/" + std::to_string(index);
      dom::object message;
      std::string_view role, text;
      const std::string_view wanted = index % 2 == 0 ? "user" : "assistant";
      ++index;
      if (item.get(message) || !ft::find_text(message, "role", role)) {
        notes.refuse("bad_message", path, "the message is no object with a role",
                     "write {\"role\": ..., \"content\": ...}");
        continue;
      }
      if (role != "user" && role != "assistant") {
        notes.refuse("unknown_role", path + "/role", "\"" + std::string(role) + "\" is no role of this format",
                     role == "system" ? "write the system prompt as \"system\", beside \"messages\""
                                      : "write user or assistant");
      } else if (role != wanted) {
        notes.refuse(
            "bad_order", path + "/role",
            "here the " + std::string(wanted) + " speaks: the format begins with the user, and they take turns",
            "join neighbours of one role, or remove the row");
      }
      if (!ft::need_text(message, "content", path, text, notes)) continue;
      if (ft::is_blank(text))
        notes.refuse("empty_content", path + "/content", "it is empty", "write its text, or remove the row");
      chat.messages.push_back(ft::text_message(role, text));
      ft::keep_rest(message, {"role", "content"}, path, chat.messages.back().fields, notes);
    }
    if (index == 0)
      notes.refuse("no_messages", "/messages", "the list of messages is empty", "fill it, or remove the row");
    if (index % 2 == 1 && !notes.refused())
      notes.refuse("bad_order", "/messages", "the row ends with the user", "add the answer, or remove the row");
    ft::keep_rest(row, {"system", "messages"}, "", chat.fields, notes);
  }

  void write(ft::Chat& chat, std::string& out, ft::Notes& notes) {
    auto conversation = ft::turns_of(chat, info.name, notes);
    if (!conversation) return;
    for (const auto& [question, answer] : conversation->turns) {
      if (!ft::is_blank(question) && !ft::is_blank(answer)) continue;
      notes.refuse("empty_content", "/messages", "a message is empty, so the record is not written",
                   "write its text, or choose other records");
      return;
    }
    ft::ObjectWriter row(out);
    if (conversation->system && !conversation->system->empty()) row.text("system", *conversation->system);
    row.key("messages");
    out += "[";
    for (const auto& [question, answer] : conversation->turns) {
      if (out.back() != '[') out += ",";
      append(out, "user", question);
      out += ",";
      append(out, "assistant", answer);
    }
    out += "]";
    row.end();
  }

 private:
  static void append(std::string& out, std::string_view role, std::string_view text) {
    ft::ObjectWriter message(out);
    message.text("role", role);
    message.text("content", text);
    message.end();
  }
};

}  // namespace

FT_PLUGIN(Bedrock)

// gemini-preference: {"system_instruction"?: {"parts": [{"text"}]}, "contents": [..., the user], "completions":
// [{"score": 1, "completion": {"role": "model", "parts": [{"text"}]}}, {"score": 0, ...}]}. Text alone. Its keys are in
// snake_case.
#include <ft/chat_own.hpp>

#include "rules.hpp"

namespace {

namespace dom = simdjson::dom;

constexpr ft_column kColumns[] = {{"", FT_RAW}};

class GeminiPreference : public ft::ChatFormatter<GeminiPreference> {
 public:
  static constexpr ft::Info info{.name = "gemini-preference",
                                 .version = "1.0.0",
                                 .summary = "contents and two completions with scores, for preferences of Gemini",
                                 .flags = FT_DETERMINISTIC | FT_JSON_ROWS,
                                 .columns = kColumns,
                                 .rules = gemini_preference::kRules};

  static constexpr bool carries_preferences = true;

  explicit GeminiPreference(const ft::Config&) {}

  static double recognise(dom::object row) {
    dom::array contents, completions;
    dom::element first;
    if (row.at_key("contents").get(contents) || row.at_key("completions").get(completions)) return 0;
    return completions.at(0).get(first) || first.at_key("completion").error() ? 0.3 : 0.95;
  }

  void read(dom::object row, ft::Chat& chat, ft::Notes& notes) {
    dom::element value;
    dom::array list;
    std::string own;
    if (ft::find(row, "system_instruction", value) || ft::find(row, "systemInstruction", value)) {
      dom::object system;
      dom::element role;
      if (row.at_key("system_instruction").error())
        notes.reshaped("/systemInstruction", "it is written as system_instruction");
      if (auto message = read_content(value, "/system_instruction", "system", notes))
        chat.messages.push_back(std::move(*message));
      if (value.get(system) == simdjson::SUCCESS && ft::find(system, "role", role) && role.is_string())
        own = R"("system_role":)" + std::string(simdjson::minify(role));
    }
    if (row.at_key("contents").get(list)) {
      notes.refuse("no_messages", "/contents", "the row has no list of contents",
                   "write [{\"role\": \"user\", \"parts\": [{\"text\": ...}]}, ...]; if it is another format, name it "
                   "with --format");
      return;
    }
    std::size_t index = 0;
    for (const dom::element item : list) {
      if (auto message = read_content(item, "/contents/" + std::to_string(index++), "", notes))
        chat.messages.push_back(std::move(*message));
    }
    if (!notes.refused() && (chat.messages.empty() || chat.messages.back().role != "user"))
      notes.refuse("bad_order", "/contents", "the contents do not end with the user's",
                   "the answers are the completions: move the last one there");
    bool first_is_chosen = true;
    if (!read_completions(row, chat, first_is_chosen, notes)) {
      notes.refuse("bad_completions", "/completions", "it is no list of two completions, with the scores 1 and 0",
                   "write [{\"score\": 1, \"completion\": {\"role\": \"model\", \"parts\": [{\"text\": ...}]}}, "
                   "{\"score\": 0, ...}]");
      return;
    }
    if (!first_is_chosen) own += (own.empty() ? "" : ",") + std::string(R"("rejected_first":true)");
    ft::keep_rest(row, {"system_instruction", "systemInstruction", "contents", "completions"}, "", chat.fields, notes);
    if (!own.empty() && !ft::keep_own(chat.fields, info.name, "{" + own + "}"))
      notes.reshaped("/completions",
                     "the completion with the score 1 is written first: the row's metadata has no room");
  }

  void write(ft::Chat& chat, std::string& out, ft::Notes& notes) {
    if (chat.chosen.size() != 1 || chat.rejected.size() != 1) {
      notes.refuse(
          "not_carried", chat.chosen.size() == 1 ? "/rejected" : "/chosen",
          "gemini-preference has one message that is chosen and one that is rejected, and the record does not, "
          "so it is not written",
          "choose records with preferences, or the format gemini");
      return;
    }
    const ft::Own own(chat.fields, info.name);
    ft::ObjectWriter row(out);
    std::size_t first = 0;
    if (!chat.messages.empty() && (chat.messages[0].role == "system" || chat.messages[0].role == "developer")) {
      if (chat.messages[0].role == "developer")
        notes.reshaped("/messages/0/role", "the developer message became the system instruction");
      row.key("system_instruction");
      append_content(chat.messages[0], "/messages/0", own.text("system_role"), out, notes);
      first = 1;
    }
    row.json("contents", "[");
    for (std::size_t i = first; i < chat.messages.size(); ++i) {
      const ft::Message& message = chat.messages[i];
      const std::string path = "/messages/" + std::to_string(i);
      if (message.role != "user" && message.role != "assistant") {
        notes.refuse("not_carried", path + "/role",
                     "gemini-preference has no content of \"" + message.role + "\" here, so the record is not written",
                     "choose other records, or another format");
        return;
      }
      if (i > first) out += ",";
      append_content(message, path, message.role == "user" ? "user" : "model", out, notes);
    }
    out += "]";
    if (chat.messages.empty() || chat.messages.back().role != "user") {
      notes.refuse("not_carried", "/messages",
                   "gemini-preference ends with the user, and the record does not, so it is not written",
                   "choose other records, or another format");
      return;
    }
    row.json("completions", "[");
    const bool turned = own.is_true("rejected_first");
    append_completion(chat, !turned, out, notes);
    out += ",";
    append_completion(chat, turned, out, notes);
    out += "]";
    row.end();
  }

 private:
  // A content of text, with the role that is given or its own. Nothing, and a refusal, where it is something else.
  static std::optional<ft::Message> read_content(dom::element item, const std::string& path, std::string_view given,
                                                 ft::Notes& notes) {
    dom::object object;
    dom::array parts;
    std::string_view role, text;
    if (item.get(object) || object.at_key("parts").get(parts) || parts.size() == 0) {
      notes.refuse("no_content", path + "/parts", "the content has no parts",
                   "write {\"role\": \"user\", \"parts\": [{\"text\": ...}]}, or remove the row");
      return std::nullopt;
    }
    const bool has_role = ft::find_text(object, "role", role);
    if (given == "assistant" && role != "model")
      notes.reshaped(path + "/role", "a completion is written with the role model");
    if (dom::element other; given == "system" && !has_role && ft::find(object, "role", other))
      notes.dropped(path + "/role", "it is no text");
    if (given.empty() && role != "user" && role != "model") {
      notes.refuse("unknown_role", path + "/role", "\"" + std::string(role) + "\" is no role of this format",
                   "write user or model; the system prompt is system_instruction, beside contents");
      return std::nullopt;
    }
    ft::ContentBuilder content;
    bool blank = true;
    std::size_t index = 0;
    for (const dom::element one : parts) {
      const std::string at = path + "/parts/" + std::to_string(index++);
      dom::object part;
      if (one.get(part) || !ft::find_text(part, "text", text)) {
        notes.refuse("bad_content", at, "the part is no text, and this format has text alone",
                     "write {\"text\": ...}, or remove the row");
        return std::nullopt;
      }
      for (const auto& [key, other] : part) {
        if (key != "text") notes.dropped(at + "/" + ft::pointer_token(key), "a record has no place for it");
      }
      blank = blank && ft::is_blank(text);
      content.text(text);
    }
    if (blank) {
      notes.refuse("empty_content", path + "/parts", "it is empty", "write its text, or remove the row");
      return std::nullopt;
    }
    ft::Message message;
    message.role = !given.empty() ? given : role == "model" ? "assistant" : "user";
    content.move_to(message);
    ft::keep_rest(object, {"role", "parts"}, path, message.fields, notes);
    return message;
  }

  // False where they are not two, one with the score 1 and one with 0.
  static bool read_completions(dom::object row, ft::Chat& chat, bool& first_is_chosen, ft::Notes& notes) {
    dom::array list;
    if (row.at_key("completions").get(list) || list.size() != 2) return false;
    std::size_t index = 0;
    for (const dom::element item : list) {
      const std::string path = "/completions/" + std::to_string(index);
      dom::object object;
      dom::element completion;
      double score = -1;
      if (item.get(object) || object.at_key("score").get(score) || (score != 0 && score != 1) ||
          !ft::find(object, "completion", completion))
        return false;
      if (index++ == 0) first_is_chosen = score == 1;
      for (const auto& [key, other] : object) {
        if (key != "score" && key != "completion" && !other.is_null())
          notes.dropped(path + "/" + ft::pointer_token(key), "a record has no place for it");
      }
      auto message = read_content(completion, path + "/completion", "assistant", notes);
      if (message) (score == 1 ? chat.chosen : chat.rejected).push_back(std::move(*message));
    }
    return notes.refused() || (chat.chosen.size() == 1 && chat.rejected.size() == 1);
  }

  static void append_content(const ft::Message& message, const std::string& path, std::string_view role,
                             std::string& out, ft::Notes& notes) {
    ft::JsonReader reader;
    dom::array parts;
    ft::ObjectWriter content(out);
    if (!role.empty()) content.text("role", role);
    content.json("parts", "[");
    const auto append = [&](std::string_view text) {
      if (out.back() != '[') out += ",";
      ft::ObjectWriter part(out);
      part.text("text", text);
      part.end();
    };
    bool is_text = message.calls.empty() && message.parts != "[]";
    if (!message.parts.empty() && reader.parse(message.parts).get(parts) == simdjson::SUCCESS) {
      for (const dom::element item : parts) {
        dom::object part;
        std::string_view type, text;
        is_text = is_text && item.get(part) == simdjson::SUCCESS && ft::find_text(part, "type", type) &&
                  type == "text" && ft::find_text(part, "text", text);
        if (is_text) append(text);
      }
    } else {
      append(message.text.value_or(""));
      is_text = is_text && !ft::is_blank(message.text.value_or(""));
    }
    out += "]";
    content.end();
    if (!is_text)
      notes.refuse("not_carried", path, "gemini-preference has text alone, so the record is not written",
                   "choose the records without images, tools and empty messages, or another format");
  }

  static void append_completion(const ft::Chat& chat, bool chosen, std::string& out, ft::Notes& notes) {
    const ft::Message& message = chosen ? chat.chosen[0] : chat.rejected[0];
    const std::string path = chosen ? "/chosen/0" : "/rejected/0";
    if (message.role != "assistant")
      notes.refuse("not_carried", path + "/role",
                   "the answer is of \"" + message.role + "\", so the record is not written",
                   "write an answer of the assistant");
    out += chosen ? R"({"score":1,"completion":)" : R"({"score":0,"completion":)";
    append_content(message, path, "model", out, notes);
    out += "}";
  }
};

}  // namespace

FT_PLUGIN(GeminiPreference)

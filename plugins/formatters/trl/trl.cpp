// trl: the rows of TRL's trainers. {"messages"}, {"prompt"}, {"prompt", "completion"}, {"prompt"?, "chosen",
// "rejected"}, {"prompt", "completion", "label"}, {"prompt", "completions", "labels"}; each side is text or a list of
// messages. Every column that is none of these goes along: rewards and collators read them.
#include <ft/chat_spelling.hpp>

#include "rows.hpp"
#include "rules.hpp"

namespace {

namespace dom = simdjson::dom;
using Messages = std::vector<ft::Message>;

constexpr ft_column kColumns[] = {{"", FT_RAW}};
constexpr std::string_view kTypeColumns[] = {"messages", "prompt",      "completion", "chosen", "rejected",
                                             "label",    "completions", "labels",     "text"};

bool is_list(dom::object row, std::string_view key) {
  dom::array list;
  return row.at_key(key).get(list) == simdjson::SUCCESS;
}
bool is_text(dom::object row, std::string_view key) {
  std::string_view text;
  return ft::find_text(row, key, text);
}
bool has(dom::object row, std::string_view key) {
  dom::element value;
  return ft::find(row, key, value);
}

class Trl : public ft::ChatFormatter<Trl> {
 public:
  static constexpr ft::Info info{.name = "trl",
                                 .version = "1.0.0",
                                 .summary = "rows of TRL: messages, prompts, preferences, labels, steps",
                                 .config_schema = R"({"type": "object", "additionalProperties": false, "properties": {
        "list": {"type": "boolean", "default": false, "description": "write one JSON list instead of JSON Lines"},
        "type": {"enum": ["auto", "messages", "prompt", "prompt-completion"], "default": "auto",
                 "description": "what becomes of a record without preference, label and steps; auto: what it was read as, else messages, or prompt where it has no answer"},
        "strings": {"type": "boolean", "default": false,
                    "description": "write text in place of messages: records of one question and its answer"},
        "tools_as_text": {"type": "boolean", "default": false,
                          "description": "write tools as JSON in a string, for datasets below 4.7"}}})",
                                 .flags = FT_DETERMINISTIC | FT_JSON_ROWS,
                                 .columns = kColumns,
                                 .rules = trl::kRules};

  static constexpr bool carries_preferences = true, carries_labels = true, carries_refusals = true;

  explicit Trl(const ft::Config& config)
      : type_(config["type"]), strings_(config["strings"]), tools_as_text_(config["tools_as_text"]) {
    list_ = config["list"];
  }

  // Rows of messages alone are OpenAI's as well: the share of those with arguments that are objects decides.
  double detect(const ft::Call& call, std::string_view sample, std::string_view name) {
    return ft::by_share(ChatFormatter::detect(call, sample, name), 0.3, 0.95);
  }

  static double recognise(dom::object row) {
    for (const std::string_view other : {"conversations", "instruction", "question", "system", "kto_tag"}) {
      if (has(row, other) && !has(row, "prompt")) return 0;
    }
    const bool prompt = has(row, "prompt");
    if (has(row, "chosen") && has(row, "rejected")) {
      const bool sides =
          (is_list(row, "chosen") && is_list(row, "rejected")) || (is_text(row, "chosen") && is_text(row, "rejected"));
      return sides && (prompt || !(has(row, "messages") || has(row, "input"))) ? 0.95 : 0;
    }
    if (prompt && is_list(row, "completions") && is_list(row, "labels")) return 0.95;
    if (prompt && has(row, "completion")) {
      bool label = false;
      const bool labelled = row.at_key("label").get(label) == simdjson::SUCCESS;
      return labelled || (is_list(row, "prompt") && is_list(row, "completion")) ? 0.95 : 0.3;
    }
    if (prompt) return is_list(row, "prompt") ? 0.9 : 0.3;
    if (!is_list(row, "messages")) return 0;
    return has_object_arguments(row) || has_placed_images(row) ? 0.95 : 0.3;
  }

  void read(dom::object row, ft::Chat& chat, ft::Notes& notes) {
    trl::Spelling spelling;
    std::string_view taken[4] = {"tools"};
    if (has(row, "chosen") || has(row, "rejected")) {
      taken[1] = "prompt", taken[2] = "chosen", taken[3] = "rejected";
      read_preference(row, chat, spelling, notes);
    } else if (has(row, "completions") || has(row, "labels")) {
      taken[1] = "prompt";
      read_steps(row, chat, spelling, notes);
    } else if (has(row, "prompt")) {
      taken[1] = "prompt", taken[2] = "completion";
      read_prompt(row, chat, spelling, notes);
    } else if (has(row, "messages")) {
      taken[1] = "messages";
      trl::read_side(row, "messages", "user", chat.messages, notes);
      if (!notes.refused() && trl::completion_begin(chat.messages) == chat.messages.size()) spelling.type = "messages";
    } else {
      notes.refuse("no_messages", "", "the row has no messages, prompt or answers that are chosen and rejected",
                   "if it is another format, name it with --format");
    }
    read_tools(row, chat, spelling, notes);
    if (notes.refused()) return;
    for (const auto& [key, value] : row) {
      if (std::find(std::begin(taken), std::end(taken), key) != std::end(taken)) continue;
      if (key == "messages")
        notes.dropped("/messages", "the row has a prompt and answers beside it, which are read");
      else
        chat.fields.add(key, value);
    }
    ft::keep_spelling(chat.fields, info.name, spelling.json(), notes);
  }

  void write(ft::Chat& chat, std::string& out, ft::Notes& notes) {
    trl::Spelling spelling;
    if (dom::object kept; ft::take_spelling(chat.fields, info.name, parser_, kept)) spelling = trl::Spelling::of(kept);
    if (chat.messages.empty()) {
      notes.refuse("not_carried", "/messages", "the record has no messages, so it is not written",
                   "choose the records that have them, or another format");
      return;
    }
    const bool strings = strings_ || (spelling.strings && fits_strings(chat));
    ft::ObjectWriter row(out);
    if (!chat.chosen.empty() || !chat.rejected.empty())
      write_preference(chat, spelling, strings, out, row, notes);
    else if (has_steps(chat))
      write_steps(chat, strings, out, row, notes);
    else
      write_answer(chat, spelling, strings, out, row, notes);
    if (notes.refused()) return;
    if (const std::string* tools = chat.fields.take("tools")) {
      if (tools_as_text_ || spelling.tools_text)
        row.text("tools", ft::spaced_json(*tools));
      else
        row.json("tools", *tools);
    }
    for (const ft::Field& field : chat.fields.all()) {
      if (field.taken || field.json == "null" || ft::is_bookkeeping(field.key) ||
          std::find(std::begin(kTypeColumns), std::end(kTypeColumns), field.key) != std::end(kTypeColumns))
        continue;
      row.json(field.key, *chat.fields.take(field.key));
    }
    row.end();
  }

 private:
  static bool has_object_arguments(dom::object row) {
    dom::array messages, calls;
    if (row.at_key("messages").get(messages)) return false;
    for (const dom::element message : messages) {
      if (message.at_key("tool_calls").get(calls)) continue;
      for (const dom::element call : calls) {
        dom::object arguments;
        if (call.at_pointer("/function/arguments").get(arguments) == simdjson::SUCCESS) return true;
      }
    }
    return false;
  }

  // Parts in the messages whose images are a column of the row.
  static bool has_placed_images(dom::object row) {
    dom::array messages;
    if (!is_list(row, "images") || row.at_key("messages").get(messages)) return false;
    for (const dom::element item : messages) {
      dom::object message;
      if (item.get(message) == simdjson::SUCCESS && is_list(message, "content")) return true;
    }
    return false;
  }

  // --- Reading

  static void read_preference(dom::object row, ft::Chat& chat, trl::Spelling& spelling, ft::Notes& notes) {
    std::string_view chosen, rejected, prompt;
    const bool chosen_text = ft::find_text(row, "chosen", chosen),
               rejected_text = ft::find_text(row, "rejected", rejected);
    const bool implicit_text = chosen_text && rejected_text && !has(row, "prompt");
    if (implicit_text) {
      spelling.strings = spelling.implicit = true;
      read_shared_text(chosen, rejected, chat, notes);
      return;
    }
    const bool both = trl::read_side(row, "chosen", "assistant", chat.chosen, notes) &&
                      trl::read_side(row, "rejected", "assistant", chat.rejected, notes);
    if (!both) return;
    const bool prompt_text = ft::find_text(row, "prompt", prompt);
    const bool repeated = prompt_text && !chosen_text && !rejected_text && chat.chosen[0].role != "assistant" &&
                          chat.rejected[0].role != "assistant";
    if (!has(row, "prompt") || repeated) {
      spelling.implicit = true;
      trl::split_prompt(chat.chosen, chat.rejected, chat.messages);
      if (repeated) notes.dropped("/prompt", "both answers begin with the prompt");
      if (chat.messages.empty()) {
        notes.refuse("no_messages", "/prompt", "the row has no prompt, and its answers begin with none in common",
                     "write the prompt, or remove the row");
      }
      return;
    }
    trl::read_side(row, "prompt", "user", chat.messages, notes);
    if (prompt_text && chosen_text && rejected_text) {
      spelling.strings = true;
      return;
    }
    for (const std::string_view key : {"prompt", "chosen", "rejected"})
      if (is_text(row, key)) notes.reshaped("/" + std::string(key), "text beside lists of messages became a message");
  }

  static void read_shared_text(std::string_view chosen, std::string_view rejected, ft::Chat& chat, ft::Notes& notes) {
    const std::size_t size = trl::shared_prompt(chosen, rejected);
    const std::string_view prompt = chosen.substr(0, size);
    if (ft::is_blank(prompt)) {
      notes.refuse("no_messages", "/prompt", "the row has no prompt, and its answers begin with none in common",
                   "write the prompt, or remove the row");
    } else if (size == chosen.size() || size == rejected.size()) {
      notes.refuse("empty_content", size == chosen.size() ? "/chosen" : "/rejected",
                   "nothing is left of it behind what both answers begin with",
                   "write the prompt in a column of its own, or remove the row");
    }
    chat.messages.push_back(ft::text_message("user", prompt));
    chat.chosen.push_back(ft::text_message("assistant", chosen.substr(size)));
    chat.rejected.push_back(ft::text_message("assistant", rejected.substr(size)));
  }

  // The steps stay fields of the record.
  static void read_steps(dom::object row, ft::Chat& chat, trl::Spelling& spelling, ft::Notes& notes) {
    dom::array steps, labels;
    bool good = row.at_key("completions").get(steps) == simdjson::SUCCESS &&
                row.at_key("labels").get(labels) == simdjson::SUCCESS && steps.size() == labels.size();
    if (good) {
      for (const dom::element step : steps) good = good && step.is_string();
      for (const dom::element label : labels) good = good && label.is_bool();
    }
    if (!good) {
      notes.refuse("bad_steps", "/completions", "completions and labels are not as many texts as booleans",
                   "write {\"completions\": [\"step\", ...], \"labels\": [true, ...]}");
    }
    trl::read_side(row, "prompt", "user", chat.messages, notes);
    spelling.strings = is_text(row, "prompt");
  }

  static void read_prompt(dom::object row, ft::Chat& chat, trl::Spelling& spelling, ft::Notes& notes) {
    dom::element label;
    const bool completed = has(row, "completion"), labelled = completed && ft::find(row, "label", label);
    if (!trl::read_side(row, "prompt", "user", chat.messages, notes)) return;
    const std::size_t prompt = chat.messages.size();
    spelling.strings = is_text(row, "prompt");
    if (!completed) {
      if (trl::completion_begin(chat.messages) < prompt) spelling.type = "prompt";
      return;
    }
    if (!trl::read_side(row, "completion", "assistant", chat.messages, notes)) return;
    if (labelled && !label.is_bool()) {
      notes.refuse("bad_label", "/label", "label is " + std::string(ft::type_name(label)) + ", not a boolean",
                   "write true or false");
    }
    if (!labelled) spelling.type = "prompt-completion";
    if (trl::completion_begin(chat.messages) != prompt) spelling.completion = chat.messages.size() - prompt;
    const bool text = is_text(row, "completion");
    if (text == spelling.strings) return;
    notes.reshaped(text ? "/completion" : "/prompt", "text beside a list of messages became a message");
    spelling.strings = false;
  }

  void read_tools(dom::object row, ft::Chat& chat, trl::Spelling& spelling, ft::Notes& notes) {
    dom::element tools;
    std::string_view text;
    if (!ft::find(row, "tools", tools)) return;
    if (tools.get(text) == simdjson::SUCCESS) {
      if (ft::is_blank(text)) {
        notes.dropped("/tools", "it is empty");
        return;
      }
      if (parser_.parse(text.data(), text.size(), true).get(tools)) tools = row.at_key("tools").value_unsafe();
      spelling.tools_text = true;
    }
    if (!tools.is_array()) {
      notes.refuse("bad_tools", "/tools", "tools is " + std::string(ft::type_name(tools)) + ", not a list",
                   "write a list of functions");
      return;
    }
    std::string json = simdjson::minify(tools);
    if (spelling.tools_text && ft::spaced_json(json) != text)
      notes.reshaped("/tools", "the spaces and escapes in the text are not kept");
    chat.fields.add("tools", std::move(json));
  }

  // --- Writing

  static bool fits(const Messages& messages, std::string_view role) {
    return messages.size() == 1 && messages[0].role == role && messages[0].text && messages[0].calls.empty() &&
           messages[0].fields.all().empty();
  }
  static bool has_steps(const ft::Chat& chat) { return chat.fields.has("completions") && chat.fields.has("labels"); }
  // Whether text says all that the record does.
  static bool fits_strings(const ft::Chat& chat) {
    if (!chat.chosen.empty() || !chat.rejected.empty())
      return fits(chat.messages, "user") && fits(chat.chosen, "assistant") && fits(chat.rejected, "assistant");
    if (has_steps(chat)) return fits(chat.messages, "user");
    const Messages question(chat.messages.begin(), chat.messages.begin() + 1),
        answer(chat.messages.begin() + 1, chat.messages.end());
    return fits(question, "user") && (answer.empty() || fits(answer, "assistant"));
  }

  // One message as text: what `strings` is asked for has no room for more.
  static void write_text(ft::ObjectWriter& row, std::string_view key, const Messages& messages, std::size_t begin,
                         std::size_t end, std::string_view role, const std::string& path, ft::Notes& notes) {
    std::optional<std::string> text;
    const std::string at = path + "/" + std::to_string(begin);
    if (end - begin == 1 && messages[begin].role == role && messages[begin].calls.empty())
      text = ft::plain_text(messages[begin], at, notes);
    if (text)
      row.text(key, *text);
    else
      notes.refuse("not_carried", path, "text alone has one question and its answer, so the record is not written",
                   "leave out the option strings, or choose other records");
  }

  void write_side(ft::ObjectWriter& row, std::string_view key, Messages& messages, std::size_t begin, std::size_t end,
                  bool strings, std::string_view path, std::string& out, ft::Notes& notes) {
    if (strings) {
      write_text(row, key, messages, begin, end, key == "prompt" ? "user" : "assistant", std::string(path), notes);
      return;
    }
    row.key(key);
    messages_.write(out, messages, begin, end, path, notes);
  }

  void write_preference(ft::Chat& chat, const trl::Spelling& spelling, bool strings, std::string& out,
                        ft::ObjectWriter& row, ft::Notes& notes) {
    if (chat.chosen.empty() || chat.rejected.empty()) {
      notes.refuse("not_carried", chat.chosen.empty() ? "/chosen" : "/rejected",
                   "the record has one answer of two, so it is not written", "choose the records that have both");
      return;
    }
    const bool implicit = spelling.implicit && strings == spelling.strings && (!strings || fits_strings(chat));
    if (!implicit) write_side(row, "prompt", chat.messages, 0, chat.messages.size(), strings, "/messages", out, notes);
    for (auto& [key, side] :
         {std::pair<std::string_view, Messages&>{"chosen", chat.chosen}, {"rejected", chat.rejected}}) {
      const std::string path = "/" + std::string(key);
      if (!implicit) {
        write_side(row, key, side, 0, side.size(), strings, path, out, notes);
      } else if (strings) {
        row.text(key, chat.messages[0].text.value_or("") + side[0].text.value_or(""));
      } else {
        row.key(key);
        messages_.write(out, chat.messages, 0, chat.messages.size(), "/messages", notes);
        out.back() = ',';
        const std::size_t at = out.size();
        messages_.write(out, side, 0, side.size(), path, notes);
        out.erase(at, 1);
      }
    }
  }

  void write_steps(ft::Chat& chat, bool strings, std::string& out, ft::ObjectWriter& row, ft::Notes& notes) {
    write_side(row, "prompt", chat.messages, 0, chat.messages.size(), strings, "/messages", out, notes);
    row.json("completions", *chat.fields.take("completions"));
    row.json("labels", *chat.fields.take("labels"));
  }

  void write_answer(ft::Chat& chat, const trl::Spelling& spelling, bool strings, std::string& out,
                    ft::ObjectWriter& row, ft::Notes& notes) {
    Messages& messages = chat.messages;
    std::size_t begin = trl::completion_begin(messages);
    const std::string* label = chat.fields.take("label");
    std::string type = type_ == "auto" ? spelling.type : type_;
    if (label) type = "prompt-completion";
    if (type.empty()) type = begin == messages.size() ? "prompt" : strings ? "prompt-completion" : "messages";
    if (type == "messages") {
      row.key("messages");
      messages_.write(out, messages, 0, messages.size(), "/messages", notes);
      return;
    }
    if (label && *label != "true" && *label != "false") {
      notes.refuse("bad_label", "/label", "label is no boolean, so the record is not written", "write true or false");
      return;
    }
    if (spelling.completion > 0 && spelling.completion < messages.size()) begin = messages.size() - spelling.completion;
    if (type == "prompt" && type_ == "auto") begin = messages.size();
    if (begin == 0 || (begin == messages.size() && type != "prompt")) {
      notes.refuse("not_carried", "/messages",
                   begin == 0 ? "the record has an answer to nothing, so it is not written"
                              : "the record has no answer, so it is not written",
                   "choose other records, or another type");
      return;
    }
    write_side(row, "prompt", messages, 0, begin, strings, "/messages", out, notes);
    if (type == "prompt-completion")
      write_side(row, "completion", messages, begin, messages.size(), strings, "/messages", out, notes);
    else
      for (std::size_t i = begin; i < messages.size(); ++i)
        notes.dropped("/messages/" + std::to_string(i), "a row of the type prompt has no answer");
    if (label) row.json("label", *label);
  }

  std::string type_;
  bool strings_, tools_as_text_;
  dom::parser parser_;
  trl::MessageWriter messages_;
};

}  // namespace

FT_PLUGIN(Trl)

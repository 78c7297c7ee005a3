// together: the rows of Together's fine-tuning, as JSON Lines: {"messages", "tools"?}, {"prompt", "completion"},
// {"text"} and {"input", "preferred_output", "non_preferred_output"}, each with a "weight" of the row. A file is of one
// shape. A record keeps under metadata.together what its fields do not say.
#include <ft/chat_preference.hpp>
#include <ft/chat_spelling.hpp>

#include "rules.hpp"

namespace {

namespace dom = simdjson::dom;

constexpr ft_column kColumns[] = {{"", FT_RAW}};
constexpr double kSure = 0.9, kPossible = 0.3;

enum class Shape { conversational, instruction, text, preference };
constexpr std::pair<Shape, std::string_view> kShapes[] = {{Shape::conversational, "conversational"},
                                                          {Shape::instruction, "instruction"},
                                                          {Shape::text, "text"},
                                                          {Shape::preference, "preference"}};

std::optional<Shape> shape_of(std::string_view name) {
  for (const auto& [shape, known] : kShapes) {
    if (known == name) return shape;
  }
  return std::nullopt;
}
std::string name_of(Shape shape) { return std::string(kShapes[static_cast<std::size_t>(shape)].second); }

class Together : public ft::ChatFormatter<Together> {
 public:
  static constexpr ft::Info info{
      .name = "together",
      .version = "1.0.0",
      .summary = "Together's rows: messages, prompt and completion, text or preferences, with weights",
      .config_schema = R"({"type": "object", "additionalProperties": false, "properties": {
        "shape": {"enum": ["auto", "conversational", "instruction", "text", "preference"], "default": "auto",
                  "description": "of the rows that are written; auto: as the first record was read, else by what it holds"}}})",
      .flags = FT_DETERMINISTIC | FT_JSON_ROWS,
      .columns = kColumns,
      .rules = together::kRules};

  static constexpr bool carries_preferences = true;

  explicit Together(const ft::Config& config) : given_(shape_of(std::string(config["shape"]))) {}

  // Most rows are OpenAI's as well: the share of those with a weight of their own or with reasoning decides.
  double detect(const ft::Call& call, std::string_view sample, std::string_view name) {
    return ft::by_share(ChatFormatter::detect(call, sample, name), kPossible, kSure);
  }

  static double recognise(dom::object row) {
    std::string_view text;
    dom::array messages;
    if (row.at_key("messages").get(messages) == simdjson::SUCCESS) {
      for (const std::string_view other :
           {"prompt", "text", "input", "chosen", "rejected", "label", "kto_tag", "system", "schemaVersion", "images",
            "videos", "audios", "id", "created_at"}) {
        if (ft::has_any(row, {other})) return 0;
      }
      return weighs(row) || reasons(messages) ? kSure : kPossible;
    }
    if (ft::is_preference(row)) return kPossible;
    const bool instruction = ft::find_text(row, "prompt", text) && ft::find_text(row, "completion", text);
    return instruction || ft::find_text(row, "text", text) ? kPossible : 0;
  }

  void read(dom::object row, ft::Chat& chat, ft::Notes& notes) {
    std::string kept;
    ft::ObjectWriter spelling(kept);
    dom::element value;
    if (ft::find(row, "messages", value)) {
      ft::read_messages(value, "/messages", chat.messages, notes);
      ft::refuse_empty(chat.messages, "/messages", notes);
      keep(row, {"messages"}, chat, notes);
    } else if (ft::has_any(row, {"input", "preferred_output", "non_preferred_output"})) {
      const std::string others = ft::read_preference(row, chat, notes);
      if (others != "{}") spelling.json("input", others);
    } else if (ft::has_any(row, {"prompt", "completion"})) {
      read_instruction(row, chat, notes);
      keep(row, {"prompt", "completion"}, chat, notes);
      spelling.text("shape", "instruction");
    } else if (ft::find(row, "text", value)) {
      std::string_view text;
      if (ft::need_text(row, "text", "", text, notes)) add_text("assistant", text, "/text", chat, notes);
      keep(row, {"text"}, chat, notes);
      spelling.text("shape", "text");
    } else {
      notes.refuse("no_messages", "", "the row has no messages, prompt, text or input",
                   "if it is another format, name it with --format");
    }
    read_reasoning(chat, spelling, notes);
    spelling.end();
    ft::keep_spelling(chat.fields, info.name, kept, notes);
  }

  void write(ft::Chat& chat, std::string& out, ft::Notes& notes) {
    Spelling spelling;
    if (dom::object kept; ft::take_spelling(chat.fields, info.name, parser_, kept)) spelling = Spelling::of(kept);
    const bool preference = !chat.chosen.empty() || !chat.rejected.empty();
    const Shape own = preference ? Shape::preference : spelling.shape.value_or(Shape::conversational);
    const Shape shape = begun_ ? shape_ : given_.value_or(own);
    if ((shape == Shape::preference) != preference) {
      notes.refuse("not_carried", preference ? "/chosen" : "/rejected",
                   "a file is of one shape, and this one is " + name_of(shape) + ", so the record is not written",
                   "choose the records of that shape, and write the others to a file of their own");
      return;
    }
    ft::ObjectWriter row(out);
    if (shape == Shape::preference)
      write_preference(chat, spelling, row, out, notes);
    else if (shape == Shape::instruction)
      write_instruction(chat, row, notes);
    else if (shape == Shape::text)
      write_text(chat, row, notes);
    else
      write_conversation(chat, spelling, row, out, notes);
    if (const std::string* weight = chat.fields.take("weight")) row.json("weight", *weight);
    row.end();
    if (notes.refused()) return;
    shape_ = shape;
    begun_ = true;
  }

  void encode(const ft::Call& call, ft::Part part, const ft::Rows& rows) {
    if (part == ft::Part::begin) begun_ = false;
    ChatFormatter::encode(call, part, rows);
  }

 private:
  // What a record keeps of the row's spelling.
  struct Spelling {
    std::optional<Shape> shape;
    bool reasoning_content = false;
    dom::object input;  // fields of `input` that are not known
    bool has_input = false;

    static Spelling of(dom::object kept) {
      Spelling spelling;
      std::string_view text;
      if (ft::find_text(kept, "shape", text)) spelling.shape = shape_of(text);
      spelling.reasoning_content = ft::find_text(kept, "reasoning", text) && text == "reasoning_content";
      spelling.has_input = kept.at_key("input").get(spelling.input) == simdjson::SUCCESS;
      return spelling;
    }
  };

  static bool weighs(dom::object row) {
    dom::element weight;
    double number = 0;
    return ft::find(row, "weight", weight) && weight.get(number) == simdjson::SUCCESS && number >= 0;
  }
  static bool reasons(dom::array messages) {
    for (const dom::element item : messages) {
      dom::object message;
      if (item.get(message) == simdjson::SUCCESS && ft::has_any(message, {"reasoning", "reasoning_content"}))
        return true;
    }
    return false;
  }

  // --- Reading

  static void keep(dom::object row, std::initializer_list<std::string_view> known, ft::Chat& chat, ft::Notes& notes) {
    for (const auto& [key, value] : row) {
      if (std::find(known.begin(), known.end(), key) != known.end()) continue;
      if (key == "messages" || key == "chosen" || key == "rejected")
        notes.dropped("/" + ft::pointer_token(key), "the row has it beside what it says itself");
      else
        chat.fields.add(key, value);
    }
  }

  static void add_text(std::string_view role, std::string_view text, const std::string& path, ft::Chat& chat,
                       ft::Notes& notes) {
    if (ft::is_blank(text))
      notes.refuse("empty_content", path, "it is empty", "write its text, or remove the row");
    else
      chat.messages.push_back(ft::text_message(role, text));
  }

  static void read_instruction(dom::object row, ft::Chat& chat, ft::Notes& notes) {
    std::string_view prompt, completion;
    ft::need_text(row, "prompt", "", prompt, notes);
    ft::need_text(row, "completion", "", completion, notes);
    if (notes.refused()) return;
    add_text("user", prompt, "/prompt", chat, notes);
    add_text("assistant", completion, "/completion", chat, notes);
  }

  // Records have `reasoning`; that a row says reasoning_content is its spelling, if all of its messages do.
  static void read_reasoning(ft::Chat& chat, ft::ObjectWriter& spelling, ft::Notes& notes) {
    const std::pair<std::string_view, std::vector<ft::Message>*> lists[] = {
        {chat.chosen.empty() ? "/messages/" : "/input/messages/", &chat.messages},
        {"/preferred_output/", &chat.chosen},
        {"/non_preferred_output/", &chat.rejected}};
    bool other = false, content = false;
    for (const auto& [path, list] : lists) {
      for (const ft::Message& message : *list) {
        other = other || message.fields.has("reasoning");
        content = content || message.fields.has("reasoning_content");
      }
    }
    if (content && !other) spelling.text("reasoning", "reasoning_content");
    for (const auto& [path, list] : lists) {
      for (std::size_t i = 0; i < list->size(); ++i) {
        ft::Fields& fields = (*list)[i].fields;
        if (!fields.has("reasoning_content") || fields.has("reasoning")) continue;
        fields.rename("reasoning_content", "reasoning");
        if (other)
          notes.reshaped(std::string(path) + std::to_string(i) + "/reasoning_content",
                         "other messages of the row say reasoning, and so does this one now");
      }
    }
  }

  // --- Writing

  // Messages with `weight` where they can be trained on.
  static void append(std::string& out, std::vector<ft::Message>& messages, const std::string& path, bool weights,
                     const Spelling& spelling, ft::Notes& notes) {
    out += "[";
    for (std::size_t i = 0; i < messages.size(); ++i) {
      ft::Message& message = messages[i];
      if (i > 0) out += ",";
      if (message.role == "developer") {
        message.role = "system";
        notes.reshaped(path + "/" + std::to_string(i) + "/role", "Together knows no developer: it became system");
      }
      ft::ObjectWriter object(out);
      ft::append_message_head(out, object, message);
      for (const std::string_view key : {"name", "tool_call_id"}) {
        if (const std::string* json = message.fields.take(key)) object.json(key, *json);
      }
      if (const std::string* json = weights ? message.fields.take("weight") : nullptr) object.json("weight", *json);
      if (const std::string* json = message.role == "assistant" ? message.fields.take("reasoning") : nullptr)
        object.json(spelling.reasoning_content ? "reasoning_content" : "reasoning", *json);
      object.end();
    }
    out += "]";
  }

  static void write_conversation(ft::Chat& chat, const Spelling& spelling, ft::ObjectWriter& row, std::string& out,
                                 ft::Notes& notes) {
    if (chat.messages.empty()) {
      notes.refuse("no_messages", "/messages", "the record has no messages, so it is not written",
                   "choose the records that have them, or another format");
    }
    row.key("messages");
    append(out, chat.messages, "/messages", true, spelling, notes);
    if (const std::string* tools = chat.fields.take("tools")) row.json("tools", *tools);
  }

  static void write_preference(ft::Chat& chat, const Spelling& spelling, ft::ObjectWriter& row, std::string& out,
                               ft::Notes& notes) {
    if (!ft::has_preference(chat, notes)) return;
    row.key("input");
    ft::ObjectWriter input(out);
    input.key("messages");
    append(out, chat.messages, "/messages", true, spelling, notes);
    for (const std::string_view key : {"tools", "parallel_tool_calls"}) {
      if (const std::string* json = chat.fields.take(key)) input.json(key, *json);
    }
    if (spelling.has_input) {
      for (const auto& [key, value] : spelling.input) input.json(key, simdjson::minify(value));
    }
    input.end();
    row.key(ft::kPreferred.key);
    append(out, chat.chosen, "/chosen", false, spelling, notes);
    row.key(ft::kNonPreferred.key);
    append(out, chat.rejected, "/rejected", false, spelling, notes);
  }

  static void write_instruction(ft::Chat& chat, ft::ObjectWriter& row, ft::Notes& notes) {
    const auto pair = ft::prompt_and_completion(chat, info.name, notes);
    if (!pair) return;
    row.text("prompt", pair->first);
    row.text("completion", pair->second);
  }

  static void write_text(ft::Chat& chat, ft::ObjectWriter& row, ft::Notes& notes) {
    if (const auto text = ft::lone_text(chat, info.name, notes)) row.text("text", *text);
  }

  const std::optional<Shape> given_;
  dom::parser parser_;
  // Of the export under way:
  bool begun_ = false;
  Shape shape_ = Shape::conversational;
};

}  // namespace

FT_PLUGIN(Together)

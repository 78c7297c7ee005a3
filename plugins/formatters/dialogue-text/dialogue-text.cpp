// dialogue-text: one conversation a file, in lines under the headers "System:", "User:" and "Assistant:". The first
// system block may be cut by "--- END EXAMPLE ---" into a prompt that can be replaced and lines that stay.
//
// The record keeps the lines behind that marker in metadata.system_dynamic, the system message holds both: exporting
// puts the marker back where the message still ends with those lines.
#include <ft/jsonl.hpp>
#include <ft/messages.hpp>

#include <unordered_set>
#include <vector>

#include "lines.hpp"

namespace {

namespace dom = simdjson::dom;
using dialogue::Block;

constexpr ft_column kColumns[] = {{"", FT_RAW}};

// A file name that every system takes: letters, digits, '-', '_' and '.' stay, the rest is %XX.
std::string safe_name(std::string_view id) {
  static constexpr char kHex[] = "0123456789ABCDEF";
  std::string name;
  for (const char c : id.substr(0, 60)) {
    const auto byte = static_cast<unsigned char>(c);
    const bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') || c == '-' ||
                       c == '_' || (c == '.' && !name.empty());
    if (plain)
      name += c;
    else
      (name += '%') += {kHex[byte >> 4], kHex[byte & 15]};
  }
  return name;
}

class DialogueText : public ft::Formatter {
 public:
  static constexpr ft::Info info{.name = "dialogue-text",
                                 .version = "1.0.0",
                                 .summary = "one conversation a .txt file, under System:, User: and Assistant: lines",
                                 .config_schema = R"({"type": "object", "additionalProperties": false, "properties": {
        "split_system": {"type": "boolean", "default": false,
                         "description": "make two system messages of the prompt and the lines behind its marker"},
        "system_prompt": {"type": ["string", "null"], "default": null,
                          "description": "put this in place of the system prompt; the lines behind its marker stay"}}})",
                                 .flags = FT_DETERMINISTIC,
                                 .columns = kColumns};

  explicit DialogueText(const ft::Config& config) : split_system_(config["split_system"]) {
    if (config["system_prompt"].is_null()) return;
    system_prompt_ = config["system_prompt"];
    dialogue::clean(system_prompt_);
    if (system_prompt_.empty())
      throw ft::Error(FT_E_CONFIG, "is blank", "config /system_prompt", "write a prompt, or leave it out");
  }

  double detect(const ft::Call& call, std::string_view sample, std::string_view name) {
    std::size_t headers = 0, lines = 0;
    bool begins_with_header = false;
    for (std::size_t begin = 0; begin < sample.size();) {
      const std::size_t end = std::min(sample.find('\n', begin), sample.size());
      std::string_view line = sample.substr(begin, end - begin);
      if (begin == 0 && line.starts_with("\xEF\xBB\xBF")) line.remove_prefix(3);
      begin = end + 1;
      if (dialogue::blank(line)) continue;
      const bool header = !dialogue::header_role(line).empty();
      if (lines == 0) begins_with_header = header;
      headers += header;
      ++lines;
    }
    if (!begins_with_header) {
      call.detail(0, "the file does not begin with a System:, User: or Assistant: line");
      return 0;
    }
    call.detail(0, "the file begins with a role line and has " + std::to_string(headers) + " of them");
    return (headers > 1 ? 0.9 : 0.6) + (name.ends_with(".txt") ? 0.05 : 0);
  }

  void decode(const ft::Call& call, ft::Source& source) {
    dialogue::Reader reader(call);
    std::string_view line;
    for (std::uint64_t number = 0; source.next_line(line, number);) {
      if (number % 1024 == 0) call.stop_if_cancelled();
      if (source.too_long()) return ft::report_too_long(call, number);
      reader.line(line, number);
    }
    auto blocks = reader.finish();
    if (blocks.empty()) return;

    if (!system_prompt_.empty()) {
      if (blocks.front().role != "system") blocks.insert(blocks.begin(), Block{"system", "", "", false, 1});
      blocks.front().text = system_prompt_;
    }
    std::string record = "{\"messages\":[";
    std::string metadata;
    const auto message = [&](std::string_view role, std::string_view text) {
      if (record.back() != '[') record += ",";
      record += R"({"role":")" + std::string(role) + R"(","content":)";
      ft::append_json_string(record, text);
      record += "}";
    };
    for (const Block& block : blocks) {
      if (!block.marker) {
        message(block.role, block.text);
      } else if (split_system_) {
        if (!block.text.empty()) message(block.role, block.text);
        if (!block.dynamic.empty()) message(block.role, block.dynamic);
      } else {
        message(block.role, dialogue::joined(block.text, block.dynamic));
      }
      if (!block.marker || (split_system_ && !block.text.empty() && !block.dynamic.empty())) continue;
      metadata = R"(,"metadata":{"system_dynamic":)";
      ft::append_json_string(metadata, block.dynamic);
      metadata += "}";
    }
    call.record(1, record + "]" + metadata + "}");
  }

  void encode(const ft::Call& call, ft::Part part, const ft::Rows& rows) {
    if (part != ft::Part::rows) return;
    for (std::size_t row = 0; row < rows.size(); ++row) {
      call.stop_if_cancelled();
      const std::string_view text = rows.get(0, row);
      dom::object record;
      if (const auto error = parser_.parse(text.data(), text.size(), true).get(record)) {
        const ft::LineProblem problem = ft::line_problem(text, error);
        call.finding(rows.line(row), "bad_record", "error", "", "the record cannot be read: " + problem.message,
                     problem.hint);
        continue;
      }
      try {
        write_row(call, rows.line(row), record);
      } catch (const simdjson::simdjson_error& error) {
        call.finding(rows.line(row), "bad_record", "error", "",
                     "the record cannot be read: " + ft::json_problem(error.error()), "mend it in the dataset");
      }
    }
  }

 private:
  struct Losses {
    const ft::Call& call;
    std::uint64_t row;
    void dropped(const std::string& path, std::string_view message) const { call.loss(row, path, "dropped", message); }
    void reshaped(const std::string& path, std::string_view message) const {
      call.loss(row, path, "reshaped", message);
    }
  };

  void write_row(const ft::Call& call, std::uint64_t line, dom::object record) {
    const Losses losses{call, line};
    dom::array messages;
    if (record["messages"].get(messages)) {
      call.finding(line, "no_messages", "error", "/messages", "the record has no messages, so it is not written",
                   "choose the records that have them, or another format");
      return;
    }
    if (!carried(call, line, record)) return;
    std::vector<Block> blocks;
    std::size_t index = 0;
    for (dom::element message : messages)
      add_message(message.get_object(), "/messages/" + std::to_string(index++), losses, blocks);
    if (blocks.empty()) {
      call.finding(line, "no_messages", "error", "/messages",
                   "the record has no message with text, so it is not written",
                   "choose the records that have them, or another format");
      return;
    }
    place_marker(record, losses, blocks);
    for (const auto& [key, value] : record) {
      if (key == "messages" || value.is_null()) continue;
      dom::object metadata;
      if (key == "metadata" && value.get(metadata) == simdjson::SUCCESS && metadata.size() == 1 &&
          metadata["system_dynamic"].error() == simdjson::SUCCESS) {
        continue;
      }
      if (ft::is_bookkeeping(key))
        losses.dropped("/" + ft::pointer_token(key), ft::kBookkeeping);
      else
        losses.dropped(ft::lost_path(key, value), "dialogue-text has no such field");
    }
    call.file(file_name(record, line), dialogue::print(blocks));
  }

  // No preferences, and no answers that are marked as bad.
  static bool carried(const ft::Call& call, std::uint64_t line, dom::object record) {
    ft::Chat answers;
    ft::Notes notes;
    dom::array list;
    bool good = true;
    if (record["chosen"].get(list) == simdjson::SUCCESS && list.size() > 0) answers.chosen.emplace_back();
    if (record["rejected"].get(list) == simdjson::SUCCESS && list.size() > 0) answers.rejected.emplace_back();
    if (record["label"].get(good) == simdjson::SUCCESS && !good) answers.fields.add("label", "false");
    ft::refuse_preference(answers, info.name, notes);
    ft::refuse_bad_label(answers, info.name, notes);
    return ft::report(call, line, notes);
  }

  void add_message(dom::object message, const std::string& path, const Losses& losses, std::vector<Block>& blocks) {
    const std::string_view role = message["role"].get_string();
    if (role != "system" && role != "developer" && role != "user" && role != "assistant") {
      losses.dropped(path, "dialogue-text has no role \"" + std::string(role) + "\"");
      return;
    }
    for (const auto& [key, value] : message) {
      if (key != "role" && key != "content" && !value.is_null())
        losses.dropped(path + "/" + ft::pointer_token(key), "dialogue-text has no such field in a message");
    }
    if (role == "developer") losses.reshaped(path + "/role", "developer became System:");
    std::string text = content_text(message, path + "/content", losses);
    const std::string given = text;
    dialogue::clean(text);
    if (text.empty()) {
      losses.dropped(path, "the message has no text");
      return;
    }
    if (text != given) losses.reshaped(path + "/content", "blank lines around it and carriage returns are not kept");
    const std::string kept(role == "developer" ? "system" : role);
    // A second system message at the head is what stands behind the marker; other neighbours become one block.
    if (!blocks.empty() && blocks.back().role == kept) {
      Block& before = blocks.back();
      const bool head = blocks.size() == 1 && kept == "system" && !before.marker;
      if (head) {
        before.marker = true;
        before.dynamic = text;
        if (!split_system_) losses.reshaped(path, "the second system message became the lines behind the marker");
      } else {
        (before.marker ? before.dynamic : before.text) += "\n" + text;
        losses.reshaped(path, "joined with the message of the same role before it");
      }
      return;
    }
    blocks.push_back({kept, std::move(text), "", false, 0});
  }

  static std::string content_text(dom::object message, const std::string& path, const Losses& losses) {
    dom::element content;
    if (message["content"].get(content) || content.is_null()) return {};
    if (content.is_string()) return std::string(content.get_string().value());
    std::string text;
    std::size_t index = 0;
    for (dom::element part : content.get_array()) {
      std::string_view piece;
      if (part["text"].get(piece)) {
        losses.dropped(path + "/" + std::to_string(index), "dialogue-text holds text only");
      } else {
        if (!text.empty()) text += "\n";
        text += piece;
      }
      ++index;
    }
    losses.reshaped(path, "the parts became one text");
    return text;
  }

  // Cuts the system message where metadata.system_dynamic says that the lines behind the marker begin.
  static void place_marker(dom::object record, const Losses& losses, std::vector<Block>& blocks) {
    std::string_view dynamic;
    if (record["metadata"]["system_dynamic"].get(dynamic)) return;
    Block& block = blocks.front();
    const bool whole = block.text == dynamic;
    const bool tail = dynamic.empty() || (block.text.size() > dynamic.size() && block.text.ends_with(dynamic) &&
                                          block.text[block.text.size() - dynamic.size() - 1] == '\n');
    if (block.role != "system" || block.marker || !(whole || tail)) {
      losses.dropped("/metadata/system_dynamic", "the system message does not end with these lines any more");
      return;
    }
    block.marker = true;
    block.dynamic = dynamic;
    if (whole)
      block.text.clear();
    else if (!dynamic.empty())
      block.text.resize(block.text.size() - dynamic.size() - 1);
  }

  // <id>.txt; <id>-<row>.txt where that name was given already.
  std::string file_name(dom::object record, std::uint64_t line) {
    std::string_view id;
    std::string name = record["id"].get(id) || id.empty() ? "row-" + std::to_string(line) : safe_name(id);
    if (!used_.insert(std::hash<std::string>{}(name)).second) name += "-" + std::to_string(line);
    return name + ".txt";
  }

  bool split_system_;
  std::string system_prompt_;  // empty: the files' own
  dom::parser parser_;
  std::unordered_set<std::size_t> used_;
};

}  // namespace

FT_PLUGIN(DialogueText)

// openai-chat: {"messages": [...], "tools"?, "parallel_tool_calls"?}, one row a line. Decoding passes a good line on as
// it stands, with fields that the format does not know; encoding writes what the format has and names what it drops.
#include <ft/chat.hpp>

#include <algorithm>
#include <array>
#include <utility>

#include "decode.hpp"
#include "rules.hpp"

namespace {

namespace ondemand = simdjson::ondemand;

constexpr ft_column kColumns[] = {{"", FT_RAW}};

constexpr std::array<std::string_view, 8> kMessageKeys = {"role",       "content",      "name",    "weight",
                                                          "tool_calls", "tool_call_id", "refusal", "audio"};

bool in_message(std::string_view key) {
  return std::find(kMessageKeys.begin(), kMessageKeys.end(), key) != kMessageKeys.end();
}

struct OpenAiChat : ft::Formatter {
  static constexpr ft::Info info{.name = "openai-chat",
                                 .version = "1.0.0",
                                 .summary = "chat rows {\"messages\": [...], \"tools\"?} as JSON Lines",
                                 .flags = FT_DETERMINISTIC | FT_JSON_ROWS,
                                 .columns = kColumns,
                                 .rules = openai_chat::kRules};

  explicit OpenAiChat(const ft::Config&) {}

  double detect(const ft::Call& call, std::string_view sample, std::string_view) {
    if (sample.starts_with("\xEF\xBB\xBF")) sample.remove_prefix(3);
    std::size_t chats = 0, lines = 0, rows = 0, other_format = 0;
    const auto look = [&](simdjson::dom::element row) {
      simdjson::dom::object object;
      bool other = false;
      ++rows;
      if (row.get(object) == simdjson::SUCCESS && is_chat(object, other)) ++(other ? other_format : chats);
    };
    simdjson::dom::element row;
    if (const std::size_t start = sample.find_first_not_of(" \t\r\n"); start != sample.npos && sample[start] == '[') {
      ft::for_each_listed(sample, [&](std::string_view text) {
        if (parser_.parse(text.data(), text.size(), true).get(row) == simdjson::SUCCESS) look(row);
        return ++lines < 50;
      });
      sample = {};
    }
    for (std::size_t begin = 0; begin < sample.size() && lines < 50;) {
      const std::size_t end = std::min(sample.find('\n', begin), sample.size());
      const std::string_view line = sample.substr(begin, end - begin);
      begin = end + 1;
      if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
      const bool whole = parser_.parse(line.data(), line.size(), true).get(row) == simdjson::SUCCESS;
      if (!whole && end == sample.size()) {  // the sample may end inside a line
        if (lines > 0 || !openai_chat::begins_with_messages(line)) break;
        call.detail(0, "the first line, which is long, has messages");
        return 0.6;
      }
      ++lines;
      if (whole) look(row);
    }
    if (lines == 0) return 0;
    call.detail(
        0, (lines == 1 ? (chats ? "the first line has" : "the first line does not have")
                       : std::to_string(chats) + " of the first " + std::to_string(lines) + " lines have") +
               std::string(" messages with the roles of this format") +
               (other_format ? "; " + std::to_string(other_format) + " have keys of another format beside them" : ""));
    // Lines that are no JSON are found by decoding: they do not make it another format.
    if (rows == 0) return 0;
    return (0.95 * static_cast<double>(chats) + 0.3 * static_cast<double>(other_format)) / static_cast<double>(rows);
  }

  void decode(const ft::Call& call, ft::Source& source) {
    ft::for_each_json_row(call, source, [&](std::uint64_t number, std::string_view line, simdjson::dom::object row) {
      openai_chat::decode_row(call, number, line, row);
    });
  }

  void encode(const ft::Call& call, ft::Part part, const ft::Rows& rows) {
    if (part != ft::Part::rows) return;
    out_.clear();
    for (std::size_t row = 0; row < rows.size(); ++row) {
      if (row % 1024 == 0) call.stop_if_cancelled();
      const std::size_t begin = out_.size();
      notes_.clear();
      try {
        write_row(rows.get(0, row));
      } catch (const simdjson::simdjson_error& error) {
        notes_.refuse("broken_json", "", "the record is broken: " + ft::json_problem(error.error()),
                      "mend it in the dataset");
      }
      if (!ft::report(call, rows.line(row), notes_)) out_.resize(begin);
    }
    if (!out_.empty()) call.delta(out_);
  }

 private:
  // A row with messages of the known roles; `other`: it has keys by which another format is known, or a weight of its
  // own, reasoning or arguments that are objects, which are none of this format's.
  static bool is_chat(simdjson::dom::object row, bool& other) {
    simdjson::dom::array messages;
    if (row.at_key("messages").get(messages)) return false;
    simdjson::dom::element value;
    const bool is_record =
        row.at_key("id").get(value) == simdjson::SUCCESS || row.at_key("created_at").get(value) == simdjson::SUCCESS;
    for (simdjson::dom::element message : messages) {
      std::string_view role;
      if (message.at_key("role").get(role) || !(openai_chat::is_role(role) || role == "function")) return false;
      for (const std::string_view reasoning : {"reasoning", "reasoning_content"})
        other = other || (!is_record && message.at_key(reasoning).get(value) == simdjson::SUCCESS);
      simdjson::dom::array parts, calls;
      if (message.at_key("tool_calls").get(calls) == simdjson::SUCCESS) {
        for (simdjson::dom::element call : calls) {
          simdjson::dom::object arguments;
          other = other || call.at_pointer("/function/arguments").get(arguments) == simdjson::SUCCESS;
        }
      }
      if (message.at_key("content").get(parts)) continue;
      for (simdjson::dom::element part : parts) {
        simdjson::dom::element type;
        if (part.at_key("type").get(type)) other = true;
      }
    }
    other = other || (!is_record && row.at_key("weight").get(value) == simdjson::SUCCESS);
    for (const auto& [key, member] : row) {
      for (const std::string_view known : {"chosen", "rejected", "schemaVersion", "system", "label", "kto_tag",
                                           "images", "videos", "audios", "choices"})
        other = other || key == known;
    }
    return messages.begin() != messages.end();
  }

  // Appends the row's line to out_; notes_ gets what it drops, or why it is none.
  void write_row(std::string_view record) {
    ft::Chat answers;  // what of the record this format must not be given
    bool written = false, answered = false;
    out_ += "{";
    for (ondemand::field field : walker_.open(record).get_object()) {
      const std::string_view key = field.unescaped_key();
      if (key == "messages") {
        const std::size_t begin = out_.size();
        out_ += begin > 0 && out_.back() == '{' ? "\"messages\":[" : ",\"messages\":[";
        if (field.value().type() == ondemand::json_type::array)
          written = write_messages(field.value().get_array(), answered);
        out_ += "]";
      } else if (key == "tools" || key == "parallel_tool_calls") {
        const std::string_view raw = simdjson::to_json_string(field.value());
        if (raw != "null") append(key, raw);
      } else if (const std::string name(key); true) {
        const std::string_view raw = simdjson::to_json_string(field.value());
        if (raw == "null") continue;
        if (name == "label") answers.fields.add(name, std::string(raw));
        if ((name == "chosen" || name == "rejected") && raw != "[]")
          (name == "chosen" ? answers.chosen : answers.rejected).emplace_back();
        ft::drop_field(name, raw, info.name, notes_);
      }
    }
    out_ += "}\n";
    ft::refuse_preference(answers, info.name, notes_);
    ft::refuse_bad_label(answers, info.name, notes_);
    if (!written) {
      notes_.refuse("no_messages", "/messages", "the record has no messages, so it is not written",
                    "choose the records that have them, or another format");
    } else if (!answered && !notes_.refused()) {
      notes_.refuse("not_carried", "/messages",
                    "openai-chat trains on answers, and the record has none, so it is not written",
                    "choose the records with an answer, or another format");
    }
  }

  // False where there are none.
  bool write_messages(ondemand::array messages, bool& answered) {
    std::size_t index = 0;
    for (ondemand::value message : messages) {
      if (index > 0) out_ += ",";
      out_ += "{";
      for (ondemand::field field : message.get_object()) {
        const std::string key(std::string_view(field.unescaped_key()));
        const std::string_view raw = simdjson::to_json_string(field.value());
        if (key == "role") answered = answered || raw == R"("assistant")";
        if (in_message(key)) {
          if (raw != "null" || key == "content") append(key, raw);
        } else if (raw != "null") {
          notes_.dropped("/messages/" + std::to_string(index) + "/" + ft::pointer_token(key),
                         "openai-chat has no such field in a message");
        }
      }
      out_ += "}";
      ++index;
    }
    return index > 0;
  }

  void append(std::string_view key, std::string_view raw) {
    if (out_.back() != '{') out_ += ",";
    ft::append_json_string(out_, key);
    out_ += ":";
    out_ += raw;
  }

  simdjson::dom::parser parser_;
  ft::JsonWalker walker_;
  std::string out_;
  ft::Notes notes_;
};

}  // namespace

FT_PLUGIN(OpenAiChat)

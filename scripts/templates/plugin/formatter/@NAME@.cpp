// @NAME@: {"question": ..., "answer": ...}, one row a line.
#include <ft/jsonl.hpp>

namespace {

constexpr ft_column kColumns[] = {{"", FT_RAW}};  // the whole record

class @CLASS@ : public ft::Formatter {
 public:
  static constexpr ft::Info info{.name = "@NAME@",
                                 .version = "0.1.0",
                                 .summary = "rows {\"question\", \"answer\"} as JSON Lines",
                                 .flags = FT_DETERMINISTIC,
                                 .columns = kColumns};

  explicit @CLASS@(const ft::Config&) {}

  // 0 to 1: how sure it is that a file that begins with `sample` is its own.
  double detect(const ft::Call& call, std::string_view sample, std::string_view) {
    simdjson::dom::object row;
    const std::string_view line = sample.substr(0, sample.find('\n'));
    const bool own = parser_.parse(line.data(), line.size(), true).get(row) == simdjson::SUCCESS &&
                     row["question"].is_string() && row["answer"].is_string();
    call.detail(0, own ? "the first line has a question and an answer" : "the first line has no question and answer");
    return own ? 0.9 : 0;
  }

  // Every good line becomes a record; every other one a finding, and the lines after it go on.
  void decode(const ft::Call& call, ft::Source& source) {
    ft::for_each_json_row(call, source, [&](std::uint64_t line, std::string_view, simdjson::dom::object row) {
      std::string_view question, answer;
      if (row["question"].get(question) || row["answer"].get(answer)) {
        call.finding(line, "no_question", "error", "", "the row has no question or no answer",
                     "write {\"question\": ..., \"answer\": ...}");
        return;
      }
      std::string record = R"({"messages":[{"role":"user","content":)";
      ft::append_json_string(record, question);
      record += R"(},{"role":"assistant","content":)";
      ft::append_json_string(record, answer);
      record += "}]";
      for (const auto& [key, value] : row) {  // fields that it does not know stay in the record
        if (key == "question" || key == "answer" || key == "messages") continue;
        record += ",";
        ft::append_json_string(record, key);
        record += ":" + simdjson::minify(value);
      }
      call.record(line, record + "}");
    });
  }

  // Writes what the format has, and names each field that it drops.
  void encode(const ft::Call& call, ft::Part part, const ft::Rows& rows) {
    if (part != ft::Part::rows) return;
    for (std::size_t row = 0; row < rows.size(); ++row) {
      call.stop_if_cancelled();
      write(call, rows.line(row), reader_.parse(rows.get(0, row)));
    }
  }

 private:
  void write(const ft::Call& call, std::uint64_t line, simdjson::dom::element record) {
    simdjson::dom::element question, answer;
    simdjson::dom::array messages;
    std::string_view first, second, asked, answered;
    if (record["messages"].get(messages) || messages.size() != 2 || messages.at(0).get(question) ||
        messages.at(1).get(answer) || question["role"].get(first) || answer["role"].get(second) || first != "user" ||
        second != "assistant" || question["content"].get(asked) || answer["content"].get(answered)) {
      call.finding(line, "not_a_pair", "error", "/messages",
                   "the record is not one question and one answer, so it is not written", "choose another format");
      return;
    }
    // What a person has refused must not become training data.
    bool good;
    if (record["chosen"].error() == simdjson::SUCCESS || record["rejected"].error() == simdjson::SUCCESS ||
        (record["label"].get(good) == simdjson::SUCCESS && !good)) {
      call.finding(line, "not_carried", "error", "", "@NAME@ has one good answer a row, so the record is not written",
                   "choose a format of preferences or labels");
      return;
    }
    report_fields(call, line, question, "/messages/0");
    report_fields(call, line, answer, "/messages/1");
    report_fields(call, line, record, "");
    std::string text = R"({"question":)";
    ft::append_json_string(text, asked);
    text += R"(,"answer":)";
    ft::append_json_string(text, answered);
    call.delta(text + "}\n");
  }

  static void report_fields(const ft::Call& call, std::uint64_t line, simdjson::dom::object object,
                            const std::string& path) {
    for (const auto& [key, value] : object) {
      if (key == "messages" || (!path.empty() && (key == "role" || key == "content")) || value.is_null()) continue;
      const bool bookkeeping = path.empty() && ft::is_bookkeeping(key);
      call.loss(line, path + "/" + ft::pointer_token(key), "dropped",
                bookkeeping ? ft::kBookkeeping : "@NAME@ has no such field");
    }
  }

  simdjson::dom::parser parser_;
  ft::JsonReader reader_;
};

}  // namespace

FT_PLUGIN(@CLASS@)

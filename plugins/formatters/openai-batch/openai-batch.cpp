// openai-batch: the lines of the Batch API, requests {"custom_id", "method", "url", "body"} and responses {"custom_id",
// "response": {"body"}}. A file may hold both, in any order: an answer joins its request by custom_id. What is neither
// message nor tool (model, temperature, url, usage ...) is kept under metadata.openai-batch.
#include <algorithm>
#include <ft/chat_own.hpp>
#include <functional>
#include <unordered_map>
#include <unordered_set>

#include "rules.hpp"

namespace {

namespace dom = simdjson::dom;

constexpr ft_column kColumns[] = {{"", FT_RAW}};
constexpr std::string_view kEndpoint = "/v1/chat/completions";
constexpr std::size_t kHeld = 50'000;  // lines that wait for their other half: as many as a batch has

struct Answer {
  std::uint64_t line = 0;
  ft::Message message;
  std::string about;  // JSON: id, model, usage, ...
};

struct Request {
  ft::Chat chat;
  std::string custom_id, kept;  // kept: the fields for metadata.openai-batch, without braces
};

class OpenAiBatch : public ft::ChatFormatter<OpenAiBatch> {
 public:
  static constexpr ft::Info info{.name = "openai-batch",
                                 .version = "1.0.0",
                                 .summary = "requests and responses of the Batch API, and stored completions",
                                 .config_schema = R"({"type": "object", "additionalProperties": false, "properties": {
        "model": {"type": "string", "default": "", "description": "the model that is asked; empty: the one that a record was imported with"},
        "endpoint": {"type": "string", "default": "", "description": "the url of each request; empty: the record's own, else /v1/chat/completions"}}})",
                                 .flags = FT_DETERMINISTIC | FT_JSON_ROWS,
                                 .columns = kColumns,
                                 .rules = openai_batch::kRules};

  static constexpr bool carries_preferences = true, carries_labels = true, carries_refusals = true;

  explicit OpenAiBatch(const ft::Config& config) : model_(config["model"]), endpoint_(config["endpoint"]) {}

  static double recognise(dom::object row) {
    std::string_view id;
    dom::object body;
    if (is_stored(row)) return 0.95;
    if (!ft::find_text(row, "custom_id", id)) return 0;
    const bool known =
        row.at_key("body").get(body) == simdjson::SUCCESS || row.at_key("response").get(body) == simdjson::SUCCESS;
    return known ? 0.95 : 0;
  }

  void decode(const ft::Call& call, ft::Source& source) {
    waiting_.clear();
    by_id_.clear();
    answers_.clear();
    ft::for_each_json_row(
        call, source, [&](std::uint64_t number, std::string_view, dom::object row) { read_line(call, number, row); });
    while (!waiting_.empty()) emit_oldest(call);
    std::vector<std::uint64_t> lines;
    for (const auto& [id, answer] : answers_) lines.push_back(answer.line);
    std::sort(lines.begin(), lines.end());
    for (const std::uint64_t line : lines) no_request(call, line);
  }

  void encode(const ft::Call& call, ft::Part part, const ft::Rows& rows) {
    if (part == ft::Part::begin) {
      used_.clear();
      requests_ = 0;
      warned_ = false;
    }
    without_model_ = false;
    ChatFormatter::encode(call, part, rows);
    if (!without_model_ || warned_) return;
    warned_ = true;
    call.finding(rows.line(0), "no_model", "warning", "",
                 "requests of records that name no model are written without one",
                 "name one with --format-option model=NAME");
  }

  void write(ft::Chat& chat, std::string& out, ft::Notes& notes) {
    std::size_t count = chat.messages.size();
    for (; count > 0 && chat.messages[count - 1].role == "assistant"; --count)
      notes.dropped("/messages/" + std::to_string(count - 1), "a request ends before the answer");
    if (count == 0) {
      notes.refuse("no_messages", "/messages", "the record asks nothing, so it is not written",
                   "choose the records with a question");
      return;
    }
    for (const auto& [name, list] : {std::pair("/chosen", &chat.chosen), std::pair("/rejected", &chat.rejected)}) {
      if (!list->empty()) notes.dropped(name, "a request ends before the answer");
    }
    const ft::Own own(chat.fields, info.name);
    dom::element value;
    if (own.find("answer", value)) notes.dropped("/metadata/openai-batch/answer", ft::kBookkeeping);
    ft::ObjectWriter row(out);
    row.text("custom_id", custom_id(chat, own, notes));
    const std::string_view method = own.text("method"), url = own.text("url");
    row.text("method", method.empty() ? "POST" : method);
    row.text("url", !endpoint_.empty() ? endpoint_ : url.empty() ? kEndpoint : url);
    row.key("body");
    write_body(chat, count, own, out);
    row.end();
  }

 private:
  // --- Reading ---

  // A completion that the service has stored, with the messages that it answers.
  static bool is_stored(dom::object row) {
    dom::array choices, messages;
    dom::element value;
    return row.at_key("choices").get(choices) == simdjson::SUCCESS &&
           row.at_key("messages").get(messages) == simdjson::SUCCESS && !ft::find(row, "custom_id", value);
  }

  void read_stored(const ft::Call& call, std::uint64_t number, dom::object row) const {
    ft::Notes notes;
    Request request;
    ft::Chat& chat = request.chat;
    ft::read_messages(row.at_key("messages").value(), "/messages", chat.messages, notes);
    if (!notes.refused()) ft::refuse_empty(chat.messages, "/messages", notes);
    if (!notes.refused() && chat.messages.empty())
      notes.refuse("no_messages", "/messages", "the list of messages is empty", "fill it, or remove the row");
    auto answer = read_choice(row, number, "", notes);
    notes.reshaped("/choices", "a stored completion is written as the request that it answers");
    if (!ft::report(call, number, notes) || !answer) return;
    ft::ObjectWriter about(answer->about);
    for (const auto& [key, value] : row) {
      if (key == "tools" || key == "parallel_tool_calls" || key == "response_format" || key == "metadata")
        chat.fields.add(key, value);
      else if (key != "messages" && key != "choices")
        about.json(key, simdjson::minify(value));
    }
    about.end();
    request.kept = "{";
    if (std::string_view model; ft::find_text(row, "model", model)) {
      ft::ObjectWriter body(request.kept = R"({"body":)");
      body.text("model", model);
      body.end();
    }
    emit(call, number, std::move(request), &*answer);
  }

  void read_line(const ft::Call& call, std::uint64_t number, dom::object row) {
    if (is_stored(row)) {
      read_stored(call, number, row);
      return;
    }
    ft::Notes notes;
    Request request;
    std::optional<Answer> answer;
    dom::element value;
    std::string_view id;
    const bool asks = ft::find(row, "body", value);
    const bool answers = ft::find(row, "response", value) || ft::find(row, "error", value);
    if (ft::find_text(row, "custom_id", id)) request.custom_id = id;
    if (!asks && !answers)
      notes.refuse("no_messages", "/body", "the row has neither a body nor a response",
                   "it must be a line of a batch; if it is another format, name it with --format");
    else if (!asks && id.empty())
      notes.refuse("no_custom_id", "/custom_id", "a response without custom_id: it cannot be joined to its request",
                   "repeat the custom_id of the request");
    if (asks) read_request(row, request, notes);
    if (answers) answer = read_response(number, row, notes);
    for (const auto& refusal : notes.refusals())
      call.finding(number, refusal.code, "error", refusal.path, refusal.message, refusal.hint);
    if (notes.refused()) return;
    for (const auto& loss : notes.losses()) call.loss(number, loss.path, loss.action, loss.message);
    const auto known = by_id_.find(request.custom_id);
    if (asks && !answers && !id.empty()) {
      if (const auto found = answers_.find(request.custom_id); found != answers_.end()) {
        answer = std::move(found->second);
        answers_.erase(found);
      } else {
        if (known != by_id_.end()) emit_waiting(call, waiting_.find(known->second));
        if (waiting_.size() >= kHeld) emit_oldest(call);
        by_id_[request.custom_id] = number;
        waiting_.emplace(number, std::move(request));
        return;
      }
    }
    if (asks) {
      emit(call, number, std::move(request), answer ? &*answer : nullptr);
    } else if (known != by_id_.end()) {
      const auto waiting = waiting_.find(known->second);
      by_id_.erase(known);
      emit(call, waiting->first, std::move(waiting->second), &*answer);
      waiting_.erase(waiting);
    } else if (answers_.size() >= kHeld || !answers_.emplace(request.custom_id, std::move(*answer)).second) {
      no_request(call, number);
    }
  }

  static void read_request(dom::object row, Request& request, ft::Notes& notes) {
    dom::object body;
    dom::element value;
    std::string_view text;
    if (row.at_key("body").get(body) || !ft::find(body, "messages", value)) {
      notes.refuse("no_messages", "/body/messages", "the request has no messages",
                   "requests of chat completions alone can be read");
      return;
    }
    ft::read_messages(value, "/body/messages", request.chat.messages, notes);
    if (!notes.refused()) ft::refuse_empty(request.chat.messages, "/body/messages", notes);
    if (!notes.refused() && request.chat.messages.empty())
      notes.refuse("no_messages", "/body/messages", "the list of messages is empty", "fill it, or remove the row");
    ft::keep_rest(row, {"custom_id", "method", "url", "body", "response", "error", "id"}, "", request.chat.fields,
                  notes);
    for (const std::string_view key : {"custom_id", "method", "url"}) {
      if (!ft::find_text(row, key, text) || text.empty())
        notes.reshaped("/" + std::string(key), "the row has no such text, and is written with one");
    }
    if (ft::find(row, "id", value)) notes.dropped("/id", "a request has its custom_id");
    ft::Fields others;
    for (const auto& [key, json] : body) {
      if (key == "tools" || key == "parallel_tool_calls" || key == "response_format")
        request.chat.fields.add(key, json);
      else if (key != "messages")
        others.add(key, json);
    }
    ft::ObjectWriter kept(request.kept);
    if (!request.custom_id.empty()) kept.text("custom_id", request.custom_id);
    if (ft::find_text(row, "method", text) && text != "POST") kept.text("method", text);
    if (ft::find_text(row, "url", text) && text != kEndpoint) kept.text("url", text);
    if (!others.all().empty()) {
      kept.key("body");
      ft::ObjectWriter fields(request.kept);
      for (const ft::Field& field : others.all()) fields.json(field.key, field.json);
      fields.end();
    }
  }

  static std::optional<Answer> read_response(std::uint64_t number, dom::object row, ft::Notes& notes) {
    dom::object response, body, choice, about_error;
    dom::array choices;
    dom::element first, error;
    std::int64_t status = 200;
    const bool has_response = row.at_key("response").get(response) == simdjson::SUCCESS;
    const bool has_body = has_response && response.at_key("body").get(body) == simdjson::SUCCESS;
    if (has_response && response.at_key("status_code").get(status)) status = 200;
    const bool has_error = ft::find(row, "error", error) || (has_body && ft::find(body, "error", error));
    if (has_error || status >= 400) {
      std::string_view why;
      if (has_error && error.get(about_error) == simdjson::SUCCESS) ft::find_text(about_error, "message", why);
      notes.refuse("failed_request", "/response",
                   "the request failed" + (why.empty() ? std::string() : ": " + std::string(why)),
                   "send it again; it has no answer");
      return std::nullopt;
    }
    if (!has_body) {
      notes.refuse("no_answer", "/response/body", "the response has no body",
                   "responses of chat completions alone can be read");
      return std::nullopt;
    }
    auto answer = read_choice(body, number, "/response/body", notes);
    if (!answer) return std::nullopt;
    ft::ObjectWriter about(answer->about);
    for (const auto& [key, value] : response) {
      if (key != "body") about.json(key, simdjson::minify(value));
    }
    for (const auto& [key, value] : body) {
      if (key != "choices") about.json(key, simdjson::minify(value));
    }
    if (body.at_key("choices").get(choices) == simdjson::SUCCESS && choices.at(0).get(first) == simdjson::SUCCESS &&
        first.get(choice) == simdjson::SUCCESS && ft::find(choice, "finish_reason", error))
      about.json("finish_reason", simdjson::minify(error));
    about.end();
    return answer;
  }

  // The message of the first choice, without what the response says about it.
  static std::optional<Answer> read_choice(dom::object body, std::uint64_t number, const std::string& path,
                                           ft::Notes& notes) {
    dom::array choices;
    dom::object choice;
    dom::element first, message;
    if (body.at_key("choices").get(choices) || choices.at(0).get(first) || first.get(choice) ||
        !ft::find(choice, "message", message)) {
      notes.refuse("no_answer", path + "/choices", "the response has no message",
                   "responses of chat completions alone can be read");
      return std::nullopt;
    }
    if (choices.size() > 1) notes.dropped(path + "/choices/1", "the first choice is the answer");
    ft::JsonReader reader;
    std::vector<ft::Message> messages;
    ft::read_messages(reader.parse("[" + std::string(simdjson::minify(message)) + "]"), path + "/choices", messages,
                      notes);
    if (messages.empty()) return std::nullopt;
    Answer answer;
    answer.line = number;
    answer.message = std::move(messages[0]);
    ft::Fields fields;  // without what is empty in every response
    for (const ft::Field& field : answer.message.fields.all()) {
      if (field.json != "null" && field.json != "[]") fields.add(field.key, field.json);
    }
    answer.message.fields = std::move(fields);
    if (ft::says_nothing(answer.message))
      notes.refuse("no_answer", path + "/choices/0/message", "the answer is empty", "remove the row");
    return answer;
  }

  void emit(const ft::Call& call, std::uint64_t number, Request request, const Answer* answer) const {
    ft::Chat& chat = request.chat;
    std::string kept = std::move(request.kept);
    if (answer) {
      chat.messages.push_back(answer->message);
      if (answer->about != "{}") kept += (kept == "{" ? "\"answer\":" : ",\"answer\":") + answer->about;
    }
    if (kept != "{" && !ft::keep_own(chat.fields, info.name, kept + "}"))
      call.loss(number, "/body", "dropped", "the row's metadata has no room for the model and the rest of the request");
    call.record(number, ft::record_of(chat));
  }
  void emit_waiting(const ft::Call& call, std::map<std::uint64_t, Request>::iterator waiting) {
    by_id_.erase(waiting->second.custom_id);
    emit(call, waiting->first, std::move(waiting->second), nullptr);
    waiting_.erase(waiting);
  }
  void emit_oldest(const ft::Call& call) { emit_waiting(call, waiting_.begin()); }

  static void no_request(const ft::Call& call, std::uint64_t line) {
    call.finding(line, "no_request", "error", "/custom_id", "an answer whose request is not in the file",
                 "join both files and import that: cat requests.jsonl responses.jsonl");
  }

  // --- Writing ---

  // The record's own, else its id, else its number; no two of a file are the same.
  std::string custom_id(ft::Chat& chat, const ft::Own& own, ft::Notes& notes) {
    ++requests_;
    std::string id(own.text("custom_id"));
    for (const ft::Field& field : chat.fields.all()) {  // not taken: reading gives a record no id
      if (id.empty() && field.key == "id" && field.json != "null") id = ft::WrittenCalls::text_of(field.json);
    }
    if (id.empty()) id = "request-" + std::to_string(requests_);
    if (!used_.insert(std::hash<std::string>{}(id)).second) {
      id += "-" + std::to_string(requests_);
      used_.insert(std::hash<std::string>{}(id));
      notes.reshaped("/metadata/openai-batch/custom_id", "another row has it as well, so its number was appended");
    }
    return id;
  }

  void write_body(ft::Chat& chat, std::size_t count, const ft::Own& own, std::string& out) {
    ft::ObjectWriter body(out);
    dom::element value;
    dom::object kept;
    std::string_view model = model_;
    if (own.find("body", value) && value.get(kept) == simdjson::SUCCESS && model.empty())
      ft::find_text(kept, "model", model);
    if (!model.empty()) body.text("model", model);
    without_model_ = without_model_ || model.empty();
    body.key("messages");
    std::vector<ft::Message> messages(chat.messages.begin(),
                                      chat.messages.begin() + static_cast<std::ptrdiff_t>(count));
    for (std::size_t i = 0; i < chat.messages.size(); ++i) {
      ft::Fields fields;
      for (const std::string_view key : {"name", "tool_call_id"}) {
        if (const std::string* json = chat.messages[i].fields.take(key)) fields.add(key, *json);
      }
      if (i < count) messages[i].fields = std::move(fields);
    }
    ft::append_messages(out, messages);
    for (const std::string_view key : {"tools", "parallel_tool_calls", "response_format"}) {
      if (const std::string* json = chat.fields.take(key)) body.json(key, *json);
    }
    if (own.find("body", value) && value.get(kept) == simdjson::SUCCESS) {
      for (const auto& [key, json] : kept) {
        if (key != "model" || model.empty()) body.json(key, simdjson::minify(json));
      }
    }
    body.end();
  }

  std::string model_, endpoint_;
  std::map<std::uint64_t, Request> waiting_;  // by line
  std::unordered_map<std::string, std::uint64_t> by_id_;
  std::unordered_map<std::string, Answer> answers_;
  std::unordered_set<std::size_t> used_;
  std::size_t requests_ = 0;
  bool without_model_ = false, warned_ = false;
};

}  // namespace

FT_PLUGIN(OpenAiBatch)

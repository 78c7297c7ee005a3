#include "flow/token_totals.hpp"

#include <algorithm>

#include "data/json_text.hpp"
#include "flow/stats.hpp"

namespace fthost::flow {
namespace {

using data::Kind;
using data::Value;

// What every message, and every example, takes in the chat formats that providers bill by.
constexpr std::uint64_t kPerMessage = 3, kPerExample = 3, kPerName = 1;
constexpr std::uint64_t kPerTools = 12, kPerProperty = 3;

// Compact JSON with nothing escaped that need not be: what a program would write, however the file spells it.
void append_plain(std::string& out, const Value& value, std::string& scratch) {
  const auto quote = [&](const Value& text) { data::append_quoted(out, text.text(scratch)); };
  if (value.is(Kind::string)) return quote(value);
  const bool object = value.is(Kind::object);
  if (!object && !value.is(Kind::array)) {
    out += value.raw();
    return;
  }
  out += object ? '{' : '[';
  bool first = true;
  for (Value child = value.first(); child; child = child.next()) {
    if (!first) out += ',';
    first = false;
    if (object) {
      quote(child.key());
      out += ':';
    }
    append_plain(out, child, scratch);
  }
  out += object ? '}' : ']';
}

}  // namespace

std::uint64_t TokenTotals::add(const Value& record) {
  ++rows_;
  std::uint64_t tokens = kPerExample;
  for (const char* name : {"messages", "chosen", "rejected"}) {
    const Value messages = record.find(name);
    if (!messages.is(Kind::array)) continue;
    for (Value message = messages.first(); message; message = message.next()) {
      if (message.is(Kind::object)) tokens += add_message(message);
    }
  }
  chat_ += tokens;
  tools_ += tokens_of_tools(record.find("tools"));
  per_example_.add(tokens);
  for (std::size_t i = 0; i < limits_.size(); ++i) {
    limits_[i].over += tokens > request_.limits[i];
    limits_[i].tokens += std::min(tokens, request_.limits[i]);
  }
  return tokens;
}

void TokenTotals::merge(const TokenTotals& other) {
  rows_ += other.rows_;
  messages_ += other.messages_;
  content_ += other.content_;
  chat_ += other.chat_;
  assistant_ += other.assistant_;
  tools_ += other.tools_;
  per_example_.merge(other.per_example_);
  for (std::size_t i = 0; i < limits_.size(); ++i) {
    limits_[i].over += other.limits_[i].over;
    limits_[i].tokens += other.limits_[i].tokens;
  }
}

Json TokenTotals::report(const Notes& notes) const {
  Json limits = Json::array();
  for (std::size_t i = 0; i < limits_.size(); ++i) {
    limits.push_back({{"limit", request_.limits[i]}, {"over", limits_[i].over}, {"tokens", limits_[i].tokens}});
  }
  return Json{{"encoding", request_.model->name()},
              {"rows", rows_},
              {"messages", messages_},
              {"content_tokens", content_},
              {"chat_tokens", chat_},
              {"estimated", request_.model->estimated()},
              {"assistant_tokens", assistant_},
              {"tool_tokens", tools_},
              {"per_example", distribution_json(per_example_)},
              {"limits", limits},
              {"unread", notes.broken_rows()},
              {"errors", notes.errors()},
              {"findings", notes.findings()}};
}

// Of a content: a text, or the texts of its parts. Pictures and sounds are counted by nobody in advance.
std::uint64_t TokenTotals::count_content(const Value& content) {
  if (content.is(Kind::string)) return count(content);
  std::uint64_t tokens = 0;
  if (!content.is(Kind::array)) return 0;
  for (Value part = content.first(); part; part = part.next()) {
    const Value text = part.is(Kind::object) ? part.find("text") : part;
    if (text.is(Kind::string)) tokens += count(text);
  }
  return tokens;
}

std::uint64_t TokenTotals::add_message(const Value& message) {
  ++messages_;
  std::uint64_t tokens = kPerMessage, content = 0;
  for (Value value = message.first(); value; value = value.next()) {
    const Value key = value.key();
    if (key.equals("content")) {
      content = count_content(value);
      tokens += content;
    } else if (value.is(Kind::string)) {
      tokens += count(value);
      if (key.equals("name")) tokens += kPerName;
    } else if ((value.is(Kind::array) || value.is(Kind::object)) && !key.equals("train_detail")) {
      compact_.clear();
      append_plain(compact_, value, scratch_);
      tokens += counter_.count(compact_);
    }
  }
  content_ += content;
  if (message.find("role").equals("assistant")) assistant_ += content;
  return tokens;
}

// A line of a definition: its texts with colons between, less one full stop at the end.
std::uint64_t TokenTotals::count_line(std::initializer_list<Value> texts) {
  std::string line;
  for (const Value& text : texts) {
    if (text != *texts.begin()) line += ':';
    if (text.is(Kind::string)) line += text.text(scratch_);
  }
  if (line.ends_with('.')) line.pop_back();
  return counter_.count(line);
}

std::uint64_t TokenTotals::tokens_of_tools(const Value& tools) {
  if (!tools.is(Kind::array) || tools.empty()) return 0;
  std::int64_t tokens = kPerTools;
  for (Value tool = tools.first(); tool; tool = tool.next()) {
    const Value function = tool.find("function") ? tool.find("function") : tool;
    tokens += request_.model->tool_overhead();
    tokens += static_cast<std::int64_t>(count_line({function.find("name"), function.find("description")}));
    const Value properties = function.pointer("/parameters/properties");
    if (!properties.is(Kind::object) || properties.empty()) continue;
    tokens += kPerProperty;
    for (Value property = properties.first(); property; property = property.next()) {
      tokens += kPerProperty;
      tokens +=
          static_cast<std::int64_t>(count_line({property.key(), property.find("type"), property.find("description")}));
      const Value choices = property.find("enum");
      if (!choices.is(Kind::array)) continue;
      tokens -= kPerProperty;
      for (Value choice = choices.first(); choice; choice = choice.next()) {
        tokens += kPerProperty;
        if (choice.is(Kind::string)) tokens += static_cast<std::int64_t>(count(choice));
      }
    }
  }
  return static_cast<std::uint64_t>(std::max<std::int64_t>(tokens, 0));
}

}  // namespace fthost::flow

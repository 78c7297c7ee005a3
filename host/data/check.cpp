#include "data/check.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <unordered_set>
#include <utility>

#include "data/hash.hpp"
#include "data/json_text.hpp"

namespace fthost::data {

namespace {

constexpr std::size_t kFewKeys = 16;         // so many are compared with each other
constexpr std::size_t kRowFindings = 10000;  // of one row that are kept to be sorted
constexpr std::array<std::string_view, 6> kRoles = {"system", "developer", "user", "assistant", "tool", "function"};

bool has_call(const Value& message) {
  const Value calls = message.find("tool_calls");
  return (calls.is(Kind::array) && !calls.empty()) || message.find("function_call").is(Kind::object);
}

}  // namespace

Finding finding_of(const Problem& problem, std::string_view text) {
  const auto error = [](std::string code, std::string message, std::string hint = {}) {
    return Finding{std::move(code), Severity::error, "", 0, "", "", std::move(message), std::move(hint)};
  };
  switch (problem.code) {
    case Problem::Code::utf8: {
      const bool utf16 = text.starts_with("\xFF\xFE") || text.starts_with("\xFE\xFF");
      return error("invalid_utf8", problem.message,
                   utf16 ? "the file is UTF-16: save it as UTF-8" : "save the file as UTF-8");
    }
    case Problem::Code::not_an_object:
      return error("not_an_object", problem.message, "each line is one JSON object");
    case Problem::Code::too_deep:
      return error("too_deep", problem.message, "nest it less deeply");
    case Problem::Code::too_long:
      return error("line_too_long", problem.message, "split the record");
    default:
      return error("broken_json", "broken JSON: " + problem.message,
                   "mend the line; each line is one whole JSON object");
  }
}

Checker::Checker(std::string file, CheckOptions options, std::vector<RuleTable> tables, FindingSink sink)
    : file_(std::move(file)), options_(options), tables_(std::move(tables)), sink_(std::move(sink)) {
  table_sink_ = [this](const Finding& finding) { pass_on(finding); };
}

void Checker::pass_on(Finding finding) {
  finding.file = file_;
  finding.line = number_;
  switch (finding.severity) {
    case Severity::error:
      ++summary_.errors;
      break;
    case Severity::warning:
      ++summary_.warnings;
      break;
    case Severity::info:
      ++summary_.infos;
      break;
  }
  line_failed_ |= finding.severity == Severity::error;
  ++summary_.by_code[finding.code];
  of_row_.push_back(std::move(finding));
  if (of_row_.size() == kRowFindings) hand_over();
}

// The worst first; those of one severity stay in the order in which they were found.
void Checker::hand_over() {
  std::stable_sort(of_row_.begin(), of_row_.end(),
                   [](const Finding& a, const Finding& b) { return a.severity < b.severity; });
  for (const Finding& finding : of_row_) sink_(finding);
  of_row_.clear();
}

void Checker::report(std::string code, Severity severity, std::string path, std::string message, std::string hint) {
  pass_on(Finding{std::move(code), severity, "", 0, std::move(path), "", std::move(message), std::move(hint)});
}

bool Checker::line(const Line& line) {
  if (!line.too_long) return row(line.number, line.text);
  number_ = line.number;
  ++summary_.rows;
  report("line_too_long", Severity::error, "",
         "the line is longer than " + std::to_string(line.text.size()) + " bytes and was not read",
         "split the record, or look for a missing line end");
  hand_over();
  return false;
}

bool Checker::row(std::uint64_t number, std::string_view text) {
  number_ = number;
  line_failed_ = false;
  check_row(text);
  hand_over();
  return !line_failed_;
}

void Checker::check_row(std::string_view text) {
  summary_.bytes += text.size() + 1;
  if (!document_.parse_object(text)) {
    if (is_blank(text)) {
      report("blank_line", Severity::warning, "", "the line is blank", "remove it; some readers refuse it");
      return;
    }
    ++summary_.rows;
    pass_on(finding_of(document_.problem(), text));
    return;
  }
  ++summary_.rows;
  ++object_rows_;
  check_keys(document_.root());
  if (options_.messages) {
    check_messages();
    check_rating();
    check_fields();
  }
  for (RuleTable& table : tables_) table.check_row(document_, table_sink_);
  if (options_.duplicates) check_duplicates();
  if (!line_failed_) ++summary_.valid;
}

// A key that stands twice: readers disagree on which one counts.
void Checker::check_keys(const Value& object) {
  const auto twice = [&](const Value& member) {
    report("duplicate_key", Severity::error, document_.pointer_of(member),
           "the key " + json_string(scratch_.assign(member.key().text())) + " stands twice", "remove one of them");
  };
  if (object.size() > kFewKeys) {
    std::unordered_set<std::string> seen;
    for (Value member = object.first(); member; member = member.next()) {
      if (!seen.insert(member.key().text()).second) return twice(object.find(member.key().text()));
    }
    return;
  }
  for (Value member = object.first(); member; member = member.next()) {
    for (Value later = member.next(); later; later = later.next()) {
      if (!later.key().equals(member.key().text(scratch_))) continue;
      return twice(member);
    }
  }
}

// The types of what is said about a record. Whoever reads it later believes them.
void Checker::check_fields() {
  struct Field {
    const char* name;
    bool (*fits)(const Value&);
    const char* wanted;
  };
  static constexpr auto is_text = [](const Value& value) { return value.is(Kind::string); };
  static constexpr auto is_object = [](const Value& value) { return value.is(Kind::object); };
  static constexpr auto is_list = [](const Value& value) { return value.is(Kind::array); };
  static constexpr auto is_scalar = [](const Value& value) { return value.is(Kind::string) || value.is(Kind::number); };
  static constexpr auto is_texts = [](const Value& value) {
    if (!value.is(Kind::array)) return false;
    for (Value item = value.first(); item; item = item.next()) {
      if (!item.is(Kind::string)) return false;
    }
    return true;
  };
  static constexpr Field kFields[] = {
      {"tags", is_texts, "a list of texts"},
      {"group", is_scalar, "text"},
      {"split", is_text, "text"},
      {"source", is_text, "text"},
      {"metadata", is_object, "an object"},
      {"ratings", is_list, "a list"},
      {"validated", is_object, "an object: {\"by\": ..., \"at\": ...}"},
      {"created_at", is_text, "a time as text"},
      {"updated_at", is_text, "a time as text"},
      {"weight", [](const Value& value) { return value.is(Kind::number) && value.number() >= 0; }, "a number from 0"},
      {"label", [](const Value& value) { return value.is(Kind::boolean); }, "true or false"}};
  for (const Field& field : kFields) {
    const Value value = document_.find(field.name);
    if (!value || value.is(Kind::null) || field.fits(value)) continue;
    report("bad_field", Severity::warning, "/" + std::string(field.name),
           std::string(field.name) + " is " +
               (value.is(Kind::number) ? std::string(value.raw()) : std::string("of type ") + kind_name(value.kind())),
           "make it " + std::string(field.wanted));
  }
}

void Checker::check_rating() {
  const Value rating = document_.find("rating");
  if (!rating || rating.is(Kind::null)) return;
  const double value = rating.number();  // NaN where it is none
  if (value >= 1 && value <= 10 && value == std::floor(value)) return;
  report("bad_rating", Severity::error, "/rating",
         rating.is(Kind::number) ? "the rating is " + std::string(rating.raw())
                                 : std::string("the rating is of type ") + kind_name(rating.kind()),
         "write a whole number from 1 to 10, or leave it out");
}

void Checker::check_messages() {
  const Value messages = document_.find("messages");
  if (!messages || messages.is(Kind::null)) {
    report("no_messages", Severity::error, "", "the record has no messages",
           "a record needs \"messages\": [{\"role\": ..., \"content\": ...}]");
    return;
  }
  if (!messages.is(Kind::array)) {
    report("bad_messages", Severity::error, "/messages",
           std::string("messages is of type ") + kind_name(messages.kind()),
           "make it a list of {\"role\": ..., \"content\": ...}");
    return;
  }
  if (messages.empty()) {
    report("no_messages", Severity::error, "/messages", "the list of messages is empty");
    return;
  }
  for (Value message = messages.first(); message; message = message.next()) check_message(message);
}

void Checker::check_message(const Value& message) {
  if (!message.is(Kind::object)) {
    report("bad_message", Severity::error, document_.pointer_of(message),
           std::string("a message is of type ") + kind_name(message.kind()), "make it an object with role and content");
    return;
  }
  check_keys(message);
  const Value role = message.find("role");
  if (!role.is(Kind::string)) {
    report("bad_message", Severity::error, document_.pointer_of(message),
           role ? std::string("the role is of type ") + kind_name(role.kind()) : "the message has no role",
           "give it a role: system, developer, user, assistant or tool");
  } else if (std::find(kRoles.begin(), kRoles.end(), role.text(scratch_)) == kRoles.end()) {
    report("unknown_role", Severity::error, document_.pointer_of(role), "unknown role " + json_string(role.text()),
           "roles are system, developer, user, assistant and tool");
  }
  const Value content = message.find("content");
  if (!content || content.is(Kind::null)) {
    if (!has_call(message)) {
      report("empty_content", Severity::error, document_.pointer_of(message), "the message has no content",
             "write it, or remove the message");
    }
  } else {
    check_content(message, content);
  }
}

void Checker::check_content(const Value& message, const Value& content) {
  bool blank = true;
  if (content.is(Kind::string)) {
    blank = is_blank(content.text(scratch_));
  } else if (content.is(Kind::array)) {
    for (Value part = content.first(); part; part = part.next()) {
      if (!part.is(Kind::object) && !part.is(Kind::string)) {
        report("bad_content", Severity::error, document_.pointer_of(part),
               std::string("a part of the content is of type ") + kind_name(part.kind()),
               "make it an object with a type");
        return;
      }
      const Value text = part.is(Kind::string) ? part : part.find("text");
      blank = blank && text.is(Kind::string) && is_blank(text.text(scratch_));
    }
  } else {
    report("bad_content", Severity::error, document_.pointer_of(content),
           std::string("the content is of type ") + kind_name(content.kind()), "make it a string, or a list of parts");
    return;
  }
  if (blank && !has_call(message)) {
    report("empty_content", Severity::error, document_.pointer_of(content), "the content is empty",
           "write it, or remove the message");
  }
}

void Checker::check_duplicates() {
  const auto number = static_cast<std::uint32_t>(number_);
  auto id = given_id(document_.root());
  if (!id) {
    report("bad_id", Severity::error, "/id", id.error().message, id.error().hint);
  } else if (!id->empty()) {
    const std::uint32_t first = ids_.insert(hash64(*id), number);
    if (first != HashIndex::kNone) {
      report("duplicate_id", Severity::error, "/id",
             "the id " + json_string(*id) + " is that of line " + std::to_string(first),
             "give it another, or remove it so that it gets one");
    }
  }
  const std::uint32_t first = contents_.insert(hasher_.hash(document_.root()).low, number);
  if (first != HashIndex::kNone) {
    report("duplicate_content", Severity::warning, "", "the same content as line " + std::to_string(first),
           "remove one of them, unless it is meant to count twice");
  }
}

const CheckSummary& Checker::finish() {
  number_ = 0;
  for (RuleTable& table : tables_) table.check_file(object_rows_, summary_.bytes, table_sink_);
  hand_over();
  return summary_;
}

Result<CheckSummary> check_lines(JsonlReader& reader, Checker& checker) {
  Line line;
  for (;;) {
    auto more = reader.next(line);
    if (!more) return more.error();
    if (!*more) return checker.finish();
    checker.line(line);
  }
}

}  // namespace fthost::data

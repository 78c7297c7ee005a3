// One look at each member tells what a row or a message has; strings are decoded only where something hangs on it.
#include "data/row_check.hpp"

#include <algorithm>
#include <array>
#include <unordered_set>
#include <utility>

#include "data/hash.hpp"
#include "data/json_text.hpp"
#include "data/rules_table.hpp"

namespace fthost::data {

namespace {

constexpr std::size_t kFewKeys = 16;        // so many are compared with each other
constexpr std::size_t kRowFindings = 1000;  // of one row that are kept
constexpr std::array<std::string_view, 6> kRoles = {"system", "developer", "user", "assistant", "tool", "function"};

// What stands for the content of a message: calls, and what an assistant refuses or has spoken.
bool stands_for_content(const Value& message) {
  const Value calls = message.find("tool_calls");
  if ((calls.is(Kind::array) && !calls.empty()) || message.find("function_call").is(Kind::object)) return true;
  if (!message.find("role").equals("assistant")) return false;
  const Value refusal = message.find("refusal");
  return (refusal.is(Kind::string) && !refusal.inner().empty()) || message.find("audio").is(Kind::object);
}

// Whether a string has nothing but white space. Most begin with a letter.
bool is_blank_string(const Value& value, std::string& scratch) {
  const std::string_view inner = value.inner();
  if (!inner.empty()) {
    const unsigned char first = static_cast<unsigned char>(inner.front());
    if (first > 0x20 && first < 0x80 && first != '\\') return false;
  }
  return is_blank(value.text(scratch));
}

// The place first, as whoever reads it looks there first: "broken JSON at byte 7: ...".
std::string broken_json(const Problem& problem) {
  const std::string place = " at byte " + std::to_string(problem.byte);
  std::string_view what = problem.message;
  if (!what.ends_with(place)) return "broken JSON: " + problem.message;
  what.remove_suffix(place.size());
  if (what.ends_with(',')) what.remove_suffix(1);
  return "broken JSON" + place + ": " + std::string(what);
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
      return error("broken_json", broken_json(problem), "mend the line; every line must be one complete JSON object");
  }
}

Finding line_too_long(std::size_t limit) {
  const bool whole = limit > 0 && limit % (1u << 20) == 0;
  const std::string size = whole ? std::to_string(limit >> 20) + " MB" : std::to_string(limit) + " bytes";
  return {"line_too_long",
          Severity::error,
          "",
          0,
          "",
          "",
          "the line is longer than " + size + " and was not read",
          "split the record, or look for a missing line end"};
}

// Nor is anything of a table's told at or below a place where the host has found an error: it follows from that.
void drop_repeated(std::vector<Finding>& findings, std::size_t first) {
  if (findings.size() - first < 2) return;
  const auto begin = findings.begin() + static_cast<std::ptrdiff_t>(first);
  std::stable_sort(begin, findings.end(), [](const Finding& a, const Finding& b) { return a.severity < b.severity; });
  std::map<std::pair<std::string_view, std::string_view>, const Finding*> seen;
  std::vector<std::size_t> repeated;
  for (std::size_t i = first; i < findings.size(); ++i) {
    const Finding& finding = findings[i];
    const auto said = seen.try_emplace({finding.code, finding.path}, &finding);
    const Finding& other = *said.first->second;
    const bool again = !said.second && (other.provider != finding.provider ||
                                        (!finding.provider.empty() && other.message == finding.message));
    const bool follows = !finding.provider.empty() && std::any_of(begin, findings.end(), [&](const Finding& host) {
      return host.provider.empty() && host.severity == Severity::error && !host.path.empty() &&
             finding.path.starts_with(host.path) &&
             (finding.path.size() == host.path.size() || finding.path[host.path.size()] == '/');
    });
    if (again || follows) repeated.push_back(i);
  }
  for (std::size_t i = repeated.size(); i-- > 0;)
    findings.erase(findings.begin() + static_cast<std::ptrdiff_t>(repeated[i]));
}

void CheckedRows::clear() {
  lines = rows = objects = valid = bytes = 0;
  findings.clear();
  bad.clear();
  ids.clear();
  contents.clear();
  keys.clear();
  prompts.clear();
  once.clear();
  fixed.clear();
  fixed_rows = 0;
  fixes.clear();
}

void RowChecker::report(std::string code, Severity severity, std::string path, std::string message, std::string hint) {
  found(Finding{std::move(code), severity, "", 0, std::move(path), "", std::move(message), std::move(hint)});
}

void RowChecker::found(Finding finding) {
  if (out_->findings.size() < limit_) {
    out_->findings.push_back(std::move(finding));
    return;
  }
  ++skipped_;
  skipped_error_ = skipped_error_ || finding.severity == Severity::error;
}

// Ends a row: its findings get their line, the worst first; of one severity in the order in which they were found.
bool RowChecker::end_row(std::size_t first_finding, std::uint32_t line) {
  auto& findings = out_->findings;
  if (findings.size() == first_finding) return true;
  drop_repeated(findings, first_finding);
  bool failed = findings[first_finding].severity == Severity::error || skipped_error_;
  skipped_ += run_.take_skipped(failed);
  if (skipped_ > 0) {
    limit_ = findings.size() + 1;
    report("more_findings", Severity::warning, "",
           std::to_string(skipped_) + " further findings about this row are left out",
           "mend those that are listed and check again");
  }
  for (std::size_t i = first_finding; i < findings.size(); ++i) findings[i].line = line;
  return !failed;
}

bool RowChecker::row(std::uint32_t line, std::string_view text, CheckedRows& out, std::string_view end) {
  out_ = &out;
  const std::size_t first_finding = out.findings.size();
  limit_ = first_finding + kRowFindings;
  skipped_ = 0;
  skipped_error_ = false;
  out.bytes += text.size() + end.size();
  bool object = false, blank = false;
  edits_.clear();
  if (text.size() > options_.line_limit) {
    too_long();
  } else if (document_.parse_object(text)) {
    object = true;
    ++out.objects;
    check_object(line, first_finding);
  } else if (is_blank(text)) {
    blank = true;
    report("blank_line", Severity::warning, "", "the line is blank", "remove it; some readers refuse it");
    out.findings.back().fixable = true;
    edits_.drop();
  } else {
    found(finding_of(document_.problem(), text));
  }
  out.rows += blank ? 0 : 1;
  const bool good = end_row(first_finding, line);
  if (object && good) ++out.valid;
  if (!good) out.bad.push_back(line);
  if (options_.fix) mend(text, end, first_finding);
  return good;
}

// The line as it is once the edits are made. An edit that would break it is not made.
void RowChecker::mend(std::string_view text, std::string_view end, std::size_t first_finding) {
  if (edits_.empty()) {
    (out_->fixed += text) += end;
    return;
  }
  if (!edits_.dropped()) {
    const std::string mended = edits_.apply(text);
    if (!mended_.parse_object(mended)) {
      (out_->fixed += text) += end;
      return;
    }
    (out_->fixed += mended) += end;
  }
  ++out_->fixed_rows;
  for (std::size_t i = first_finding; i < out_->findings.size(); ++i) {
    if (out_->findings[i].fixable) ++out_->fixes[out_->findings[i].code];
  }
}

void RowChecker::too_long() { found(line_too_long(options_.line_limit)); }

RowChecker::RowChecker(CheckOptions options, std::vector<RuleTable> tables)
    : options_(std::move(options)), tables_(std::move(tables)) {
  if (options_.probe) probe_ = options_.probe();
  for (const std::string_view role : kRoles) shapes_.add_word(role);
  for (const char* key : {"rating", "weight"}) shapes_.add_numeric_key(key);
  for (const RuleTable& table : tables_) table.add_to(shapes_);
  shapes_.finish();
}

void RowChecker::check_object(std::uint32_t line, std::size_t first_finding) {
  Edits* const edits = options_.fix ? &edits_ : nullptr;
  const auto shape = shapes_.of(document_);
  const Shapes::Known* const known = shape ? shapes_.find(*shape) : nullptr;
  run_.begin_row(first_finding, limit_);
  if (!known) {
    const std::size_t before = out_->findings.size();
    check_all_keys(document_.root());
    if (options_.messages) {
      check_messages();
      check_rating();
      check_fields();
    }
    if (options_.duplicates) check_id();
    for (const RuleTable& table : tables_) table.check_row(document_, run_, out_->findings, edits);
    run_.settle(out_->findings);
    for (const Rule* rule : run_.once()) ++out_->once[rule];
    if (shape && out_->findings.size() == before) remember(*shape);
  } else {
    for (const Rule* rule : known->once) ++out_->once[rule];
    if (known->text) {
      for (const RuleTable& table : tables_) table.check_row(document_, run_, out_->findings, edits, true);
      run_.settle(out_->findings);
      for (const Rule* rule : run_.once()) ++out_->once[rule];
    }
  }
  if (options_.messages) check_answers();
  std::uint32_t number = 0;
  for (const RuleTable& table : tables_) {
    for (std::uint32_t rule = 0; rule < table.key_rules(); ++rule) {
      if (const auto hash = table.keys_hash(rule, document_)) out_->keys.push_back({*hash, line, number + rule});
    }
    number += static_cast<std::uint32_t>(table.key_rules());
  }
  if (options_.duplicates) note_identity(line);
  if (probe_) probe_(line, document_, *out_, [this](const Finding& finding) { found(finding); });
}

// Nothing is wrong with rows of this shape. What a rule that reads text has counted is another matter in each of them.
void RowChecker::remember(std::uint64_t shape) {
  Shapes::Known known{run_.looked_at_text(), {}};
  for (const Rule* rule : run_.once()) {
    if (!rule->reads_text) known.once.push_back(rule);
  }
  shapes_.remember(shape, std::move(known));
}

// A key that stands twice: readers disagree on which one counts.
void RowChecker::check_keys(const Value& object) {
  const auto twice = [&](const Value& member) {
    report("duplicate_key", Severity::error, document_.pointer_of(member),
           "the key " + json_string(scratch_.assign(member.key().text())) + " stands twice", "remove one of them");
  };
  std::size_t size = 0;
  for (Value member = object.first(); member && size <= kFewKeys; member = member.next()) ++size;
  if (size > kFewKeys) {
    std::unordered_set<std::string> seen;
    for (Value member = object.first(); member; member = member.next()) {
      if (!seen.insert(member.key().text()).second) return twice(object.find(member.key().text()));
    }
    return;
  }
  for (Value member = object.first(); member; member = member.next()) {
    const Value key = member.key();
    for (Value later = member.next(); later; later = later.next()) {
      const Value other = later.key();
      // Without escapes two keys are equal if their bytes are.
      const bool plain = !key.escaped() && !other.escaped();
      if (plain ? key.raw() == other.raw() : other.equals(key.text(scratch_))) return twice(member);
    }
  }
}

// Of the value and all below it.
void RowChecker::check_all_keys(const Value& value) {
  if (value.is(Kind::object)) check_keys(value);
  for (Value child = value.first(); child; child = child.next()) {
    if (child.is(Kind::object) || child.is(Kind::array)) check_all_keys(child);
  }
}

// The types of what is said about a record. Whoever reads it later believes them.
void RowChecker::check_fields() {
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

// Their text is more than the row's shape tells, so that it is looked at in every row.
void RowChecker::check_answers() {
  const Value chosen = document_.find("chosen"), rejected = chosen ? document_.find("rejected") : chosen;
  if (!rejected || rejected.is(Kind::null) || hasher_.hash(chosen) != hasher_.hash(rejected)) return;
  report("same_answers", Severity::warning, "/rejected", "the two answers are the same, so there is nothing to prefer",
         "remove the row");
}

void RowChecker::check_rating() {
  if (std::string problem = rating_problem(document_.root()); !problem.empty())
    report("bad_rating", of_own_fields(), "/rating", std::move(problem), kRatingHint);
}

void RowChecker::check_messages() {
  const Value messages = document_.find("messages");
  if (!messages || messages.is(Kind::null)) {
    if (!options_.messages_needed) return;
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

void RowChecker::check_message(const Value& message) {
  if (!message.is(Kind::object)) {
    report("bad_message", Severity::error, document_.pointer_of(message),
           std::string("a message is of type ") + kind_name(message.kind()), "make it an object with role and content");
    return;
  }
  const Value role = message.find("role");
  // A turn of another format, which its own rules know.
  if (!role && !options_.messages_needed && message.find("from")) return;
  if (!role.is(Kind::string)) {
    report("bad_message", Severity::error, document_.pointer_of(message),
           role ? std::string("the role is of type ") + kind_name(role.kind()) : "the message has no role",
           "give it a role: system, developer, user, assistant or tool");
  } else if (std::find(kRoles.begin(), kRoles.end(), role.text(scratch_)) == kRoles.end()) {
    report("unknown_role", Severity::error, document_.pointer_of(role), "unknown role " + json_string(role.text()),
           "roles are system, developer, user, assistant and tool");
  }
  const Value content = message.find("content");
  if (content.is(Kind::string) && !is_blank_string(content, scratch_)) return;
  if (content && !content.is(Kind::null)) {
    check_content(message, content);
  } else if (!stands_for_content(message)) {
    report("empty_content", Severity::error, document_.pointer_of(message), "the message has no content",
           "write it, or remove the message");
  }
}

void RowChecker::check_content(const Value& message, const Value& content) {
  bool blank = true;
  if (content.is(Kind::string)) {
    blank = is_blank_string(content, scratch_);
  } else if (content.is(Kind::array)) {
    for (Value part = content.first(); part; part = part.next()) {
      if (!part.is(Kind::object) && !part.is(Kind::string)) {
        report("bad_content", Severity::error, document_.pointer_of(part),
               std::string("a part of the content is of type ") + kind_name(part.kind()),
               "make it an object with a type");
        return;
      }
      const Value text = part.is(Kind::string) ? part : part.find("text");
      blank = blank && text.is(Kind::string) && is_blank_string(text, scratch_);
    }
  } else {
    report("bad_content", Severity::error, document_.pointer_of(content),
           std::string("the content is of type ") + kind_name(content.kind()), "make it a string, or a list of parts");
    return;
  }
  if (blank && !stands_for_content(message)) {
    report("empty_content", Severity::error, document_.pointer_of(content), "the content is empty",
           "write it, or remove the message");
  }
}

void RowChecker::check_id() {
  if (auto id = given_id(document_.root()); !id)
    report("bad_id", of_own_fields(), "/id", id.error().message, id.error().hint);
}

void RowChecker::note_identity(std::uint32_t line) {
  const Value id = document_.find("id");
  if (id.is(Kind::string) || id.is(Kind::number)) {
    const std::string_view text = id.is(Kind::number) ? id.raw() : id.text(scratch_);
    if (!text.empty()) out_->ids.push_back({hash64(text), line, id.raw()});
  }
  out_->contents.push_back({hasher_.hash_examples(document_.root()).low, line, {}});
}

}  // namespace fthost::data

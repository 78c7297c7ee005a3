#include "flow/row_notes.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include "data/hash.hpp"
#include "data/json_text.hpp"
#include "data/row_check.hpp"
#include "data/split.hpp"

namespace fthost::flow {

namespace {

// Of a record with messages what is text beside them.
constexpr std::array<std::string_view, 7> kAnswers = {"prompt", "completion", "chosen", "rejected",
                                                      "ranked", "reference",  "text"};
// Of other rows what many have in common.
constexpr std::array<std::string_view, 5> kShared = {"tools", "system", "system_instruction", "systemInstruction",
                                                     "category"};
// What is no text of a message.
constexpr std::array<std::string_view, 5> kMarks = {"role", "from", "type", "id", "tool_call_id"};

}  // namespace

void RowNotes::clear() {
  rows.clear();
  signatures.clear();
  texts.clear();
  findings.clear();
}

RowNoter::RowNoter(const NoteRequest& request)
    : request_(request), by_(pointer_of_key(request.by)), group_(pointer_of_key(request.group)) {
  if (request.signatures) minhash_.emplace(*request.signatures);
}

void RowNoter::operator()(const data::Block& block, RowNotes& notes) {
  notes.clear();
  if (block.too_long) {
    notes.rows.emplace_back().state = RowNote::State::broken;
    notes.findings.push_back(data::line_too_long(block.text.size() - 1));
    notes.findings.back().line = 1;
    return;
  }
  data::for_each_line(block, [&](std::uint64_t line, std::string_view text) { note(line, text, notes); });
}

void RowNoter::note(std::uint64_t line, std::string_view text, RowNotes& notes) {
  RowNote& row = notes.rows.emplace_back();
  // A line that long may come whole where a block before it was large, too.
  if (text.size() > data::BlockReader::kLineLimit) {
    row.state = RowNote::State::broken;
    notes.findings.push_back(data::line_too_long(data::BlockReader::kLineLimit));
    notes.findings.back().line = line + 1;
    return;
  }
  if (!document_.parse_object(text)) {
    row.state = data::is_blank(text) ? RowNote::State::blank : RowNote::State::broken;
    if (row.state == RowNote::State::blank) return;
    notes.findings.push_back(data::finding_of(document_.problem(), text));
    notes.findings.back().line = line + 1;
    return;
  }
  const data::Value root = document_.root();
  if (request_.ids) {
    const data::Value id = root.find("id");
    if (id.is(data::Kind::string))
      row.id = id.escaped() ? std::string_view(notes.texts.emplace_back(id.text())) : id.inner();
    else if (id.is(data::Kind::number))
      row.id = id.raw();
    row.made_id = row.id.empty();
    if (row.made_id) row.id = notes.texts.emplace_back(data::content_id(hasher_.hash(root), 1));
  }
  if (!request_.where.empty() && !request_.where.matches(root, row.id)) {
    row.state = RowNote::State::filtered;
    return;
  }
  if (const data::Value rating = root.find("rating"); rating.is(data::Kind::number)) {
    const double value = rating.number();
    if (value >= 0 && value <= 100) row.rating = static_cast<float>(value);
  }
  if (request_.content) row.content = hasher_.hash_examples(root).low;
  if (!by_.empty()) row.stratum = field(by_, notes);
  if (!group_.empty()) row.group = field(group_, notes);
  if (minhash_) sign(notes, row);
}

std::string_view RowNoter::field(const std::string& pointer, RowNotes& notes) {
  const data::Value value = document_.root().pointer(pointer);
  if (value.is(data::Kind::string) && !value.escaped()) return value.inner();
  return !value || value.is(data::Kind::null) ? std::string_view() : notes.texts.emplace_back(data::key_text(value));
}

void RowNoter::sign(RowNotes& notes, RowNote& row) {
  minhash_->begin();
  guard_ = 0;
  const data::Value root = document_.root();
  const data::Value messages = root.find("messages");
  const bool has_messages = messages.is(data::Kind::array) && !messages.empty();
  for (data::Value member = root.first(); member; member = member.next()) {
    const std::string_view name = member.key().text(key_);
    const bool is_answer = data::is_among(kAnswers, name);
    if (name == "label" || (!has_messages && member.is(data::Kind::boolean)))
      guard(data::hash64(name), data::key_text(member));
    else if (name == "weight")
      guard_weight(member);
    else if (has_messages ? name == "messages" || is_answer
                          : !data::is_bookkeeping(name) && !data::is_among(kShared, name))
      sign_as(name == "rejected" ? 1 : 0, member);
  }
  row.guard = guard_;
  const std::size_t begin = notes.signatures.size();
  notes.signatures.resize(begin + minhash_->permutations());
  row.has_signature = minhash_->end(notes.signatures.data() + begin);
  if (!row.has_signature) notes.signatures.resize(begin);
}

void RowNoter::sign_as(std::uint64_t kind, const data::Value& value) {
  minhash_->set_kind(kind);
  sign_value(value);
  minhash_->set_kind(0);
}

void RowNoter::guard(std::uint64_t what, std::string_view value) {
  guard_ = data::fold64(guard_ ^ what ^ data::hash64(value), 0x9E3779B97F4A7C15u) | 1;
}

// A weight of 1 is as good as none.
void RowNoter::guard_weight(const data::Value& value) {
  const std::string weight = data::key_text(value);
  if (weight != "" && weight != "1" && weight != "true") guard(2, weight);
}

void RowNoter::sign_value(const data::Value& value) {
  if (value.is(data::Kind::string)) return minhash_->add(value.text(scratch_));
  if (value.is(data::Kind::object)) return sign_object(value);
  if (!value.is(data::Kind::array)) return;
  for (data::Value child = value.first(); child; child = child.next()) sign_value(child);
}

// A message, a part of one, a tool call, or what else holds text.
void RowNoter::sign_object(const data::Value& object) {
  for (const char* name : {"role", "from"}) {
    const data::Value role = object.find(name);
    if (!role.is(data::Kind::string)) continue;
    // Instructions that all rows share would make all rows alike.
    if (role.equals("system") || role.equals("developer")) return;
    guard(1, role.text(scratch_));
  }
  for (data::Value member = object.first(); member; member = member.next()) {
    const std::string_view name = member.key().text(key_);
    if (name == "weight" || name == "train") {
      guard_weight(member);
    } else if (name == "arguments" && !member.is(data::Kind::string)) {
      compact_.clear();
      data::append_compact(compact_, member);
      minhash_->add(compact_);
    } else if (!data::is_among(kMarks, name)) {
      sign_value(member);
    }
  }
}

}  // namespace fthost::flow

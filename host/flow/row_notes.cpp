#include "flow/row_notes.hpp"

#include <algorithm>
#include <cmath>

#include "data/json_text.hpp"
#include "data/row_check.hpp"
#include "data/split.hpp"

namespace fthost::flow {

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
    if (value >= 0 && value <= 100) row.rating = static_cast<std::int8_t>(value);
  }
  if (request_.content) row.content = hasher_.hash_examples(root).low;
  if (!by_.empty()) row.stratum = field(by_, notes);
  if (!group_.empty()) row.group = field(group_, notes);
  if (minhash_) sign(notes, row);
}

std::string_view RowNoter::field(const std::string& pointer, RowNotes& notes) {
  const data::Value value = document_.root().pointer(pointer);
  if (!value || value.is(data::Kind::null)) return {};
  if (!value.is(data::Kind::string)) return value.raw();
  return value.escaped() ? std::string_view(notes.texts.emplace_back(value.text())) : value.inner();
}

void RowNoter::sign(RowNotes& notes, RowNote& row) {
  minhash_->begin();
  const data::Value root = document_.root();
  if (const data::Value messages = root.find("messages"); messages.is(data::Kind::array)) {
    sign_messages(messages);
    for (const char* answers : {"chosen", "rejected"}) {
      const data::Value value = root.find(answers);
      value.is(data::Kind::array) ? sign_messages(value) : sign_text(value);
    }
  } else {
    for (data::Value member = root.first(); member; member = member.next()) {
      if (!data::is_bookkeeping(member.key().text(scratch_))) sign_text(member);
    }
  }
  const std::size_t begin = notes.signatures.size();
  notes.signatures.resize(begin + minhash_->permutations());
  row.has_signature = minhash_->end(notes.signatures.data() + begin);
  if (!row.has_signature) notes.signatures.resize(begin);
}

// Instructions that all rows share would make all rows alike.
void RowNoter::sign_messages(const data::Value& messages) {
  for (data::Value message = messages.first(); message; message = message.next()) {
    const data::Value role = message.find("role");
    if (role.equals("system") || role.equals("developer")) continue;
    const data::Value content = message.find("content");
    if (!content.is(data::Kind::array)) {
      sign_text(content);
      continue;
    }
    for (data::Value part = content.first(); part; part = part.next())
      sign_text(part.is(data::Kind::object) ? part.find("text") : part);
  }
}

void RowNoter::sign_text(const data::Value& value) {
  if (value.is(data::Kind::string)) minhash_->add(value.text(scratch_));
}

}  // namespace fthost::flow

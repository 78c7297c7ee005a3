#include "data/personal_row.hpp"

#include <algorithm>
#include <utility>

#include "data/json_text.hpp"
#include "data/record.hpp"

namespace fthost::data {
namespace {

constexpr std::size_t kDeepest = 4;  // JSON within strings within JSON

// "tool_call_id", "toolUseId": what refers to something else must go on doing so.
bool is_id_key(std::string_view key) {
  return key == "id" || key.ends_with("_id") || (key.size() > 2 && key.ends_with("Id"));
}

// Walks the raw form of a string alongside its decoded form.
class RawCursor {
 public:
  explicit RawCursor(std::string_view inner) : inner_(inner) {}

  // The raw offset at which `decoded` bytes of the decoded form have passed. Asked for in rising order.
  std::size_t at(std::size_t decoded) {
    while (decoded_ < decoded && raw_ < inner_.size()) step();
    return raw_;
  }

 private:
  void step() {
    if (inner_[raw_] != '\\') {
      ++raw_;
      ++decoded_;
      return;
    }
    if (inner_[raw_ + 1] != 'u') {
      raw_ += 2;
      ++decoded_;
      return;
    }
    const int unit = hex_unit(inner_.data() + raw_ + 2);
    const bool pair = unit >= 0xD800 && unit <= 0xDBFF;
    raw_ += pair ? 12 : 6;
    decoded_ += pair ? 4 : unit < 0x80 ? 1 : unit < 0x800 ? 2 : 3;
  }

  std::string_view inner_;
  std::size_t raw_ = 0, decoded_ = 0;
};

// What stands between the quotes for this text.
std::string escaped(std::string_view text) {
  const std::string quoted = json_string(text);
  return quoted.substr(1, quoted.size() - 2);
}

}  // namespace

PersonalRow::Level& PersonalRow::level(std::size_t depth) {
  while (levels_.size() <= depth) levels_.push_back(std::make_unique<Level>());
  return *levels_[depth];
}

bool PersonalRow::rewrite(const Document& row, const OnHit& on_hit, std::string& out) {
  on_hit_ = &on_hit;
  edits_.clear();
  secrets_.clear();
  again_ = false;
  walk(row.root(), {}, {&row, {}, false, false}, 0, edits_);
  if (!secrets_.empty()) {
    again_ = true;
    walk(row.root(), {}, {&row, {}, false, false}, 0, edits_);
    std::sort(edits_.begin(), edits_.end(), [](const Edit& a, const Edit& b) { return a.begin < b.begin; });
  }
  if (edits_.empty()) return false;
  const std::string_view text = row.text();
  std::string rewritten;
  rewritten.reserve(text.size() + edits_.size() * 16);
  std::size_t from = 0;
  for (const Edit& edit : edits_) {
    rewritten.append(text, from, edit.begin - from);
    rewritten += edit.text;
    from = edit.end;
  }
  rewritten.append(text, from);
  out = std::move(rewritten);
  return true;
}

// Adds edits in bytes of the text that `value` is of.
void PersonalRow::walk(const Value& value, std::string_view key, Place place, std::size_t depth,
                       std::vector<Edit>& edits) {
  switch (value.kind()) {
    case Kind::string:
      return look(value, key, place, depth, edits);
    case Kind::array:
      for (Value item = value.first(); item; item = item.next()) walk(item, key, place, depth, edits);
      return;
    case Kind::object:
      for (Value member = value.first(); member; member = member.next()) {
        std::string scratch;
        const std::string_view name = member.key().text(scratch);
        const bool top = depth == 0 && value.index() == 0;
        Place within = place;
        within.kept = place.kept || is_id_key(name) || (top && is_bookkeeping(name));
        within.is_id = place.is_id || (top && name == "id");
        walk(member, name, within, depth, edits);
      }
      return;
    default:
      return;
  }
}

// What the row's secrets take of the text beside the spans that were found in it, in their place.
void PersonalRow::look_again(std::string_view text, std::vector<text::PersonalSpan>& spans) const {
  const std::vector<text::PersonalSpan> found = std::exchange(spans, {});
  std::vector<text::PersonalSpan> taken = found;
  for (const auto& [value, known] : secrets_) {
    for (std::size_t at = text.find(value); at != text.npos; at = text.find(value, at + value.size())) {
      text::PersonalSpan span = known;
      span.begin = at;
      span.end = at + value.size();
      const auto meets = [&](const text::PersonalSpan& other) {
        return other.begin < span.end && span.begin < other.end;
      };
      if (std::any_of(taken.begin(), taken.end(), meets)) continue;
      taken.push_back(span);
      spans.push_back(span);
    }
  }
  std::sort(spans.begin(), spans.end(), [](const auto& a, const auto& b) { return a.begin < b.begin; });
}

void PersonalRow::look(const Value& string, std::string_view key, const Place& outer, std::size_t depth,
                       std::vector<Edit>& edits) {
  Place place = outer;
  if (depth == 0) place.string = string;
  Level& here = level(depth);
  const std::string_view text = string.text(here.text);
  here.edits.clear();
  const bool may_nest = depth < kDeepest && text.size() > 4 && (text.front() == '{' || text.front() == '[');
  if (may_nest && here.document.parse(text)) {
    walk(here.document.root(), key, place, depth + 1, here.edits);
  } else {
    finder_.find(text, spans_, key);
    if (again_) look_again(text, spans_);
    for (const text::PersonalSpan& span : spans_) {
      const std::string_view value = text.substr(span.begin, span.end - span.begin);
      if (span.kind == text::PersonalKind::secret && !again_) secrets_.emplace_back(value, span);
      const PersonalHit hit{
          span.kind,  span.name,  value, text::personal_mask(span, value), place.row->pointer_of(place.string),
          place.kept, place.is_id};
      auto replaced = (*on_hit_)(hit);
      if (replaced) here.edits.push_back({span.begin, span.end, std::move(*replaced)});
    }
  }
  if (here.edits.empty()) return;
  const std::size_t begin = string.begin() + 1;
  RawCursor raw(string.inner());
  const bool plain = !string.escaped();
  for (Edit& edit : here.edits) {
    const std::size_t from = plain ? edit.begin : raw.at(edit.begin);
    const std::size_t to = plain ? edit.end : raw.at(edit.end);
    edits.push_back({begin + from, begin + to, escaped(edit.text)});
  }
}

}  // namespace fthost::data

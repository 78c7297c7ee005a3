// Methods of Python's types that templates call: str, dict, list, tuple, int, float.
#include <algorithm>
#include <array>
#include <cmath>
#include <iterator>

#include "text/jinja/interpreter.hpp"
#include "text/jinja/library.hpp"
#include "text/unicode.hpp"

namespace fthost::text::jinja {
namespace {

using Method = Value (*)(Interpreter&, const Value&, Arguments&);
struct NamedMethod {
  std::string_view name;
  Method method;
};

// The code points of strip()'s argument; white space if it is missing or None.
std::string_view strip(std::string_view text, const std::optional<Value>& given, bool left, bool right) {
  if (!given || given->is_none()) {
    if (left) text = trim_start(text, Space::python);
    return right ? trim_end(text, Space::python) : text;
  }
  const std::u32string set = to_code_points(text_of(*given, "strip"));
  const auto in_set = [&](char32_t c) { return set.find(c) != std::u32string::npos; };
  while (left && !text.empty() && in_set(code_point_at(text, 0).value)) text.remove_prefix(code_point_at(text, 0).size);
  while (right && !text.empty()) {
    std::size_t start = text.size() - 1;
    while (start > 0 && (static_cast<unsigned char>(text[start]) & 0xC0) == 0x80) --start;
    if (!in_set(code_point_at(text, start).value)) break;
    text = text.substr(0, start);
  }
  return text;
}

template <bool Left, bool Right>
Value str_strip(Interpreter& in, const Value& self, Arguments& given) {
  const auto set = given.take(0, "chars");
  given.done("strip", 1);
  in.step(1 + self.text().size() / 16);
  return in.made(std::string(strip(self.text(), set, Left, Right)));
}

template <std::string (*Map)(std::string_view)>
Value str_map(Interpreter& in, const Value& self, Arguments& given) {
  given.done("str method", 0);
  return in.made(Map(self.text()));
}
std::string lowered(std::string_view text) { return lower(text); }

template <bool (*Matches)(std::string_view, std::string_view)>
Value str_affix(Interpreter&, const Value& self, Arguments& given) {
  const Value affix = given.require("startswith", 0, "prefix");
  given.done("startswith", 1);
  if (affix.is_items() && affix.items().kind == Sequence::Kind::tuple) {
    return Value(std::ranges::any_of(
        affix.items().items, [&](const Value& one) { return Matches(self.text(), text_of(one, "startswith")); }));
  }
  return Value(Matches(self.text(), text_of(affix, "startswith")));
}
bool starts(std::string_view text, std::string_view with) { return text.starts_with(with); }
bool ends(std::string_view text, std::string_view with) { return text.ends_with(with); }

// Pieces between white space; past the limit, counted from either end, the rest stays one piece.
std::vector<Value> split_space(std::string_view text, long limit, bool from_right) {
  struct Word {
    std::size_t begin, end;
  };
  std::vector<Word> words;
  bool inside = false;
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint c = code_point_at(text, at);
    const bool space = is_space(c.value, Space::python);
    if (!space && !inside) words.push_back({at, at});
    inside = !space;
    at += c.size;
    if (inside) words.back().end = at;
  }
  if (limit >= 0 && words.size() > static_cast<std::size_t>(limit)) {
    const auto kept = static_cast<std::size_t>(limit);
    if (from_right) {
      const std::size_t joined = words.size() - kept;  // into the first
      words[0] = {0, words[joined - 1].end};
      words.erase(words.begin() + 1, words.begin() + static_cast<std::ptrdiff_t>(joined));
    } else {
      words[kept].end = text.size();
      words.resize(kept + 1);
    }
  }
  std::vector<Value> out;
  for (const Word& word : words) out.emplace_back(std::string(text.substr(word.begin, word.end - word.begin)));
  return out;
}

std::vector<Value> split_at(std::string_view text, std::string_view separator, long limit) {
  std::vector<Value> out;
  while (limit < 0 || static_cast<long>(out.size()) < limit) {
    const std::size_t found = find_text(text, separator);
    if (found == std::string_view::npos) break;
    out.emplace_back(std::string(text.substr(0, found)));
    text = text.substr(found + separator.size());
  }
  out.emplace_back(std::string(text));
  return out;
}

std::string reversed(std::string_view text) { return {text.rbegin(), text.rend()}; }

template <bool FromRight>
Value str_split(Interpreter& in, const Value& self, Arguments& given) {
  const auto separator = given.take(0, "sep");
  const auto limit_given = given.take(1, "maxsplit");
  given.done("split", 2);
  const long limit = limit_given ? integer_of(*limit_given, "split") : -1;
  in.charge(self.text().size() * 2);
  if (!separator || separator->is_none()) return in.list(split_space(self.text(), limit, FromRight));
  const std::string& by = text_of(*separator, "split");
  if (by.empty()) fail("empty separator");
  if (!FromRight) return in.list(split_at(self.text(), by, limit));
  std::vector<Value> out = split_at(reversed(self.text()), reversed(by), limit);
  std::ranges::reverse(out);
  for (Value& piece : out) piece = Value(reversed(piece.text()));
  return in.list(std::move(out));
}

Value str_splitlines(Interpreter& in, const Value& self, Arguments& given) {
  const auto keep = given.take(0, "keepends");
  given.done("splitlines", 1);
  const bool keep_ends = keep && keep->truth();
  const std::string_view text = self.text();
  in.charge(text.size() * 2);
  std::vector<Value> lines;
  std::size_t begin = 0;
  for (std::size_t at = 0; at < text.size();) {
    const CodePoint c = code_point_at(text, at);
    const char32_t v = c.value;
    const bool ends_line =
        (v >= 0x0A && v <= 0x0D) || (v >= 0x1C && v <= 0x1E) || v == 0x85 || v == 0x2028 || v == 0x2029;
    const std::size_t line_end = at;
    at += c.size;
    if (!ends_line) continue;
    if (v == '\r' && at < text.size() && text[at] == '\n') ++at;
    lines.emplace_back(std::string(text.substr(begin, (keep_ends ? at : line_end) - begin)));
    begin = at;
  }
  if (begin < text.size()) lines.emplace_back(std::string(text.substr(begin)));
  return in.list(std::move(lines));
}

Value str_replace(Interpreter& in, const Value& self, Arguments& given) {
  const Value from = given.require("replace", 0, "old");
  const Value to = given.require("replace", 1, "new");
  const auto limit = given.take(2, "count");
  given.done("replace", 3);
  return in.made(replace_text(self.text(), text_of(from, "replace"), text_of(to, "replace"),
                              limit ? integer_of(*limit, "replace") : -1));
}

Value str_join(Interpreter& in, const Value& self, Arguments& given) {
  const Value list = given.require("join", 0, "iterable");
  given.done("join", 1);
  std::string out;
  bool first = true;
  for (const Value& item : in.iterate(list)->items) {
    if (!std::exchange(first, false)) out += self.text();
    out += text_of(item, "join");
    if (out.size() > kMaxText) break;
  }
  return in.made(std::move(out));
}

// Where the last `what` begins, or npos; linear, as find_text is.
std::size_t find_last(std::string_view in, std::string_view what) {
  const std::size_t found = find_text(reversed(in), reversed(what));
  return found == std::string_view::npos ? found : in.size() - found - what.size();
}

// Python's index of a match in code points, within text[start:end].
template <bool FromRight, bool MustBeThere>
Value str_find(Interpreter& in, const Value& self, Arguments& given) {
  const Value what = given.require("find", 0, "sub");
  const auto start = given.take(1, "start"), end = given.take(2, "end");
  given.done("find", 3);
  const std::string_view text = self.text();
  in.step(1 + text.size() / 16);
  const std::size_t length = count_code_points(text);
  const auto clamp = [&](const std::optional<Value>& value, std::size_t otherwise) {
    if (!value || value->is_none()) return otherwise;
    const long at = integer_of(*value, "find");
    if (at < 0) return static_cast<std::size_t>(std::max<long>(0, at + static_cast<long>(length)));
    return std::min<std::size_t>(static_cast<std::size_t>(at), length);
  };
  const std::size_t first = byte_offset(text, clamp(start, 0)), last = byte_offset(text, clamp(end, length));
  const std::string& wanted = text_of(what, "find");
  std::size_t found = std::string_view::npos;
  if (first <= last) {
    const std::string_view window = text.substr(first, last - first);
    found = FromRight ? find_last(window, wanted) : find_text(window, wanted);
  }
  if (found != std::string_view::npos) return Value(count_code_points(text.substr(0, first + found)));
  if (MustBeThere) fail("substring not found");
  return Value(-1);
}

Value str_count(Interpreter& in, const Value& self, Arguments& given) {
  const Value what = given.require("count", 0, "sub");
  given.done("count", 1);
  const std::string& wanted = text_of(what, "count");
  in.step(1 + self.text().size() / 16);
  if (wanted.empty()) return Value(count_code_points(self.text()) + 1);
  std::size_t count = 0;
  for (std::size_t at = find_text(self.text(), wanted); at != std::string::npos;
       at = find_text(self.text(), wanted, at + wanted.size()))
    ++count;
  return Value(count);
}

template <bool FromRight>
Value str_partition(Interpreter& in, const Value& self, Arguments& given) {
  const Value by = given.require("partition", 0, "sep");
  given.done("partition", 1);
  const std::string& separator = text_of(by, "partition");
  if (separator.empty()) fail("empty separator");
  const std::string& text = self.text();
  in.charge(text.size());
  const std::size_t found = FromRight ? find_last(text, separator) : find_text(text, separator);
  std::vector<Value> parts;
  if (found != std::string::npos)
    parts = {Value(text.substr(0, found)), by, Value(text.substr(found + separator.size()))};
  else if (FromRight)
    parts = {Value(""), Value(""), self};
  else
    parts = {self, Value(""), Value("")};
  return in.list(std::move(parts), Sequence::Kind::tuple);
}

template <bool Prefix>
Value str_remove(Interpreter& in, const Value& self, Arguments& given) {
  const Value affix = given.require("removeprefix", 0, "prefix");
  given.done("removeprefix", 1);
  const std::string& wanted = text_of(affix, "removeprefix");
  const std::string& text = self.text();
  if (Prefix && text.starts_with(wanted)) return in.made(text.substr(wanted.size()));
  if (!Prefix && text.ends_with(wanted)) return in.made(text.substr(0, text.size() - wanted.size()));
  return self;
}

enum class Side { left, right, both };
template <Side Where>
Value str_pad(Interpreter& in, const Value& self, Arguments& given) {
  const long width = integer_of(given.require("ljust", 0, "width"), "ljust");
  const auto fill = given.take(1, "fillchar");
  given.done("ljust", 2);
  const std::string pad = fill ? text_of(*fill, "ljust") : " ";
  if (count_code_points(pad) != 1) fail("the fill character must be exactly one character long");
  const long missing = width - static_cast<long>(count_code_points(self.text()));
  if (missing <= 0) return self;
  in.charge(static_cast<std::size_t>(missing) * pad.size());
  const long before = Where == Side::left ? 0 : Where == Side::right ? missing : missing / 2 + (missing & width & 1);
  std::string out;
  for (long i = 0; i < before; ++i) out += pad;
  out += self.text();
  for (long i = before; i < missing; ++i) out += pad;
  return in.made(std::move(out));
}

Value str_zfill(Interpreter& in, const Value& self, Arguments& given) {
  const long width = integer_of(given.require("zfill", 0, "width"), "zfill");
  given.done("zfill", 1);
  const std::string& text = self.text();
  const long missing = width - static_cast<long>(count_code_points(text));
  if (missing <= 0) return self;
  in.charge(static_cast<std::size_t>(missing));
  const bool sign = text.starts_with('-') || text.starts_with('+');
  return in.made(text.substr(0, sign) + std::string(static_cast<std::size_t>(missing), '0') + text.substr(sign));
}

// str.isdigit and its like: true if there is a code point and all are of the kind.
template <bool (*Is)(char32_t)>
Value str_is(Interpreter&, const Value& self, Arguments& given) {
  given.done("str method", 0);
  const CodePoints points(self.text());
  return Value(!self.text().empty() && std::all_of(points.begin(), points.end(), Is));
}

template <std::string (*Map)(std::string_view), std::string (*Other)(std::string_view)>
Value str_has_case(Interpreter&, const Value& self, Arguments& given) {
  given.done("str method", 0);
  return Value(Map(self.text()) == self.text() && Other(self.text()) != self.text());
}

Value str_format(Interpreter& in, const Value& self, Arguments& given) {
  return in.made(format_braces(self.text(), given));
}

Value dict_get(Interpreter&, const Value& self, Arguments& given) {
  const Value key = given.require("get", 0, "key");
  const auto otherwise = given.take(1, "default");
  given.done("get", 2);
  if (const Value* value = self.dict().find(key)) return *value;
  return otherwise ? *otherwise : Value();
}

template <Sequence::Kind Kind>
Value dict_view(Interpreter& in, const Value& self, Arguments& given) {
  given.done("dict method", 0);
  std::vector<Value> out;
  for (const auto& [key, value] : self.dict().entries) {
    if (Kind == Sequence::Kind::keys)
      out.push_back(key);
    else if (Kind == Sequence::Kind::values)
      out.push_back(value);
    else
      out.push_back(in.list({key, value}, Sequence::Kind::tuple));
  }
  return in.list(std::move(out), Kind);
}

Value copy(Interpreter&, const Value& self, Arguments& given) {
  given.done("copy", 0);
  return self;
}

Value list_count(Interpreter& in, const Value& self, Arguments& given) {
  const Value what = given.require("count", 0, "value");
  given.done("count", 1);
  in.step(1 + self.weight());
  return Value(static_cast<std::size_t>(
      std::ranges::count_if(self.items().items, [&](const Value& item) { return equals(item, what); })));
}

Value list_index(Interpreter& in, const Value& self, Arguments& given) {
  const Value what = given.require("index", 0, "value");
  given.done("index", 1);
  in.step(1 + self.weight());
  const auto& items = self.items().items;
  const auto found = std::ranges::find_if(items, [&](const Value& item) { return equals(item, what); });
  if (found == items.end()) fail(to_repr(what) + " is not in list");
  return Value(static_cast<std::size_t>(found - items.begin()));
}

Value float_is_integer(Interpreter&, const Value& self, Arguments& given) {
  given.done("is_integer", 0);
  return Value(std::isfinite(self.real()) && self.real() == std::floor(self.real()));
}

constexpr NamedMethod kStr[] = {{"capitalize", str_map<capitalize_text>},
                                {"casefold", str_map<casefold>},
                                {"center", str_pad<Side::both>},
                                {"count", str_count},
                                {"endswith", str_affix<ends>},
                                {"find", str_find<false, false>},
                                {"format", str_format},
                                {"index", str_find<false, true>},
                                {"isalnum", str_is<is_alphanumeric>},
                                {"isalpha", str_is<is_alphabetic>},
                                {"isdecimal", str_is<is_decimal>},
                                {"isdigit", str_is<is_digit>},
                                {"islower", str_has_case<lowered, upper>},
                                {"isnumeric", str_is<is_numeric>},
                                {"isspace", str_is<is_python_space>},
                                {"isupper", str_has_case<upper, lowered>},
                                {"join", str_join},
                                {"ljust", str_pad<Side::left>},
                                {"lower", str_map<lowered>},
                                {"lstrip", str_strip<true, false>},
                                {"partition", str_partition<false>},
                                {"removeprefix", str_remove<true>},
                                {"removesuffix", str_remove<false>},
                                {"replace", str_replace},
                                {"rfind", str_find<true, false>},
                                {"rindex", str_find<true, true>},
                                {"rjust", str_pad<Side::right>},
                                {"rpartition", str_partition<true>},
                                {"rsplit", str_split<true>},
                                {"rstrip", str_strip<false, true>},
                                {"split", str_split<false>},
                                {"splitlines", str_splitlines},
                                {"startswith", str_affix<starts>},
                                {"strip", str_strip<true, true>},
                                {"title", str_map<title_text>},
                                {"upper", str_map<upper>},
                                {"zfill", str_zfill}};
constexpr NamedMethod kDict[] = {{"copy", copy},
                                 {"get", dict_get},
                                 {"items", dict_view<Sequence::Kind::items>},
                                 {"keys", dict_view<Sequence::Kind::keys>},
                                 {"values", dict_view<Sequence::Kind::values>}};
constexpr NamedMethod kList[] = {{"copy", copy}, {"count", list_count}, {"index", list_index}};
constexpr NamedMethod kTuple[] = {{"count", list_count}, {"index", list_index}};
constexpr NamedMethod kFloat[] = {{"is_integer", float_is_integer}};
// What would change a value: Jinja's sandbox gives an undefined instead.
constexpr std::string_view kChangesDict[] = {"clear", "pop", "popitem", "setdefault", "update"};
constexpr std::string_view kChangesList[] = {"append", "clear", "extend", "insert", "pop", "remove", "reverse", "sort"};

template <std::size_t Size>
Method find(const NamedMethod (&table)[Size], std::string_view name) {
  const auto found = std::ranges::find(table, name, &NamedMethod::name);
  return found != std::end(table) ? found->method : nullptr;
}

}  // namespace

std::optional<Value> find_method(const Value& self, std::string_view name) {
  Method method = nullptr;
  bool changes = false;
  if (self.is_text()) {
    method = find(kStr, name);
  } else if (self.is_dict()) {
    method = find(kDict, name);
    changes = std::ranges::find(kChangesDict, name) != std::end(kChangesDict);
  } else if (self.is_items() && self.items().kind == Sequence::Kind::list) {
    method = find(kList, name);
    changes = std::ranges::find(kChangesList, name) != std::end(kChangesList);
  } else if (self.is_items() && self.items().kind == Sequence::Kind::tuple) {
    method = find(kTuple, name);
  } else if (self.is<double>()) {
    method = find(kFloat, name);
  }
  if (changes)
    return Value::undefined("access to attribute '" + std::string(name) + "' of '" + self.type_name() +
                            "' object is unsafe");
  if (!method) return std::nullopt;
  auto made = std::make_shared<Callable>();
  made->name = name;
  made->depth = self.depth() + 1;
  made->call = [method, self](Interpreter& interpreter, Arguments& given) { return method(interpreter, self, given); };
  return Value(Value::Function(std::move(made)));
}

std::string replace_text(std::string_view text, std::string_view from, std::string_view to, long limit) {
  std::string out;
  std::size_t done = 0;
  const auto put = [&](std::string_view more) {
    if (out.size() + more.size() > kMaxText) fail("a text is larger than a template may make");
    out += more;
  };
  for (std::size_t at = 0; limit != 0; --limit) {
    const std::size_t found = from.empty() ? at : find_text(text, from, at);
    if (found == std::string_view::npos || found > text.size()) break;
    put(text.substr(done, found - done));
    put(to);
    done = found + from.size();
    at = done;
    if (!from.empty()) continue;
    if (found == text.size()) break;
    at = found + code_point_at(text, found).size;  // between all code points, and at both ends
  }
  put(text.substr(std::min(done, text.size())));
  return out;
}

}  // namespace fthost::text::jinja

// JSON Lines for decoders: one row a line; a broken line becomes a finding and the rows after it go on. Link ft::json
// (ft_add_plugin(... JSON)).
#pragma once

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <ft/formatter.hpp>
#include <ft/json.hpp>
#include <string>
#include <string_view>
#include <unordered_set>
#include <vector>

namespace ft {

// Why a line is no row: for FT_FINDING. `column` is the byte, from 1, where it went wrong; 0: not known.
struct LineProblem {
  std::string code, message, hint;
  std::size_t column = 0;
};

namespace detail {

// The first whole number of a valid JSON text that does not fit into 64 bits, or nothing.
inline std::string_view large_number(std::string_view json) {
  for (std::size_t at = 0; at < json.size(); ++at) {
    if (json[at] == '"') {
      for (++at; at < json.size() && json[at] != '"'; ++at) at += json[at] == '\\';
      continue;
    }
    if (json[at] != '-' && (json[at] < '0' || json[at] > '9')) continue;
    const std::size_t end = std::min(json.find_first_not_of("+-.0123456789eE", at), json.size());
    const std::string_view number = json.substr(at, end - at);
    const char* const last = number.data() + number.size();
    std::int64_t whole = 0;
    std::uint64_t positive = 0;
    if (number.find_first_of(".eE") == std::string_view::npos &&
        std::from_chars(number.data(), last, whole).ec != std::errc() &&
        std::from_chars(number.data(), last, positive).ec != std::errc()) {
      return number;
    }
    at = end - 1;
  }
  return {};
}

}  // namespace detail

// What is wrong with a line that the parser has refused. Slow: it looks for the place.
inline LineProblem line_problem(std::string_view line, simdjson::error_code error) {
  if (const std::size_t good = utf8_prefix(line); good < line.size()) {
    return {"invalid_utf8", "not UTF-8 at byte " + std::to_string(good + 1), "save the file as UTF-8", good + 1};
  }
  std::size_t position = 0;
  try {
    [[maybe_unused]] const Json whole = Json::parse(std::string_view(line));
    if (const std::string_view large = detail::large_number(line); !large.empty()) {
      return {"number_too_large", "the number " + std::string(large.substr(0, 40)) + " does not fit into 64 bits",
              "write it as text, in quotes"};
    }
  } catch (const Json::parse_error& problem) {
    position = problem.byte;
  } catch (const Json::exception&) {
    position = 0;  // a number beyond all doubles: the parser says so
  }
  std::string message = "broken JSON";
  if (position) message += " at byte " + std::to_string(position);
  if (position > line.size()) {
    message += ": the line ends before its JSON does";
  } else if (error == simdjson::TAPE_ERROR && position > 0) {
    message += ": '" + std::string(line.substr(position - 1, 1)) + "' was not expected here";
  } else {
    message += ": " + json_problem(error);
  }
  return {"broken_json", message, "mend the line; every line must be one complete JSON object", position};
}

namespace detail {

// The path of the first key that stands a second time in its object, at any depth, or nothing. Readers disagree on
// which one counts.
inline std::string repeated_key(simdjson::dom::element element, std::string_view& key) {
  constexpr std::size_t kFew = 16;
  simdjson::dom::object object;
  if (!element.get(object)) {
    std::string_view few[kFew];
    std::unordered_set<std::string_view> many;
    std::size_t count = 0;
    for (const auto field : object) {
      bool known = false;
      if (count < kFew) {
        known = std::find(few, few + count, field.key) != few + count;
        few[count] = field.key;
      } else {
        if (count == kFew) many.insert(few, few + kFew);
        known = !many.insert(field.key).second;
      }
      if (known) {
        key = field.key;
        return "/" + pointer_token(key);
      }
      ++count;
      if (std::string path = repeated_key(field.value, key); !path.empty())
        return "/" + pointer_token(field.key) + std::move(path);
    }
    return {};
  }
  simdjson::dom::array array;
  if (element.get(array)) return {};
  std::size_t index = 0;
  for (const auto item : array) {
    if (std::string path = repeated_key(item, key); !path.empty()) return "/" + std::to_string(index) + std::move(path);
    ++index;
  }
  return {};
}

// One row's text: body(number, text, object) where it is a JSON object, else a finding.
template <class Body>
void parse_row(const Call& call, simdjson::dom::parser& parser, std::uint64_t number, std::string_view text,
               Body& body) {
  simdjson::dom::element element;
  if (const auto error = parser.parse(text.data(), text.size(), true).get(element)) {
    const LineProblem problem = line_problem(text, error);
    call.finding(number, problem.code, "error", "", problem.message, problem.hint);
    return;
  }
  simdjson::dom::object object;
  if (element.get(object)) {
    call.finding(number, "not_an_object", "error", "", "the row is JSON but not an object",
                 "every row must be an object");
    return;
  }
  std::string_view key;
  if (const std::string path = repeated_key(element, key); !path.empty()) {
    call.finding(number, "duplicate_key", "error", path, "the key \"" + std::string(key) + "\" stands twice",
                 "remove one of them");
    return;
  }
  body(number, text, object);
}

inline bool is_json_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

// The elements of a JSON list one after the other, cut by brackets and quotes alone.
class ListReader {
 public:
  explicit ListReader(Source& source) : source_(source) {}

  enum class Next { element, end, open };  // open: the file ends before the list does

  // The first byte that is no space, 0 at the end of the file.
  char first() {
    while (source_.ahead().size() < 3 && source_.more()) {  // a byte order mark has gone then
    }
    return skip_spaces() ? source_.ahead()[0] : '\0';
  }
  void enter() { source_.skip(1); }

  // `text` lives until the next call; `line` is where it begins.
  Next next(std::string_view& text, std::uint64_t& line) {
    source_.skip(taken_);
    taken_ = 0;
    problems_.clear();
    bool comma = false;
    for (;;) {
      if (!skip_spaces()) return Next::open;
      const char c = source_.ahead()[0];
      if (c == ']') {
        if (comma) wrong("a comma stands before the ] of the list", "remove the comma");
        source_.skip(1);
        return Next::end;
      }
      if (c != ',') break;
      if ((comma || elements_ == 0) && problems_.empty())  // however many there are
        wrong("a comma with no element before it", "remove the comma, or write what is missing");
      comma = true;
      source_.skip(1);
    }
    if (!comma && elements_ > 0) wrong("no comma stands behind the element", "write one between each two elements");
    ++elements_;
    line = line_;
    std::size_t depth = 0;
    bool quoted = false, escaped = false;
    for (std::size_t at = 0;; ++at) {
      if (at == source_.ahead().size()) {
        if (at > Source::kLineLimit) {
          throw Error(FT_E_INPUT, "the row is larger than 64 MB",
                      std::string(source_.name()) + ":" + std::to_string(line),
                      "look for a quote or a bracket that is not closed");
        }
        if (!source_.more()) return take(at, text, depth == 0 && !quoted ? Next::element : Next::open);
      }
      const char c = source_.ahead()[at];
      line_ += c == '\n';
      if (quoted) {
        quoted = escaped || c != '"';
        escaped = !escaped && c == '\\';
      } else if (c == '"') {
        quoted = true;
      } else if (c == '{' || c == '[') {
        ++depth;
      } else if (c == ']' && depth == 0) {
        return take(at, text, Next::element);
      } else if ((c == '}' || c == ']') && depth > 0) {  // a '}' that closes nothing is a part of its broken row
        if (--depth == 0) return take(at + 1, text, Next::element);
      } else if (c == ',' && depth == 0) {
        return take(at, text, Next::element);
      }
    }
  }
  // What was wrong with the commas before what next() gave; the path is the index of the element before them.
  struct Problem {
    std::uint64_t line;
    std::string path;
    const char *message, *hint;
  };
  const std::vector<Problem>& problems() const { return problems_; }
  // Whether anything but spaces follows the list.
  bool rest() { return skip_spaces(); }
  std::uint64_t line() const { return line_; }

 private:
  bool skip_spaces() {
    for (;;) {
      const std::string_view ahead = source_.ahead();
      std::size_t at = 0;
      for (; at < ahead.size() && is_json_space(ahead[at]); ++at) line_ += ahead[at] == '\n';
      const bool found = at < ahead.size();
      source_.skip(at);
      if (found) return true;
      if (!source_.more()) return false;
    }
  }
  Next take(std::size_t size, std::string_view& text, Next what) {
    text = source_.ahead().substr(0, size);
    taken_ = size;
    return what;
  }

  void wrong(const char* message, const char* hint) {
    problems_.push_back({line_, elements_ == 0 ? "" : "/" + std::to_string(elements_ - 1), message, hint});
  }

  Source& source_;
  std::vector<Problem> problems_;
  std::size_t taken_ = 0, elements_ = 0;
  std::uint64_t line_ = 1;
};

template <class Body>
void for_each_line(const Call& call, Source& source, std::uint64_t before, Body& body) {
  simdjson::dom::parser parser;
  std::string_view line;
  std::uint64_t number = 0;
  while (source.next_line(line, number)) {
    if (number % 1024 == 0) call.stop_if_cancelled();
    if (source.too_long()) report_too_long(call, before + number);
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    parse_row(call, parser, before + number, line, body);
  }
}

template <class Body>
void for_each_element(const Call& call, ListReader& list, Body& body) {
  simdjson::dom::parser parser;
  std::string_view text;
  std::uint64_t line = 0;
  list.enter();
  for (std::size_t count = 1;; ++count) {
    if (count % 1024 == 0) call.stop_if_cancelled();
    const auto next = list.next(text, line);
    for (const ListReader::Problem& problem : list.problems())
      call.finding(problem.line, "broken_json", "error", problem.path, problem.message, problem.hint);
    if (next == ListReader::Next::element) {
      parse_row(call, parser, line, text, body);
      continue;
    }
    if (next == ListReader::Next::open) {
      call.damaged(list.line(), "broken_json", "the file ends before its list of rows does",
                   "the file was cut short: get it again, or close the list with ]");
    } else if (list.rest()) {
      call.damaged(list.line(), "broken_json", "something follows the list of rows, and was not read",
                   "remove what stands behind the last ]");
    }
    return;
  }
}

}  // namespace detail

// Calls body(number, text, object) for every row that is a JSON object: the lines of the file, or, where the file
// begins with '[', the elements of that list, which are numbered by the line they begin at. Blank lines are passed
// over, other rows become a finding of severity "error". `text` and `object` live until body returns.
template <class Body>
void for_each_json_row(const Call& call, Source& source, Body&& body) {
  detail::ListReader list(source);
  if (list.first() == '[') {
    detail::for_each_element(call, list, body);
  } else {
    detail::for_each_line(call, source, list.line() - 1, body);
  }
}

}  // namespace ft

// The walk trusts nothing but the index: every token, separator, escape and depth is checked here.
#include "data/json.hpp"

#include <simdjson.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "data/json_text.hpp"

namespace fthost::data {

struct Document::Index {
  std::unique_ptr<simdjson::internal::dom_parser_implementation> implementation;
  std::size_t capacity = 0;
};

const char* kind_name(Kind kind) {
  switch (kind) {
    case Kind::null:
      return "null";
    case Kind::boolean:
      return "boolean";
    case Kind::number:
      return "number";
    case Kind::string:
      return "string";
    case Kind::array:
      return "array";
    case Kind::object:
      return "object";
  }
  return "null";
}

Document::Document() : index_(std::make_unique<Index>()), open_(std::make_unique<std::uint32_t[]>(kMaxDepth)) {}
Document::~Document() = default;
Document::Document(Document&&) noexcept = default;
Document& Document::operator=(Document&&) noexcept = default;

namespace {

bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// The token as a person can read it, at most 20 bytes.
std::string shown(std::string_view text, std::size_t at) {
  const unsigned char c = static_cast<unsigned char>(text[at]);
  if (c < 0x20 || c == 0x7F) {
    static const char* const digits = "0123456789abcdef";
    return std::string("control character 0x") + digits[c >> 4] + digits[c & 15];
  }
  std::size_t end = at + 1;
  while (end < text.size() && end - at < 20 && static_cast<unsigned char>(text[end]) > 0x20 &&
         std::strchr("{}[]:,\"", text[end]) == nullptr && std::strchr("{}[]:,\"", text[at]) == nullptr) {
    ++end;
  }
  while (end < text.size() && (static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) ++end;
  return "'" + std::string(text.substr(at, end - at)) + "'";
}

// -?(0|[1-9][0-9]*)(.[0-9]+)?([eE][+-]?[0-9]+)?
bool is_number(const char* at, const char* end) {
  if (at < end && *at == '-') ++at;
  if (at == end || !is_digit(*at)) return false;
  if (*at == '0') {
    ++at;
  } else {
    while (at < end && is_digit(*at)) ++at;
  }
  if (at < end && *at == '.') {
    if (++at == end || !is_digit(*at)) return false;
    while (at < end && is_digit(*at)) ++at;
  }
  if (at < end && (*at == 'e' || *at == 'E')) {
    if (++at < end && (*at == '+' || *at == '-')) ++at;
    if (at == end || !is_digit(*at)) return false;
    while (at < end && is_digit(*at)) ++at;
  }
  return at == end;
}

}  // namespace

bool Document::fail(Problem::Code code, std::size_t at, const std::string& what) {
  count_ = 0;
  problem_.code = code;
  problem_.byte = at + 1;
  problem_.message = what + " at byte " + std::to_string(at + 1);
  return false;
}

// The index says that something is wrong, not where: look again, slowly.
bool Document::fail_index(int error) {
  const std::size_t invalid = find_invalid_utf8(text_);
  if (invalid != std::string_view::npos) return fail(Problem::Code::utf8, invalid, "invalid UTF-8");
  if (error == simdjson::EMPTY) {
    fail(Problem::Code::empty, 0, "nothing but white space");
    problem_.message = "empty";
    return false;
  }
  std::size_t opened = std::string_view::npos;
  for (std::size_t at = 0; at < text_.size(); ++at) {
    const char c = text_[at];
    if (opened == std::string_view::npos) {
      if (c == '"') opened = at;
    } else if (c == '\\') {
      ++at;
    } else if (c == '"') {
      opened = std::string_view::npos;
    } else if (static_cast<unsigned char>(c) < 0x20) {
      return fail(Problem::Code::broken, at, "unescaped " + shown(text_, at) + " in the string");
    }
  }
  if (opened != std::string_view::npos)
    return fail(Problem::Code::broken, opened, "a string is opened and not closed,");
  return fail(Problem::Code::broken, 0, simdjson::error_message(static_cast<simdjson::error_code>(error)));
}

bool Document::parse(std::string_view text) {
  text_ = text;
  count_ = 0;
  steps_.clear();
  if (text.size() > kMaxText) return fail(Problem::Code::too_long, kMaxText, "more than 4 GB in one text");
  Index& index = *index_;
  if (text.size() > index.capacity || !index.implementation) {
    const std::size_t wanted = std::min(kMaxText, std::max<std::size_t>(text.size() + text.size() / 2, 16384));
    const simdjson::error_code error =
        index.implementation
            ? index.implementation->set_capacity(wanted)
            : simdjson::get_active_implementation()->create_dom_parser_implementation(wanted, 1, index.implementation);
    if (error != simdjson::SUCCESS) throw std::bad_alloc();
    index.capacity = wanted;
  }
  const simdjson::error_code error = index.implementation->stage1(reinterpret_cast<const std::uint8_t*>(text.data()),
                                                                  text.size(), simdjson::stage1_mode::regular);
  if (error != simdjson::SUCCESS) return fail_index(error);
  // Every value begins at an index, so there are never more values.
  const std::size_t values = index.implementation->n_structural_indexes;
  if (values > capacity_) {
    capacity_ = values + values / 2;
    nodes_ = std::make_unique_for_overwrite<Node[]>(capacity_);
  }
  escapes_.scan(text);
  const bool whole = walk();
  if (escapes_.bad() != EscapeScan::npos && (whole || escapes_.bad() + 1 < problem_.byte)) return fail_escape();
  return whole;
}

bool Document::parse_object(std::string_view text) {
  if (!parse(text)) return false;
  if (root().kind() == Kind::object) return true;
  const std::string what = std::string("an object was expected, not ") + kind_name(root().kind()) + ",";
  return fail(Problem::Code::not_an_object, root().begin(), what);
}

bool Document::fail_escape() {
  const std::size_t at = escapes_.bad();
  if (at + 1 >= text_.size() || text_[at + 1] != 'u') {
    return fail(Problem::Code::broken, at, "unknown escape " + shown(text_, at));
  }
  if (at + 6 > text_.size() || hex_unit(text_.data() + at + 2) < 0) {
    return fail(Problem::Code::broken, at, "\\u without four hexadecimal digits");
  }
  return fail(Problem::Code::broken, at, "half a surrogate pair, which is no character,");
}

bool Document::walk() {
  const std::uint32_t* const starts = index_->implementation->structural_indexes.get();
  const std::uint32_t n = index_->implementation->n_structural_indexes;
  const char* const text = text_.data();
  const std::uint32_t size = static_cast<std::uint32_t>(text_.size());
  Node* const nodes = nodes_.get();
  std::uint32_t count = 0, depth = 0, i = 0;
  const auto expected = [&](const char* what) {
    if (i >= n) return fail(Problem::Code::broken, size, std::string("the text ends where ") + what + " was expected,");
    return fail(Problem::Code::broken, starts[i], std::string(what) + " was expected, not " + shown(text_, starts[i]));
  };
  // Between a scalar and the next index there is only white space.
  const auto end_of_token = [=](std::uint32_t at) {
    std::uint32_t end = at + 1 < n ? starts[at + 1] : size;
    while (is_space(text[end - 1])) --end;
    return end;
  };
  // A string at index i becomes node `count`.
  const auto string_at = [&](bool is_key) __attribute__((always_inline)) {
    const std::uint32_t begin = starts[i], end = end_of_token(i);
    if (end - begin < 2 || text[end - 1] != '"') {
      return fail(Problem::Code::broken, begin, "a string is opened and not closed,");
    }
    const bool escaped = is_key && escapes_.any(begin, end);
    nodes[count] = Node{begin, end, count + 1, Kind::string, is_key, escaped};
    ++count;
    return true;
  };

value:
  if (i >= n) return expected("a value");
  {
    const std::uint32_t begin = starts[i];
    switch (text[begin]) {
      case '{':
      case '[': {
        const bool object = text[begin] == '{';
        if (depth == kMaxDepth) {
          return fail(Problem::Code::too_deep, begin, "nested more than " + std::to_string(kMaxDepth) + " levels deep");
        }
        nodes[count] = Node{begin, 0, 0, object ? Kind::object : Kind::array, false, false};
        open_[depth++] = count++;
        ++i;
        if (i < n && text[starts[i]] == (object ? '}' : ']')) goto close;
        if (object) goto key;
        goto value;
      }
      case '"':
        if (!string_at(false)) return false;
        break;
      case 't':
      case 'f':
      case 'n': {
        const std::uint32_t end = end_of_token(i);
        const std::string_view token = text_.substr(begin, end - begin);
        const bool null = token == "null";
        if (!null && token != "true" && token != "false") return expected("a value");
        nodes[count] = Node{begin, end, count + 1, null ? Kind::null : Kind::boolean, false, false};
        ++count;
        break;
      }
      case '-':
      case '0':
      case '1':
      case '2':
      case '3':
      case '4':
      case '5':
      case '6':
      case '7':
      case '8':
      case '9': {
        const std::uint32_t end = end_of_token(i);
        if (!is_number(text + begin, text + end)) {
          return fail(Problem::Code::broken, begin, shown(text_, begin) + " is not a JSON number,");
        }
        nodes[count] = Node{begin, end, count + 1, Kind::number, false, false};
        ++count;
        break;
      }
      default:
        return expected("a value");
    }
    ++i;
  }

after_value:
  if (depth == 0) {
    if (i < n) return expected("the end of the line");
    count_ = count;
    return true;
  }
  if (nodes[open_[depth - 1]].kind == Kind::object) {
    if (i < n && text[starts[i]] == ',') {
      ++i;
      goto key;
    }
    if (i < n && text[starts[i]] == '}') goto close;
    return expected("',' or '}'");
  }
  if (i < n && text[starts[i]] == ',') {
    ++i;
    goto value;
  }
  if (i < n && text[starts[i]] == ']') goto close;
  return expected("',' or ']'");

key:
  if (i >= n || text[starts[i]] != '"') return expected("a key");
  if (!string_at(true)) return false;
  ++i;
  if (i >= n || text[starts[i]] != ':') return expected("':'");
  ++i;
  goto value;

close: {
  Node& container = nodes[open_[--depth]];
  container.end = starts[i] + 1;
  container.next = count;
  ++i;
  goto after_value;
}
}

}  // namespace fthost::data

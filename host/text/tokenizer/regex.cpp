#define PCRE2_CODE_UNIT_WIDTH 8
#include "text/tokenizer/regex.hpp"

#include <pcre2.h>

#include <new>

#include "text/unicode.hpp"

namespace fthost::text {
namespace {

// PCRE2's \s has U+180E, which Unicode's White_Space has not; its \w lacks marks; its \h is not a hexadecimal digit.
constexpr std::string_view kSpace = R"(\x09-\x0d\x20\x{85}\p{Z})";
constexpr std::string_view kWord = R"(\p{L}\p{M}\p{Nd}\p{Nl}\p{Pc})";
constexpr std::string_view kHex = "0-9A-Fa-f";

// Rewrites the classes and flags that mean something else to PCRE2; Failure for what it has no words for.
class Translator {
 public:
  Translator(std::string_view pattern, const std::string& where) : pattern_(pattern), where_(where) {}

  std::string run() {
    while (at_ < pattern_.size()) {
      const char c = pattern_[at_];
      if (c == '\\') {
        escape(false);
      } else if (c == '[') {
        character_class();
      } else if (c == '(' && pattern_.substr(at_, 2) == "(?") {
        flags();
      } else {
        out_.push_back(c);
        ++at_;
      }
    }
    return std::move(out_);
  }

 private:
  [[noreturn]] void refuse(const std::string& what) const {
    throw Failure(make_error(Code::unsupported,
                             "the pattern " + std::string(pattern_) + " uses " + what + ", which is not supported",
                             where_));
  }

  void put(std::string_view set, bool negated, bool in_class) {
    if (in_class) {
      out_ += set;
      return;
    }
    out_ += negated ? "[^" : "[";
    out_ += set;
    out_ += ']';
  }

  void escape(bool in_class) {
    if (at_ + 1 >= pattern_.size()) refuse("a backslash at its end");
    const char c = pattern_[at_ + 1];
    at_ += 2;
    switch (c) {
      case 's':
        return put(kSpace, false, in_class);
      case 'w':
        return put(kWord, false, in_class);
      case 'h':
        return put(kHex, false, in_class);
      case 'S':
      case 'W':
        // Inside a class a negated set cannot be spelled out; PCRE2's own differs in U+180E and in marks.
        if (in_class) {
          out_ += '\\';
          out_ += c;
          return;
        }
        return put(c == 'S' ? kSpace : kWord, true, false);
      case 'H':
        if (in_class) refuse("\\H in a character class");
        return put(kHex, true, false);
      default:
        out_ += '\\';
        out_ += c;
    }
  }

  void character_class() {
    out_ += '[';
    ++at_;
    if (at_ < pattern_.size() && pattern_[at_] == '^') out_ += pattern_[at_++];
    if (at_ < pattern_.size() && pattern_[at_] == ']') {
      out_ += "\\]";
      ++at_;
    }
    while (at_ < pattern_.size() && pattern_[at_] != ']') {
      const char c = pattern_[at_];
      if (c == '\\') {
        escape(true);
      } else if (pattern_.substr(at_, 2) == "&&") {
        refuse("an intersection of classes (&&)");
      } else if (c == '[') {
        const std::size_t end = pattern_.find(":]", at_);
        if (pattern_.substr(at_, 2) != "[:" || end == std::string_view::npos) refuse("a class inside a class");
        out_ += pattern_.substr(at_, end + 2 - at_);
        at_ = end + 2;
      } else {
        out_.push_back(c);
        ++at_;
      }
    }
    if (at_ == pattern_.size()) refuse("a character class without its end");
    out_ += ']';
    ++at_;
  }

  // (?m:...) lets the dot match a line break in Ruby, which is PCRE2's s.
  void flags() {
    out_ += "(?";
    at_ += 2;
    std::size_t end = at_;
    while (end < pattern_.size() && (pattern_[end] == '-' || (pattern_[end] >= 'a' && pattern_[end] <= 'z'))) ++end;
    if (end == at_ || end == pattern_.size() || (pattern_[end] != ':' && pattern_[end] != ')')) return;
    for (; at_ < end; ++at_) out_.push_back(pattern_[at_] == 'm' ? 's' : pattern_[at_]);
  }

  std::string_view pattern_;
  const std::string& where_;
  std::size_t at_ = 0;
  std::string out_;
};

}  // namespace

void Regex::Deleter::operator()(void* code) const { pcre2_code_free(static_cast<pcre2_code*>(code)); }
void Regex::Scan::Deleter::operator()(void* data) const { pcre2_match_data_free(static_cast<pcre2_match_data*>(data)); }

Result<Regex> Regex::compile(std::string_view pattern, const std::string& where) {
  if (const auto bad = invalid_utf8_offset(pattern))
    return make_error(Code::input, "a pattern is not valid UTF-8", where);
  std::string translated;
  try {
    translated = Translator(pattern, where).run();
  } catch (const Failure& failure) {
    return failure.error();
  }
  const std::unique_ptr<pcre2_compile_context, decltype(&pcre2_compile_context_free)> context(
      pcre2_compile_context_create(nullptr), &pcre2_compile_context_free);
  if (!context) throw std::bad_alloc();
  pcre2_set_newline(context.get(), PCRE2_NEWLINE_LF);
  int number = 0;
  PCRE2_SIZE offset = 0;
  pcre2_code* code =
      pcre2_compile(reinterpret_cast<PCRE2_SPTR>(translated.data()), translated.size(),
                    PCRE2_UTF | PCRE2_UCP | PCRE2_MULTILINE | PCRE2_NEVER_BACKSLASH_C, &number, &offset, context.get());
  if (code == nullptr) {
    PCRE2_UCHAR reason[160];
    pcre2_get_error_message(number, reason, sizeof reason);
    return make_error(
        Code::unsupported,
        "the pattern " + std::string(pattern) + " is not understood: " + reinterpret_cast<const char*>(reason), where);
  }
  Regex regex(code, std::string(pattern));
  regex.jit_ = pcre2_jit_compile(code, PCRE2_JIT_COMPLETE) == 0;
  return regex;
}

std::string Regex::escape(std::string_view literal) {
  std::string out;
  for (const char c : literal) {
    const bool plain = (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || (c & 0x80) != 0;
    if (!plain) out += '\\';
    out += c;
  }
  return out;
}

Regex::Scan::Scan(const Regex& regex, std::string_view text)
    : regex_(regex), text_(text), match_data_(pcre2_match_data_create(1, nullptr)) {
  if (!match_data_) throw std::bad_alloc();
}

bool Regex::Scan::next(std::size_t& begin, std::size_t& end) {
  const auto* code = static_cast<const pcre2_code*>(regex_.code_.get());
  auto* data = static_cast<pcre2_match_data*>(match_data_.get());
  const auto* subject = reinterpret_cast<PCRE2_SPTR>(text_.data());
  while (at_ < text_.size()) {
    constexpr std::uint32_t kOptions = PCRE2_NO_UTF_CHECK | PCRE2_NOTEMPTY;
    int found = PCRE2_ERROR_JIT_STACKLIMIT;
    if (regex_.jit_) found = pcre2_jit_match(code, subject, text_.size(), at_, kOptions, data, nullptr);
    if (found == PCRE2_ERROR_JIT_STACKLIMIT) {
      found = pcre2_match(code, subject, text_.size(), at_, kOptions | PCRE2_NO_JIT, data, nullptr);
    }
    if (found == PCRE2_ERROR_NOMATCH) return false;
    if (found < 0) {
      PCRE2_UCHAR reason[160];
      pcre2_get_error_message(found, reason, sizeof reason);
      throw Failure(make_error(Code::limit, "the pattern " + regex_.pattern_ +
                                                " cannot be matched: " + reinterpret_cast<const char*>(reason)));
    }
    const PCRE2_SIZE* offsets = pcre2_get_ovector_pointer(data);
    begin = offsets[0];
    end = offsets[1];
    if (end > begin && begin >= at_) {
      at_ = end;
      return true;
    }
    at_ += code_point_at(text_, at_).size;  // \K in a look-around can put the start after the end
  }
  return false;
}

}  // namespace fthost::text

#include "text/tokenizer/normalizer.hpp"

#include <utf8proc.h>

#include "text/tokenizer/fields.hpp"

namespace fthost::text {

Result<Regex> parse_pattern(const nlohmann::json& pattern, const std::string& where) {
  if (pattern.is_string()) return Regex::compile(Regex::escape(pattern.get<std::string>()), where);
  const std::string literal = string_field(pattern, "String");
  if (!literal.empty()) return Regex::compile(Regex::escape(literal), where);
  const std::string expression = string_field(pattern, "Regex");
  if (!expression.empty()) return Regex::compile(expression, where);
  return bad_field("a pattern is neither {\"String\"} nor {\"Regex\"}, or it is empty", where);
}

std::string replace_all(const Regex& regex, std::string_view text, std::string_view content) {
  std::string out;
  std::size_t done = 0, begin = 0, end = 0;
  for (Regex::Scan scan(regex, text); scan.next(begin, end); done = end) {
    out.append(text, done, begin - done);
    out += content;
  }
  return out.append(text, done);
}

Result<Normalizer> Normalizer::parse(const nlohmann::json& json, const std::string& where) {
  Normalizer normalizer;
  if (auto error = normalizer.add(json, where, 0)) return *error;
  return normalizer;
}

std::optional<Error> Normalizer::add(const nlohmann::json& json, const std::string& where, int depth) {
  if (json.is_null()) return std::nullopt;
  if (depth > kMaxNesting) return bad_field("normalizer is nested too deeply", where);
  const std::string type = string_field(json, "type");
  if (type == "Sequence") {
    const nlohmann::json& list = field(json, "normalizers");
    if (!list.is_array()) return bad_field("normalizer.normalizers is not a list", where);
    for (const nlohmann::json& one : list) {
      if (auto error = add(one, where, depth + 1)) return error;
    }
  } else if (type == "NFC") {
    steps_.emplace_back(Form::nfc);
  } else if (type == "NFD") {
    steps_.emplace_back(Form::nfd);
  } else if (type == "NFKC") {
    steps_.emplace_back(Form::nfkc);
  } else if (type == "NFKD") {
    steps_.emplace_back(Form::nfkd);
  } else if (type == "Lowercase") {
    steps_.emplace_back(Lowercase{});
  } else if (type == "StripAccents") {
    steps_.emplace_back(StripAccents{});
  } else if (type == "Strip") {
    steps_.emplace_back(Strip{bool_field(json, "strip_left", true), bool_field(json, "strip_right", true)});
  } else if (type == "Prepend") {
    steps_.emplace_back(Prepend{string_field(json, "prepend")});
  } else if (type == "Replace") {
    auto regex = parse_pattern(field(json, "pattern"), where);
    if (!regex) return regex.error();
    steps_.emplace_back(Replace{std::move(*regex), string_field(json, "content")});
  } else {
    return unsupported_part("normalizer \"" + type + "\"", where);
  }
  return std::nullopt;
}

std::string Normalizer::apply(const Step& step, std::string text) {
  if (const auto* form = std::get_if<Form>(&step)) return normalize(text, *form);
  if (const auto* prepend = std::get_if<Prepend>(&step)) return text.empty() ? text : prepend->content + text;
  if (const auto* replace = std::get_if<Replace>(&step)) return replace_all(replace->regex, text, replace->content);
  if (std::get_if<Lowercase>(&step)) return lower(text, false);
  if (const auto* strip = std::get_if<Strip>(&step)) {
    std::string_view kept = text;
    if (strip->left) kept = trim_start(kept, Space::unicode);
    if (strip->right) kept = trim_end(kept, Space::unicode);
    return std::string(kept);
  }
  std::string kept;
  for (const char32_t c : CodePoints(text)) {
    if (utf8proc_category(static_cast<utf8proc_int32_t>(c)) != UTF8PROC_CATEGORY_MN) append_utf8(kept, c);
  }
  return kept;
}

std::string Normalizer::run(std::string_view text) const {
  std::string out(text);
  for (const Step& step : steps_) out = apply(step, std::move(out));
  return out;
}

}  // namespace fthost::text

#include "text/tokenizer/decoder.hpp"

#include "text/tokenizer/byte_level.hpp"
#include "text/tokenizer/fields.hpp"
#include "text/tokenizer/normalizer.hpp"

namespace fthost::text {
namespace {

using Tokens = std::vector<std::string>;

// The byte of "<0xE2>", or -1.
int fallback_byte(std::string_view token) {
  if (token.size() != 6 || !token.starts_with("<0x") || token[5] != '>') return -1;
  int value = 0;
  for (const char c : token.substr(3, 2)) {
    if (c >= '0' && c <= '9')
      value = value * 16 + (c - '0');
    else if (c >= 'A' && c <= 'F')
      value = value * 16 + (c - 'A' + 10);
    else if (c >= 'a' && c <= 'f')
      value = value * 16 + (c - 'a' + 10);
    else
      return -1;
  }
  return value;
}

std::string join(const Tokens& tokens, std::string_view between = {}) {
  std::string out;
  for (std::size_t i = 0; i < tokens.size(); ++i) {
    if (i > 0) out += between;
    out += tokens[i];
  }
  return out;
}

// Runs of byte tokens become their text if it is UTF-8, and one U+FFFD a byte if not.
Tokens decode_fallback(Tokens tokens) {
  Tokens out;
  std::string bytes;
  const auto flush = [&] {
    if (bytes.empty()) return;
    if (invalid_utf8_offset(bytes))
      out.insert(out.end(), bytes.size(), "\uFFFD");
    else
      out.push_back(bytes);
    bytes.clear();
  };
  for (std::string& token : tokens) {
    const int byte = fallback_byte(token);
    if (byte >= 0) {
      bytes.push_back(static_cast<char>(byte));
      continue;
    }
    flush();
    out.push_back(std::move(token));
  }
  flush();
  return out;
}

std::string strip(const std::string& token, const std::string& content, std::size_t start, std::size_t stop) {
  std::string_view kept = token;
  for (; start > 0 && kept.starts_with(content); --start) kept.remove_prefix(content.size());
  for (; stop > 0 && kept.ends_with(content); --stop) kept.remove_suffix(content.size());
  return std::string(kept);
}

std::string replace_text(std::string_view text, std::string_view from, std::string_view to) {
  std::string out;
  std::size_t done = 0;
  for (std::size_t at = text.find(from); at != std::string_view::npos; at = text.find(from, done)) {
    out.append(text, done, at - done);
    out += to;
    done = at + from.size();
  }
  return out.append(text, done);
}

}  // namespace

Result<Decoder> Decoder::parse(const nlohmann::json& json, const std::string& where) {
  Decoder decoder;
  if (auto error = decoder.add(json, where, 0)) return *error;
  return decoder;
}

std::optional<Error> Decoder::add(const nlohmann::json& json, const std::string& where, int depth) {
  if (json.is_null()) return std::nullopt;
  if (depth > kMaxNesting) return bad_field("decoder is nested too deeply", where);
  const std::string type = string_field(json, "type");
  if (type == "Sequence") {
    const nlohmann::json& list = field(json, "decoders");
    if (!list.is_array()) return bad_field("decoder.decoders is not a list", where);
    for (const nlohmann::json& one : list) {
      if (auto error = add(one, where, depth + 1)) return error;
    }
  } else if (type == "ByteLevel") {
    steps_.emplace_back(ByteLevel{});
  } else if (type == "ByteFallback") {
    steps_.emplace_back(ByteFallback{});
  } else if (type == "Fuse") {
    steps_.emplace_back(Fuse{});
  } else if (type == "Replace") {
    auto regex = parse_pattern(field(json, "pattern"), where);
    if (!regex) return regex.error();
    steps_.emplace_back(Replace{std::move(*regex), string_field(json, "content")});
  } else if (type == "Strip") {
    const nlohmann::json &start = field(json, "start"), &stop = field(json, "stop");
    const std::string content = string_field(json, "content");
    if (!start.is_number_unsigned() || !stop.is_number_unsigned() || content.empty()) {
      return bad_field("decoder Strip needs content, start and stop", where);
    }
    steps_.emplace_back(Strip{content, start.get<std::size_t>(), stop.get<std::size_t>()});
  } else if (type == "Metaspace") {
    std::string replacement = string_field(json, "replacement");
    const std::string scheme = string_field(json, "prepend_scheme");
    const bool prepended = scheme.empty() ? bool_field(json, "add_prefix_space", true) : scheme != "never";
    steps_.emplace_back(Metaspace{replacement.empty() ? "\u2581" : replacement, prepended});
  } else if (type == "BPEDecoder") {
    const std::string suffix = string_field(json, "suffix");
    steps_.emplace_back(Suffix{suffix.empty() ? "</w>" : suffix});
  } else {
    return unsupported_part("decoder \"" + type + "\"", where);
  }
  return std::nullopt;
}

bool Decoder::is_byte_level() const { return steps_.size() == 1 && std::holds_alternative<ByteLevel>(steps_[0]); }

std::string Decoder::run(Tokens tokens) const {
  if (steps_.empty()) return join(tokens, " ");
  for (const Step& step : steps_) {
    if (std::get_if<ByteLevel>(&step)) {
      std::string bytes;
      for (const std::string& token : tokens) bytes += from_byte_level(token).value_or(token);
      tokens = {repair_utf8(bytes)};
    } else if (std::get_if<ByteFallback>(&step)) {
      tokens = decode_fallback(std::move(tokens));
    } else if (std::get_if<Fuse>(&step)) {
      tokens = {join(tokens)};
    } else if (const auto* replace = std::get_if<Replace>(&step)) {
      for (std::string& token : tokens) token = replace_all(replace->regex, token, replace->content);
    } else if (const auto* trimmed = std::get_if<Strip>(&step)) {
      for (std::string& token : tokens) token = strip(token, trimmed->content, trimmed->start, trimmed->stop);
    } else if (const auto* space = std::get_if<Metaspace>(&step)) {
      for (std::size_t i = 0; i < tokens.size(); ++i) {
        tokens[i] = replace_text(tokens[i], space->replacement, i == 0 && space->prepended ? "" : " ");
      }
    } else if (const auto* word = std::get_if<Suffix>(&step)) {
      for (std::size_t i = 0; i < tokens.size(); ++i) {
        tokens[i] = replace_text(tokens[i], word->suffix, i + 1 == tokens.size() ? "" : " ");
      }
    }
  }
  return join(tokens);
}

std::string Decoder::bytes(std::string_view token) const {
  std::string out(token);
  for (const Step& step : steps_) {
    if (std::get_if<ByteLevel>(&step)) {
      out = from_byte_level(out).value_or(out);
    } else if (std::get_if<ByteFallback>(&step)) {
      if (const int byte = fallback_byte(out); byte >= 0) return std::string(1, static_cast<char>(byte));
    } else if (const auto* replace = std::get_if<Replace>(&step)) {
      if (!invalid_utf8_offset(out)) out = replace_all(replace->regex, out, replace->content);
    } else if (const auto* space = std::get_if<Metaspace>(&step)) {
      out = replace_text(out, space->replacement, " ");
    } else if (const auto* word = std::get_if<Suffix>(&step)) {
      out = replace_text(out, word->suffix, " ");
    }
  }
  return out;
}

}  // namespace fthost::text

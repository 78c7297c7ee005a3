#include "text/tokenizer.hpp"

#include <algorithm>
#include <cerrno>
#include <filesystem>
#include <fstream>
#include <unordered_map>

#include "text/tokenizer/added_tokens.hpp"
#include "text/tokenizer/byte_level.hpp"
#include "text/tokenizer/decoder.hpp"
#include "text/tokenizer/document.hpp"
#include "text/tokenizer/fields.hpp"
#include "text/tokenizer/normalizer.hpp"
#include "text/tokenizer/pre_tokenizer.hpp"
#include "text/unicode.hpp"

namespace fthost::text {
namespace {

// What the post-processor puts around a text.
struct Surroundings {
  std::vector<std::int32_t> before, after;
};

struct TextHash {
  using is_transparent = void;
  std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
};

std::optional<std::int32_t> id_field(const nlohmann::json& json) {
  if (!json.is_number_unsigned() || json.get<std::uint64_t>() > static_cast<std::uint64_t>(Vocabulary::kMaxId))
    return std::nullopt;
  return json.get<std::int32_t>();
}

std::optional<Error> read_template(const nlohmann::json& json, const std::string& where, Surroundings& out) {
  const nlohmann::json& known = field(json, "special_tokens");
  Surroundings inner;
  int texts = 0;
  for (const nlohmann::json& part : field(json, "single")) {
    if (part.is_object() && part.contains("Sequence")) {
      if (string_field(part["Sequence"], "id") != "A")
        return unsupported_part("post_processor TemplateProcessing with a second text", where);
      ++texts;
      continue;
    }
    const std::string name = string_field(field(part, "SpecialToken"), "id");
    const nlohmann::json& ids = field(field(known, name.c_str()), "ids");
    if (!ids.is_array()) return bad_field("post_processor.single has the unknown token \"" + name + "\"", where);
    for (const nlohmann::json& one : ids) {
      const auto id = id_field(one);
      if (!id) return bad_field("post_processor.special_tokens has a bad id for \"" + name + "\"", where);
      (texts == 0 ? inner.before : inner.after).push_back(*id);
    }
  }
  if (texts != 1) return unsupported_part("post_processor TemplateProcessing without exactly one text", where);
  out.before.insert(out.before.begin(), inner.before.begin(), inner.before.end());
  out.after.insert(out.after.end(), inner.after.begin(), inner.after.end());
  return std::nullopt;
}

std::optional<Error> read_post_processor(const nlohmann::json& json, const std::string& where, Surroundings& out,
                                         int depth = 0) {
  if (json.is_null()) return std::nullopt;
  if (depth > kMaxNesting) return bad_field("post_processor is nested too deeply", where);
  const std::string type = string_field(json, "type");
  if (type == "ByteLevel") return std::nullopt;  // changes offsets only
  if (type == "TemplateProcessing") return read_template(json, where, out);
  if (type == "Sequence") {
    for (const nlohmann::json& one : field(json, "processors")) {
      if (auto error = read_post_processor(one, where, out, depth + 1)) return error;
    }
    return std::nullopt;
  }
  if (type == "RobertaProcessing" || type == "BertProcessing") {
    const nlohmann::json &cls = field(json, "cls"), &sep = field(json, "sep");
    const auto first = cls.is_array() && cls.size() == 2 ? id_field(cls[1]) : std::nullopt;
    const auto last = sep.is_array() && sep.size() == 2 ? id_field(sep[1]) : std::nullopt;
    if (!first || !last) return bad_field("post_processor " + type + " needs cls and sep as [token, id]", where);
    out.before.insert(out.before.begin(), *first);
    out.after.push_back(*last);
    return std::nullopt;
  }
  return unsupported_part("post_processor \"" + type + "\"", where);
}

Result<BpeSettings> read_model(const nlohmann::json& model, const std::string& where) {
  const std::string type = string_field(model, "type");
  if (!model.is_object())
    return make_error(Code::input, "not a tokenizer.json: it has no model", where,
                      "give the tokenizer.json of a model");
  if (type != "BPE" && !type.empty()) return unsupported_part("the model type \"" + type + "\"", where);
  const nlohmann::json& dropout = field(model, "dropout");
  if (dropout.is_number() && dropout.get<double>() != 0)
    return unsupported_part("model.dropout, which makes tokens random,", where);
  BpeSettings settings;
  settings.unknown = string_field(model, "unk_token");
  settings.word_prefix = string_field(model, "continuing_subword_prefix");
  settings.word_suffix = string_field(model, "end_of_word_suffix");
  settings.fuse_unknown = bool_field(model, "fuse_unk", false);
  settings.byte_fallback = bool_field(model, "byte_fallback", false);
  settings.ignore_merges = bool_field(model, "ignore_merges", false);
  return settings;
}

Result<std::vector<AddedToken>> read_added_tokens(const nlohmann::json& list, const std::string& where) {
  std::vector<AddedToken> tokens;
  if (list.is_null()) return tokens;
  if (!list.is_array()) return bad_field("added_tokens is not a list", where);
  for (const nlohmann::json& one : list) {
    const auto id = id_field(field(one, "id"));
    const std::string content = string_field(one, "content");
    if (!id) return bad_field("added_tokens has a bad id for \"" + content + "\"", where);
    const bool special = bool_field(one, "special", false);
    tokens.push_back({*id, content, bool_field(one, "single_word", false), bool_field(one, "lstrip", false),
                      bool_field(one, "rstrip", false), bool_field(one, "normalized", !special), special});
  }
  return tokens;
}

}  // namespace

struct Tokenizer::Impl {
  Normalizer normalizer;
  PreTokenizer pre_tokenizer;
  Bpe model;
  Decoder decoder;
  Surroundings around;
  std::unordered_map<std::int32_t, AddedToken> added;  // by id
  std::unordered_map<std::string, std::int32_t, TextHash, std::equal_to<>> added_ids;
  TokenMatcher raw, normalized;  // added tokens looked for before and after normalisation
  std::size_t vocab_size = 0;

  std::string_view token(std::int32_t id) const {
    const auto found = added.find(id);
    return found != added.end() ? std::string_view(found->second.content) : model.vocabulary().text(id);
  }
  bool has(std::int32_t id) const { return added.contains(id) || model.vocabulary().has(id); }
  bool special(std::int32_t id) const {
    const auto found = added.find(id);
    return found != added.end() && found->second.special;
  }
  void encode_part(Piece text, PieceStore& store, std::vector<std::int32_t>& ids) const {
    pre_tokenizer.run(text, store);
    for (const Piece& piece : store.pieces) model.encode(piece.text, ids);
  }
};

Tokenizer::Tokenizer(std::unique_ptr<const Impl> impl) : impl_(std::move(impl)) {}
Tokenizer::Tokenizer(Tokenizer&&) noexcept = default;
Tokenizer& Tokenizer::operator=(Tokenizer&&) noexcept = default;
Tokenizer::~Tokenizer() = default;

constexpr std::streamoff kLargestFile = std::streamoff{512} << 20;  // those of models are below 40 MB

Result<Tokenizer> Tokenizer::load(const std::string& path) {
  std::error_code ignored;
  if (std::filesystem::is_directory(path, ignored)) {
    return make_error(Code::io, "is a folder", path, "give the tokenizer.json in it");
  }
  std::ifstream file(path, std::ios::binary | std::ios::ate);
  if (!file) return errno_error(errno, "open", path);
  const auto size = static_cast<std::streamoff>(file.tellg());
  if (size > kLargestFile)
    return make_error(Code::limit, "is larger than 512 MB, so it is no tokenizer.json", path,
                      "give the file of a model");
  std::string text(size > 0 ? static_cast<std::size_t>(size) : 0, '\0');
  file.seekg(0);
  if (size < 0 || !file.read(text.data(), static_cast<std::streamsize>(text.size()))) {
    return make_error(Code::io, "cannot be read", path, "check that it is a file");
  }
  return parse(text, path);
}

Result<Tokenizer> Tokenizer::parse(std::string_view json, const std::string& where) {
  TokenizerDocument document;
  if (auto read = TokenizerDocument::read(json, where, document); !read) return read.error();
  const nlohmann::json& root = document.rest;
  const nlohmann::json& model_json = field(root, "model");
  auto settings = read_model(model_json, where);
  if (!settings) return settings.error();
  if (document.vocabulary.size() == 0) return bad_field("model.vocab is missing or empty", where);
  auto normalizer = Normalizer::parse(field(root, "normalizer"), where);
  if (!normalizer) return normalizer.error();
  auto pre_tokenizer = PreTokenizer::parse(field(root, "pre_tokenizer"), where);
  if (!pre_tokenizer) return pre_tokenizer.error();
  auto decoder = Decoder::parse(field(root, "decoder"), where);
  if (!decoder) return decoder.error();
  Surroundings around;
  if (auto error = read_post_processor(field(root, "post_processor"), where, around)) return *error;
  auto added = read_added_tokens(field(root, "added_tokens"), where);
  if (!added) return added.error();
  auto model = Bpe::build(std::move(document.vocabulary), document.merges, std::move(*settings), where);
  if (!model) return model.error();

  auto impl = std::unique_ptr<Impl>(new Impl{std::move(*normalizer),
                                             std::move(*pre_tokenizer),
                                             std::move(*model),
                                             std::move(*decoder),
                                             std::move(around),
                                             {},
                                             {},
                                             {},
                                             {},
                                             0});
  impl->vocab_size = impl->model.vocabulary().size();
  for (AddedToken& token : *added) {
    impl->vocab_size = std::max(impl->vocab_size, static_cast<std::size_t>(token.id) + 1);
    if (token.normalized) {
      std::string pattern;
      try {
        pattern = impl->normalizer.run(token.content);
      } catch (const Failure& failure) {
        return failure.error();
      }
      impl->normalized.add(token, pattern);
    } else {
      impl->raw.add(token, token.content);
    }
    impl->added_ids[token.content] = token.id;
    impl->added[token.id] = std::move(token);
  }
  return Tokenizer(std::move(impl));
}

void Tokenizer::encode_to(std::string_view text, bool add_special_tokens, std::vector<std::int32_t>& ids) const {
  const Impl& tokenizer = *impl_;
  if (add_special_tokens) ids.insert(ids.end(), tokenizer.around.before.begin(), tokenizer.around.before.end());
  std::string repaired;
  if (invalid_utf8_offset(text)) {
    repaired = repair_utf8(text);
    text = repaired;
  }
  std::vector<TokenMatcher::Part> raw_parts, parts;
  PieceStore store;
  std::string changed;
  tokenizer.raw.split(text, raw_parts);
  for (const auto& raw : raw_parts) {
    if (raw.id >= 0) {
      ids.push_back(raw.id);
      continue;
    }
    const bool at_start = raw.text.data() == text.data();
    std::string_view stretch = raw.text;
    if (!tokenizer.normalizer.empty()) {
      changed = tokenizer.normalizer.run(stretch);
      stretch = changed;
    }
    parts.clear();
    tokenizer.normalized.split(stretch, parts);
    for (const auto& part : parts) {
      if (part.id >= 0)
        ids.push_back(part.id);
      else
        tokenizer.encode_part({part.text, at_start && part.text.data() == stretch.data()}, store, ids);
    }
  }
  if (add_special_tokens) ids.insert(ids.end(), tokenizer.around.after.begin(), tokenizer.around.after.end());
}

std::vector<std::int32_t> Tokenizer::encode(std::string_view text, bool add_special_tokens) const {
  std::vector<std::int32_t> ids;
  encode_to(text, add_special_tokens, ids);
  return ids;
}

std::string Tokenizer::decode(std::span<const std::int32_t> ids, bool skip_special_tokens) const {
  const Impl& tokenizer = *impl_;
  const bool byte_level = tokenizer.decoder.is_byte_level();
  std::string bytes;
  std::vector<std::string> tokens;
  for (const std::int32_t id : ids) {
    if (!tokenizer.has(id) || (skip_special_tokens && tokenizer.special(id))) continue;
    if (byte_level)
      bytes += token_bytes(id);
    else
      tokens.emplace_back(tokenizer.token(id));
  }
  return byte_level ? repair_utf8(bytes) : tokenizer.decoder.run(std::move(tokens));
}

std::size_t Tokenizer::vocab_size() const { return impl_->vocab_size; }

std::optional<std::int32_t> Tokenizer::token_to_id(std::string_view token) const {
  if (const auto found = impl_->added_ids.find(token); found != impl_->added_ids.end()) return found->second;
  const std::int32_t id = impl_->model.vocabulary().find(token);
  return id >= 0 ? std::optional(id) : std::nullopt;
}

std::string_view Tokenizer::id_to_token(std::int32_t id) const { return impl_->token(id); }
std::string Tokenizer::token_bytes(std::int32_t id) const { return impl_->decoder.bytes(impl_->token(id)); }
bool Tokenizer::is_special(std::int32_t id) const { return impl_->special(id); }

}  // namespace fthost::text

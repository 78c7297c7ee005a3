#include "flow/token_model.hpp"

#include <algorithm>
#include <filesystem>

#include "text/unicode.hpp"

namespace fthost::flow {

Result<std::shared_ptr<const TokenModel>> TokenModel::open(const Spec& spec) {
  auto model = std::make_shared<TokenModel>();
  model->name_ = spec.name;
  model->tool_overhead_ = spec.tool_overhead;
  if (!spec.table.empty()) {
    auto encoding = text::Encoding::open(spec.table, spec.encoding);
    if (!encoding) return encoding.error();
    model->encoding_ = std::move(*encoding);
  } else if (!spec.tokenizer.empty()) {
    std::error_code ec;
    std::filesystem::path path(spec.tokenizer);
    if (std::filesystem::is_directory(path, ec)) path /= "tokenizer.json";
    auto tokenizer = text::Tokenizer::load(path.string());
    if (!tokenizer) return tokenizer.error();
    model->tokenizer_ = std::move(*tokenizer);
  }
  return std::shared_ptr<const TokenModel>(std::move(model));
}

Result<std::vector<std::int32_t>> TokenModel::encode(std::string_view text,
                                                     const std::vector<std::string>& specials) const {
  std::vector<std::int32_t> ids;
  if (encoding_) {
    const auto& known = encoding_->special_tokens();
    for (const std::string& special : specials) {
      if (std::ranges::find(known, special, &std::pair<std::string, std::int32_t>::first) == known.end())
        return make_error(Code::input, "there is no special token \"" + special + "\"", encoding_->name(),
                          "its first is \"" + (known.empty() ? std::string() : known.front().first) + '"');
    }
    text::Encoding::Scratch scratch;
    encoding_->encode_to(text, specials, scratch, ids);
  } else if (tokenizer_) {
    tokenizer_->encode_to(text, false, ids);
  } else {
    return make_error(Code::unsupported, "an estimate has no token ids", name_, "use an encoding or a tokenizer.json");
  }
  return ids;
}

Result<std::string> TokenModel::decode(const std::vector<std::int32_t>& ids) const {
  if (encoding_) return encoding_->decode(ids);
  if (tokenizer_) return tokenizer_->decode(ids, false);
  return make_error(Code::unsupported, "an estimate has no token ids", name_, "use an encoding or a tokenizer.json");
}

std::optional<std::uint32_t> TokenModel::vocab_size() const {
  if (encoding_) return encoding_->vocab_size();
  if (tokenizer_) return static_cast<std::uint32_t>(tokenizer_->vocab_size());
  return std::nullopt;
}

std::uint64_t TokenModel::Counter::count(std::string_view text) {
  if (model_.encoding_) return model_.encoding_->count(text, scratch_);
  if (model_.tokenizer_) {
    ids_.clear();
    model_.tokenizer_->encode_to(text, false, ids_);
    return ids_.size();
  }
  return (text::count_code_points(text) + 3) / 4;
}

}  // namespace fthost::flow

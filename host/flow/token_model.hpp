// TokenModel: what tokens are counted by: an encoding's table, a tokenizer.json, or, where there is neither, the
// estimate of four characters a token. Immutable once opened; any thread, each with a Counter of its own.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"
#include "text/encoding.hpp"
#include "text/tokenizer.hpp"

namespace fthost::flow {

class TokenModel {
 public:
  struct Spec {
    std::string name;                // what reports call it
    std::string table;               // path of a token table, or
    std::string encoding;            // which of the table's encodings; empty: the first
    std::string tokenizer;           // path of a tokenizer.json or the folder that holds one; neither: the estimate
    std::int64_t tool_overhead = 0;  // tokens that a tool takes beside its texts
  };
  static Result<std::shared_ptr<const TokenModel>> open(const Spec& spec);

  const std::string& name() const { return name_; }
  bool estimated() const { return !encoding_ && !tokenizer_; }
  std::int64_t tool_overhead() const { return tool_overhead_; }

  // Of text as it stands: what looks like a special token is text to an encoding, and a token to a tokenizer. An
  // estimate has no ids, so it cannot encode or decode (unsupported); `specials` are the encoding's own that become
  // ids.
  Result<std::vector<std::int32_t>> encode(std::string_view text, const std::vector<std::string>& specials) const;
  Result<std::string> decode(const std::vector<std::int32_t>& ids) const;
  std::optional<std::uint32_t> vocab_size() const;

  class Counter {
   public:
    explicit Counter(const TokenModel& model) : model_(model) {}
    std::uint64_t count(std::string_view text);

   private:
    const TokenModel& model_;
    text::Encoding::Scratch scratch_;
    std::vector<std::int32_t> ids_;
  };

 private:
  std::string name_;
  std::int64_t tool_overhead_ = 0;
  std::optional<text::Encoding> encoding_;
  std::optional<text::Tokenizer> tokenizer_;
};

}  // namespace fthost::flow

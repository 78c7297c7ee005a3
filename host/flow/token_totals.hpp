// TokenTotals: the tokens of the rows that one thread has seen. Several are added up at the end.
#pragma once

#include <string>
#include <vector>

#include "data/stats.hpp"
#include "flow/notes.hpp"
#include "flow/tokens.hpp"

namespace fthost::flow {

class TokenTotals {
 public:
  // `request` outlives it.
  explicit TokenTotals(const TokensRequest& request)
      : request_(request), counter_(*request.model), limits_(request.limits.size()) {}
  std::uint64_t add(const data::Value& record);  // its chat tokens
  void merge(const TokenTotals& other);
  // What count_tokens answers.
  Json report(const Notes& notes) const;

 private:
  struct OfLimit {
    std::uint64_t over = 0, tokens = 0;
  };
  std::uint64_t count(const data::Value& text) { return counter_.count(text.text(scratch_)); }
  std::uint64_t count_content(const data::Value& content);
  std::uint64_t count_line(std::initializer_list<data::Value> texts);
  std::uint64_t tokens_of_tools(const data::Value& tools);
  std::uint64_t add_message(const data::Value& message);

  const TokensRequest& request_;
  TokenModel::Counter counter_;
  std::uint64_t rows_ = 0, messages_ = 0, content_ = 0, chat_ = 0, assistant_ = 0, tools_ = 0;
  data::Tally per_example_;
  std::vector<OfLimit> limits_;
  std::string scratch_, compact_;
};

}  // namespace fthost::flow

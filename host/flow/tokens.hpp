// Counting the tokens of rows: of the contents alone, and with what a chat wraps around them. Blocking; constant
// memory; rows never leave.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "flow/record_files.hpp"
#include "flow/source.hpp"
#include "flow/token_model.hpp"

namespace fthost::flow {

struct TokensRequest {
  std::shared_ptr<const TokenModel> model;
  std::vector<std::uint64_t> limits;  // tokens an example may have: how many exceed each, and what is left of them
  unsigned threads = 1;               // that count rows of chat messages in files
};

// {encoding, estimated, rows, messages, content_tokens, chat_tokens, assistant_tokens, tool_tokens, per_example,
// limits, unread, errors, findings}:
//   rows            those that are counted; unread are those that cannot be, with one error each, or more
//   content_tokens  sum over the messages' contents alone; of a list of parts its texts
//   chat_tokens     3 an example, and for each message 3, the tokens of each of its values, and 1 if it has a name;
//   calls
//                   count as compact JSON; marks of training (weight, train) do not count
//   tool_tokens     what the definitions of tools take, by the same rule of thumb; not in chat_tokens
//   per_example     distribution of chat_tokens, as distribution_json makes them
//   limits          for each {limit, over, tokens}: examples longer than it, and the sum of min(limit, chat_tokens)
Result<Json> count_tokens(const Source& source, const TokensRequest& request, const io::CancelToken& cancel);

// The same of files.
Result<Json> count_tokens(plugin::Registry& registry, const RecordFiles& files, const TokensRequest& request,
                          const io::CancelToken& cancel);

}  // namespace fthost::flow

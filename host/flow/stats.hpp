// Statistics of rows: of a dataset, or of files in any format. Blocking; one pass, memory as data/stats.hpp says.
#pragma once

#include <optional>

#include "data/stats.hpp"
#include "flow/record_files.hpp"
#include "flow/source.hpp"
#include "flow/tokens.hpp"

namespace fthost::flow {

// {count, min, p5, p25, median, p75, p90, p95, p99, mean, max, histogram[{from, to, count}]}
Json distribution_json(const data::Tally& tally);

struct StatsRequest {
  std::optional<TokensRequest> tokens;  // none: they are not counted
};

// Rows count those that cannot be read (unread), too, of which `broken` are no JSON object; all else is of the others.
// {rows, messages, ratings{"1".."10", unrated}, roles{}, turns{…}, prompt_characters{…}, completion_characters{…},
// characters{…}, duplicates, groups, tags{}, categories{}, languages{}, unread, broken, findings[], tokens}; tokens is
// what count_tokens answers.
Result<Json> stats(const Source& source, const StatsRequest& request, const io::CancelToken& cancel);
Result<Json> stats(plugin::Registry& registry, const RecordFiles& files, const StatsRequest& request,
                   const io::CancelToken& cancel);

}  // namespace fthost::flow

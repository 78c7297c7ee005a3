#include "flow/tokens.hpp"

#include "flow/token_totals.hpp"

namespace fthost::flow {

Result<Json> count_tokens(const Source& source, const TokensRequest& request, const io::CancelToken& cancel) {
  TokenTotals totals(request);
  Notes notes;
  auto read = source.for_each(
      cancel,
      [&](const Row& row) {
        totals.add(row.record);
        return true;
      },
      [&](std::uint64_t line, std::string_view finding) { notes.unread(source.name, line, finding); });
  if (!read) return read.error();
  return totals.report(notes);
}

Result<Json> count_tokens(plugin::Registry& registry, const RecordFiles& files, const TokensRequest& request,
                          const io::CancelToken& cancel) {
  std::vector<std::unique_ptr<TokenTotals>> totals;  // one a thread
  Notes notes;
  auto read = for_each_record(registry, files, request.threads, cancel, notes, [&](unsigned thread) -> TakeRecord {
    while (totals.size() <= thread) totals.push_back(std::make_unique<TokenTotals>(request));
    return [mine = totals[thread].get()](const data::Value& record) { mine->add(record); };
  });
  if (!read) return read.error();
  TokenTotals all(request);
  for (const auto& each : totals) all.merge(*each);
  return all.report(notes);
}

}  // namespace fthost::flow

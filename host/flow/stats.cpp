#include "flow/stats.hpp"

#include "flow/token_totals.hpp"

namespace fthost::flow {
namespace {

constexpr std::size_t kBins = 12;  // of a histogram

// What is counted of every row.
class Counting {
 public:
  explicit Counting(const StatsRequest& request) {
    if (request.tokens) tokens_.emplace(*request.tokens);
  }
  void add(const data::Value& record) {
    rows_.add(record);
    if (tokens_) tokens_->add(record);
  }
  Json report(const Notes& notes) {
    const data::Stats stats = rows_.finish();
    Json report{{"rows", stats.rows + notes.broken_rows()},
                {"messages", stats.messages},
                {"ratings", stats.ratings},
                {"roles", stats.roles},
                {"tags", stats.tags},
                {"sources", stats.sources},
                {"categories", stats.categories},
                {"languages", stats.languages},
                {"groups", stats.groups},
                {"grouped_rows", stats.grouped_rows},
                {"largest_group", stats.largest_group},
                {"duplicates", stats.duplicates},
                {"with_tools", stats.with_tools},
                {"turns", distribution_json(rows_.turns())},
                {"prompt_characters", distribution_json(rows_.prompt_characters())},
                {"completion_characters", distribution_json(rows_.completion_characters())},
                {"characters", distribution_json(rows_.characters())},
                {"unread", notes.broken_rows()},
                {"broken", notes.no_objects()},
                {"findings", notes.findings()}};
    if (tokens_) {
      Json tokens = tokens_->report(notes);
      for (const char* name : {"rows", "messages", "errors", "findings"}) tokens.erase(name);
      report["tokens"] = std::move(tokens);
    }
    return report;
  }

 private:
  data::StatsCollector rows_;
  std::optional<TokenTotals> tokens_;
};

}  // namespace

Json distribution_json(const data::Tally& tally) {
  const data::Distribution d = tally.distribution();
  Json bins = Json::array();
  for (const data::Bin& bin : tally.histogram(kBins))
    bins.push_back({{"from", bin.from}, {"to", bin.to}, {"count", bin.count}});
  return Json{{"count", d.count},   {"min", d.min},   {"p5", d.p5},   {"p25", d.p25},
              {"median", d.median}, {"p75", d.p75},   {"p90", d.p90}, {"p95", d.p95},
              {"p99", d.p99},       {"mean", d.mean}, {"max", d.max}, {"histogram", std::move(bins)}};
}

Result<Json> stats(const Source& source, const StatsRequest& request, const io::CancelToken& cancel) {
  Counting counting(request);
  Notes notes;
  auto read = source.for_each(
      cancel,
      [&](const Row& row) {
        counting.add(row.record);
        return true;
      },
      [&](std::uint64_t line, std::string_view finding) {
        const data::Finding found = finding_of(source.name, line, finding);
        found.code == "duplicate_id" ? notes.finding(found)
                                     : notes.unread(found);  // the former is a record all the same
      });
  if (!read) return read.error();
  return counting.report(notes);
}

Result<Json> stats(plugin::Registry& registry, const RecordFiles& files, const StatsRequest& request,
                   const io::CancelToken& cancel) {
  Counting counting(request);
  Notes notes;
  auto read = for_each_record(registry, files, 1, cancel, notes, [&](unsigned) -> TakeRecord {
    return [&](const data::Value& record) { counting.add(record); };
  });
  if (!read) return read.error();
  return counting.report(notes);
}

}  // namespace fthost::flow

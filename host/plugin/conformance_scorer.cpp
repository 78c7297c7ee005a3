// What a scorer must keep: every row gets its number or NaN with a reason, however the rows are cut into batches, on
// any thread, and the same each time if it says so.
#include <bit>
#include <cmath>

#include "plugin/conformance_subject.hpp"

namespace fthost::plugin::conformance {
namespace {

// A number that no metric gives: what is still there after a call was not written.
constexpr double kUnwritten = -8.7112280901e+200;
constexpr std::size_t kOddBatch = 4097;  // one more than a usual chunk

struct Scored {
  Seen seen;
  std::vector<double> out;
};

Scored score(const Subject& subject, const Made& made, const std::shared_ptr<const Rows>& rows,
             Harness::Plan plan = {}) {
  const auto out = std::make_shared<std::vector<double>>(rows->size() * subject.desc->output_count, kUnwritten);
  Scored scored;
  scored.seen = subject.harness.run([rows, out, self = made.self(), table = made.table<ft_scorer>()](
                                        ft_call call) { return table->score(self, call, rows->get(), out->data()); },
                                    plan);
  scored.out = *out;
  return scored;
}

Json row(const Json& output, const Json& references, const std::string& question = "How do I reset it?") {
  Json record{{"id", "r"},
              {"messages",
               {{{"role", "user"}, {"content", question}}, {{"role", "assistant"}, {"content", "Press the button."}}}}};
  Json made{{"input", {{{"role", "user"}, {"content", question}}}},
            {"record", record},
            {"usage", {{"prompt_tokens", 7}, {"completion_tokens", 3}}}};
  if (!output.is_null()) made["output"] = output;
  if (!references.is_null()) made["references"] = references;
  return made;
}

std::vector<Json> sample_rows() {
  return {row("Press the button.", {"Press the button."}),
          row("press the BUTTON. ", {"Press the button."}),
          row("Pull the lever", {"Press the button.", "Pull the lever."}),
          row("", {"Press the button."}),
          row("x", {""}),
          row("Drücke den Knopf \xF0\x9F\x99\x82", {"Dru\xCC\x88"
                                                    "cke den Knopf \xF0\x9F\x99\x82"}),
          row("{\"a\": 1}", {"{\"a\":1}"}),
          row("quote \" backslash \\ newline \n tab \t", {"quote \" backslash \\ newline \n tab \t"}),
          row("42", {"42.0"}),
          row("\xE6\x97\xA5\xE6\x9C\xAC\xE8\xAA\x9E", {"\xE6\x97\xA5\xE6\x9C\xAC"})};
}

std::vector<Json> broken_rows() {
  return {row(nullptr, {"Press."}),
          row("Press.", nullptr),
          row("Press.", Json::array()),
          row("Press.", Json{{"a", 1}}),
          row("Press.", {1, nullptr, true}),
          row(7, 8),
          Json::object()};
}

std::vector<Json> many_rows() {
  const auto samples = sample_rows();
  std::vector<Json> rows;
  for (std::size_t i = 0; i < kOddBatch; ++i) {
    rows.push_back(samples[i % samples.size()]);
    if (i % 3 == 0) rows.back()["output"] = "answer " + std::to_string(i);
  }
  return rows;
}

// Every cell written, finite or NaN, and each NaN explained by a detail of its row.
void check_cells(const Subject& subject, const Scored& scored, const Rows& rows, const std::string& what) {
  scored.seen.ok(what);
  const std::size_t outputs = subject.desc->output_count;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const std::uint64_t line = rows.get()->rows[i];
    for (std::size_t k = 0; k < outputs; ++k) {
      const double value = scored.out[i * outputs + k];
      const std::string where = what + ": output " + std::to_string(k) + " of row " + std::to_string(line);
      expect(value != kUnwritten, where + " was not written");
      expect(!std::isinf(value), where + " is infinite");
      if (!std::isnan(value)) continue;
      bool explained = false;
      for (const auto& output : scored.seen.output)
        explained = explained || (output.channel == FT_DETAIL && output.row == line);
      expect(explained, where + " is NaN and no FT_DETAIL with the row says why");
    }
  }
  for (const auto& output : scored.seen.output) {
    expect(output.channel == FT_DETAIL, what + ": a scorer emits FT_DETAIL alone");
    expect(rows.has_line(output.row),
           what + ": a detail is for row " + std::to_string(output.row) + ", which the batch has not; use batch->rows");
  }
}

bool same(const std::vector<double>& a, const std::vector<double>& b) {
  if (a.size() != b.size()) return false;
  for (std::size_t i = 0; i < a.size(); ++i) {
    if (std::bit_cast<std::uint64_t>(a[i]) != std::bit_cast<std::uint64_t>(b[i]) &&
        !(std::isnan(a[i]) && std::isnan(b[i])))
      return false;
  }
  return true;
}

}  // namespace

void check_scorer(Checks& checks, const Subject& subject) {
  const Json config = subject.config();
  const auto make_rows = [&](const std::vector<Json>& rows, std::uint64_t first = 1) {
    return std::make_shared<const Rows>(*subject.desc, rows, first);
  };
  const auto many = make_rows(many_rows(), 11);

  checks.run("scorer.cancel", [&] {
    const Made made(subject, config);
    const auto scored = score(subject, made, many, {.cancelled = true});
    scored.seen.clean("a cancelled score");
    if (scored.seen.status != FT_OK) scored.seen.refused(FT_E_CANCELLED, "a cancelled score");
    score(subject, made, make_rows(sample_rows())).seen.ok("the call after a cancelled one");
    return "a cancelled call returned " + status_name(scored.seen.status);
  });
  checks.run("scorer.signature", [&] {
    const Made made(subject, config);
    expect(made.table<ft_scorer>()->signature, "it has no signature function");
    const auto seen = subject.harness.run(
        [self = made.self(), table = made.table<ft_scorer>()](ft_call call) { return table->signature(self, call); });
    const auto details = seen.ok("signature").on(FT_DETAIL);
    expect(!details.empty(), "signature emitted no FT_DETAIL");
    return details.front().bytes;
  });
  checks.run("scorer.rows", [&] {
    const Made made(subject, config);
    const auto rows = make_rows(sample_rows(), 101);
    check_cells(subject, score(subject, made, rows), *rows, "score");
    return std::to_string(rows->size()) + " rows";
  });
  checks.run("scorer.broken_rows", [&] {
    const Made made(subject, config);
    std::vector<Json> mixed = broken_rows();
    const auto good = sample_rows();
    const std::size_t broken = mixed.size();
    mixed.insert(mixed.end(), good.begin(), good.end());
    const auto rows = make_rows(mixed, 201);
    const auto scored = score(subject, made, rows);
    check_cells(subject, scored, *rows, "score with broken rows");
    const auto alone = score(subject, made, make_rows(good, 201 + broken));
    const auto first_good = static_cast<std::ptrdiff_t>(broken * subject.desc->output_count);
    expect(same({scored.out.begin() + first_good, scored.out.end()}, alone.out),
           "broken rows change the scores of the good ones");
    return std::to_string(broken) + " broken rows among " + std::to_string(good.size()) + " good ones";
  });
  checks.run("scorer.empty_batch", [&] {
    const Made made(subject, config);
    const auto scored = score(subject, made, make_rows({}));
    scored.seen.ok("score of no rows");
    expect(scored.seen.output.empty(), "score of no rows emitted something");
    return std::string("no rows, no outputs");
  });
  checks.run("scorer.batch_sizes", [&] {
    const Made made(subject, config);
    const auto whole = score(subject, made, many);
    check_cells(subject, whole, *many, "score of 4,097 rows");
    if (!(subject.desc->flags & FT_DETERMINISTIC))
      return std::string("4,097 rows; not FT_DETERMINISTIC, so not compared");
    const auto rows = many_rows();
    std::vector<double> parts;
    for (std::size_t begin = 0, size = 1; begin < rows.size(); begin += size, size = size * 5 % 1999) {
      const auto first = rows.begin() + static_cast<std::ptrdiff_t>(begin);
      const auto last = rows.begin() + static_cast<std::ptrdiff_t>(std::min(begin + size, rows.size()));
      const auto part = score(subject, made, make_rows({first, last}, 11 + begin));
      parts.insert(parts.end(), part.out.begin(), part.out.end());
    }
    expect(same(whole.out, parts), "4,097 rows in one batch and the same rows in smaller ones have other scores");
    return std::string("4,097 rows in one batch and in many");
  });
  checks.run("scorer.deterministic", [&] {
    if (!(subject.desc->flags & FT_DETERMINISTIC)) return std::string("it does not say FT_DETERMINISTIC");
    const Made first(subject, config), second(subject, config);
    const auto rows = make_rows(sample_rows());
    const auto one = score(subject, first, rows);
    expect(same(one.out, score(subject, first, rows).out), "the same rows scored twice have other scores");
    expect(same(one.out, score(subject, second, rows).out), "two instances give the same rows other scores");
    return std::string("twice, and in another instance");
  });
  checks.run("scorer.threads", [&] {
    if (!(subject.desc->flags & FT_CONCURRENT))
      return std::string("it does not say FT_CONCURRENT: one thread at a time");
    const Made made(subject, config);
    std::vector<std::shared_ptr<std::vector<double>>> outs;
    std::vector<Harness::Body> bodies;
    for (int i = 0; i < 4; ++i) {
      outs.push_back(std::make_shared<std::vector<double>>(many->size() * subject.desc->output_count, kUnwritten));
      bodies.push_back([many, out = outs.back(), self = made.self(), table = made.table<ft_scorer>()](ft_call call) {
        return table->score(self, call, many->get(), out->data());
      });
    }
    for (const auto& seen : subject.harness.run_all(std::move(bodies))) seen.ok("score on four threads at once");
    if (subject.desc->flags & FT_DETERMINISTIC) {
      for (const auto& out : outs) expect(same(*out, *outs[0]), "four threads at once get other scores");
    }
    return std::string("four threads in one instance");
  });
  checks.run("scorer.aggregate", [&] {
    const Made made(subject, config);
    const auto* table = made.table<ft_scorer>();
    if (!table->aggregate) return std::string("none: the mean of the rows");
    for (const std::size_t count : {std::size_t{0}, std::size_t{5}}) {
      const auto rows = std::make_shared<std::vector<double>>(count * subject.desc->output_count, 0.5);
      if (count) (*rows)[0] = std::nan("");
      const auto out = std::make_shared<std::vector<double>>(subject.desc->output_count, kUnwritten);
      const auto seen = subject.harness.run([rows, out, count, table, self = made.self()](ft_call call) {
        return table->aggregate(self, call, rows->data(), count, out->data());
      });
      seen.ok("aggregate of " + std::to_string(count) + " rows");
      for (const double value : *out)
        expect(value != kUnwritten && !std::isinf(value), "aggregate left an output unwritten or infinite");
    }
    return std::string("of no rows, and of rows with a NaN");
  });
}

}  // namespace fthost::plugin::conformance

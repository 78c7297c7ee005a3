// What a formatter must keep: reading back what it wrote gives the same records or names each loss, whatever the reads,
// line ends and broken rows; what was rejected stays rejected; and it stops when it is told to.
#include <algorithm>
#include <cstring>
#include <set>

#include "plugin/conformance_records.hpp"
#include "plugin/conformance_subject.hpp"
#include "text/unicode.hpp"

namespace fthost::plugin::conformance {
namespace {

constexpr std::uint64_t kFirstLine = 101;  // of the exported rows, so that an index is not taken for a line number

// A source over bytes in memory, `step` bytes a read; `endless` begins again at the end.
struct Feed {
  std::string bytes, name = "sample";
  std::size_t step = 1u << 16, at = 0, reads = 0;
  bool endless = false;
  std::size_t fail_at = 0;  // this read fails with FT_E_IO; 0: none
  const Harness* harness = nullptr;
  ft_call call{};

  static std::int64_t read(void* ctx, void* buffer, std::size_t capacity) {
    Feed& feed = *static_cast<Feed*>(ctx);
    if (feed.harness && feed.harness->cancelled(feed.call)) return FT_E_CANCELLED;
    if (++feed.reads == feed.fail_at) return FT_E_IO;
    if (feed.at == feed.bytes.size() && feed.endless) feed.at = 0;
    const std::size_t size = std::min({capacity, feed.step, feed.bytes.size() - feed.at});
    std::memcpy(buffer, feed.bytes.data() + feed.at, size);
    feed.at += size;
    return static_cast<std::int64_t>(size);
  }
};

Seen decode(const Subject& subject, const Json& config, Feed given, Harness::Plan plan = {}) {
  const Made made(subject, config);
  const auto feed = std::make_shared<Feed>(std::move(given));
  feed->harness = &subject.harness;
  return subject.harness.run(
      [feed, self = made.self(), table = made.table<ft_formatter>()](ft_call call) {
        feed->call = call;
        ft_source source{sizeof(ft_source), str(feed->name), feed.get(), &Feed::read};
        return table->decode(self, call, &source);
      },
      plan);
}

Seen encode_part(const Subject& subject, const Made& made, std::uint32_t part, const std::shared_ptr<const Rows>& rows,
                 Harness::Plan plan = {}) {
  return subject.harness.run(
      [part, rows, self = made.self(), table = made.table<ft_formatter>()](ft_call call) {
        return table->encode(self, call, part, rows ? rows->get() : nullptr);
      },
      plan);
}

// An export: FT_BEGIN, two batches, FT_FINISH.
struct Export {
  std::string bytes;
  std::vector<std::pair<std::string, std::string>> files;
  std::map<std::uint64_t, std::vector<Json>> losses;  // by line
  std::set<std::uint64_t> refused;                    // lines with an error, so not written

  // What a reader is given: the file, or each side file where the file itself is empty.
  std::vector<std::string> inputs() const {
    if (!bytes.empty() || files.empty()) return {bytes};
    std::vector<std::string> all;
    for (const auto& file : files) all.push_back(file.second);
    return all;
  }
};

void take(const Seen& seen, const Rows* rows, Export& to) {
  to.bytes += seen.bytes();
  for (const auto& [name, bytes] : seen.files) {
    const auto found = std::find_if(to.files.begin(), to.files.end(),
                                    [&, &name = name](const auto& file) { return file.first == name; });
    if (found == to.files.end())
      to.files.emplace_back(name, bytes);
    else
      found->second += bytes;
  }
  std::set<std::pair<std::uint64_t, std::string>> named;
  for (const auto& output : seen.output) {
    if (output.channel == FT_DELTA) continue;
    expect(output.channel == FT_LOSS || output.channel == FT_FINDING,
           "encode emits FT_DELTA, FT_LOSS and FT_FINDING alone");
    expect(rows && rows->has_line(output.row),
           "encode reports row " + std::to_string(output.row) + ", which the batch has not; use batch->rows");
    const Json json = output.json();
    if (output.channel == FT_LOSS) {
      expect(named.emplace(output.row, json["path"]).second,
             "the loss of " + json["path"].dump() + " in row " + std::to_string(output.row) + " is reported twice");
      to.losses[output.row].push_back(json);
    } else if (json["severity"] == "error") {
      to.refused.insert(output.row);
    }
  }
}

Export export_records(const Subject& subject, const Json& config, const std::vector<Json>& records) {
  const Made made(subject, config);
  Export made_export;
  take(encode_part(subject, made, FT_BEGIN, nullptr).ok("encode FT_BEGIN"), nullptr, made_export);
  const auto half = static_cast<std::ptrdiff_t>(records.size() / 2);
  const std::vector<Json> parts[] = {{records.begin(), records.begin() + half},
                                     {records.begin() + half, records.end()}};
  std::uint64_t line = kFirstLine;
  for (const auto& part : parts) {
    if (part.empty()) continue;
    const auto rows = std::make_shared<const Rows>(*subject.desc, part, line);
    take(encode_part(subject, made, FT_ROWS, rows).ok("encode FT_ROWS"), rows.get(), made_export);
    line += part.size();
  }
  take(encode_part(subject, made, FT_FINISH, nullptr).ok("encode FT_FINISH"), nullptr, made_export);
  return made_export;
}

struct Decoded {
  std::vector<Json> records;
  std::vector<Json> losses;
  std::size_t findings = 0;
};

Decoded decode_all(const Subject& subject, const Json& config, const std::vector<std::string>& inputs,
                   const std::string& what, std::size_t step = 1u << 16) {
  Decoded all;
  for (const auto& bytes : inputs) {
    const Seen seen = decode(subject, config, {.bytes = bytes, .step = step});
    seen.ok(what);
    for (const auto& output : seen.output) {
      expect(output.channel <= FT_LOSS, what + ": decode emits FT_RECORD, FT_FINDING and FT_LOSS alone");
      expect(output.row >= 1, what + ": rows are line numbers and begin at 1");
      if (output.channel == FT_RECORD) all.records.push_back(output.json());
      if (output.channel == FT_LOSS) all.losses.push_back(output.json());
      all.findings += output.channel == FT_FINDING;
    }
  }
  return all;
}

void expect_same(const Decoded& wanted, const Decoded& got, const std::string& what) {
  expect(wanted.records.size() == got.records.size(), what + ": " + std::to_string(got.records.size()) +
                                                          " records instead of " +
                                                          std::to_string(wanted.records.size()));
  for (std::size_t i = 0; i < got.records.size(); ++i)
    expect(wanted.records[i] == got.records[i], what + ": record " + std::to_string(i + 1) + " differs");
}

// Whether each line of an export is one record, so that lines can be cut and mixed.
bool is_lines(const Export& made, std::size_t records) {
  if (!made.files.empty() || made.bytes.empty()) return false;
  if (static_cast<std::size_t>(std::count(made.bytes.begin(), made.bytes.end(), '\n')) != records) return false;
  for (std::size_t begin = 0; begin < made.bytes.size();) {
    const std::size_t end = std::min(made.bytes.find('\n', begin), made.bytes.size());
    if (!Json::accept(made.bytes.begin() + static_cast<std::ptrdiff_t>(begin),
                      made.bytes.begin() + static_cast<std::ptrdiff_t>(end)))
      return false;
    begin = end + 1;
  }
  return true;
}

std::string round_trip(const Subject& subject, const Json& config, const std::vector<Json>& records) {
  const Export made = export_records(subject, config, records);
  const Decoded back = decode_all(subject, config, made.inputs(), "decode of its own encode");
  expect(back.records.size() == records.size() - made.refused.size(),
         std::to_string(records.size() - made.refused.size()) + " records were written and " +
             std::to_string(back.records.size()) + " read back");
  std::size_t next = 0, losses = 0;
  for (std::size_t i = 0; i < records.size(); ++i) {
    const std::uint64_t line = kFirstLine + i;
    if (made.refused.contains(line)) continue;
    std::vector<Json> named = back.losses;
    if (const auto found = made.losses.find(line); found != made.losses.end())
      named.insert(named.end(), found->second.begin(), found->second.end());
    const auto unnamed = unnamed_difference(records[i], back.records[next++], named);
    expect(unnamed.empty(), "record \"" + records[i]["id"].get<std::string>() + "\": " + unnamed +
                                " is not what it was, and no FT_LOSS names it");
    for (const Json& loss : named) losses += loss.value("message", "") != "bookkeeping";
  }
  return std::to_string(next) + " records back with " + std::to_string(losses) + " losses named besides bookkeeping; " +
         std::to_string(made.refused.size()) + " refused with a finding";
}

// A record with an answer that somebody has rejected is refused, or read back with it as rejected, or its answer is not
// in the file at all.
std::string rejected_answers(const Subject& subject, const Json& config) {
  constexpr const char* kBad = "never-say-this";
  const auto said = [](const char* role, const char* text) { return Json{{"role", role}, {"content", text}}; };
  Json labelled{
      {"id", "a"}, {"messages", Json::array({said("user", "Well?"), said("assistant", kBad)})}, {"label", false}};
  Json preference{{"id", "b"}, {"messages", Json::array({said("user", "Well?")})}};
  preference["chosen"] = Json::array({said("assistant", "This.")});
  preference["rejected"] = Json::array({said("assistant", kBad)});
  std::size_t refused = 0, without = 0;
  for (const Json& record : {labelled, preference}) {
    const Export made = export_records(subject, config, {record});
    const auto inputs = made.inputs();
    const bool holds = std::any_of(inputs.begin(), inputs.end(),
                                   [&](const std::string& bytes) { return bytes.find(kBad) != std::string::npos; });
    refused += made.refused.size();
    without += made.refused.empty() && !holds;
    if (!holds) continue;
    const Decoded back = decode_all(subject, config, inputs, "decode of a rejected answer");
    expect(back.records.size() == 1,
           "a rejected answer was read back as " + std::to_string(back.records.size()) + " records");
    const Json& read = back.records[0];
    expect(read.value("label", Json()) == record.value("label", Json()) &&
               read.value("rejected", Json()).is_array() == record.contains("rejected"),
           "a rejected answer became training data: " + read.dump());
  }
  return std::to_string(refused) + " of 2 refused, " + std::to_string(without) + " written without the answer";
}

}  // namespace

void check_formatter(Checks& checks, const Subject& subject) {
  const Json config = subject.config();
  // The rest works on what this format can write.
  std::vector<Json> records;
  Export sample;
  Decoded plain;

  checks.run("formatter.round_trip", [&] {
    const std::string seen = round_trip(subject, config, sample_records());
    for (const Json& record : sample_records()) {
      if (export_records(subject, config, {record}).refused.empty()) records.push_back(record);
    }
    expect(!records.empty(), "it can write none of the suite's records");
    sample = export_records(subject, config, records);
    plain = decode_all(subject, config, sample.inputs(), "decode");
    return seen;
  });
  if (plain.records.empty()) return;

  checks.run("formatter.cancel", [&] {
    std::string seen;
    const auto rows = std::make_shared<const Rows>(*subject.desc, records, kFirstLine);
    const Made made(subject, config);
    encode_part(subject, made, FT_BEGIN, nullptr).ok("encode FT_BEGIN");
    const Seen encoded = encode_part(subject, made, FT_ROWS, rows, {.cancel_at = 1});
    encoded.clean("a cancelled encode");
    if (encoded.status != FT_OK) encoded.refused(FT_E_CANCELLED, "a cancelled encode");
    for (const std::size_t at : {std::size_t{0}, std::size_t{1}, std::size_t{3}}) {
      Feed feed{.bytes = sample.inputs()[0], .endless = at > 0 && is_lines(sample, records.size())};
      const Seen decoded = decode(subject, config, std::move(feed), {.cancelled = at == 0, .cancel_at = at});
      decoded.clean("a cancelled decode");
      if (decoded.status != FT_OK) decoded.refused(FT_E_CANCELLED, "a cancelled decode");
      seen += (seen.empty() ? "" : ", ") + status_name(decoded.status);
    }
    return "cancelled at once, at the first and at the third output: " + seen;
  });
  checks.run("formatter.rejected_answers", [&] { return rejected_answers(subject, config); });
  checks.run("formatter.small_reads", [&] {
    for (const std::size_t step : {std::size_t{1}, std::size_t{7}, std::size_t{4096}}) {
      expect_same(plain, decode_all(subject, config, sample.inputs(), "decode", step),
                  "reads of " + std::to_string(step) + " bytes");
    }
    return std::string("1, 7 and 4,096 bytes a read");
  });
  checks.run("formatter.empty_file", [&] {
    const Seen seen = decode(subject, config, {.bytes = ""});
    if (seen.status == FT_OK)
      seen.clean("decode of an empty file");
    else
      seen.refused(FT_E_INPUT, "decode of an empty file");
    expect(seen.on(FT_RECORD).empty(), "an empty file gave records");
    return "returned " + status_name(seen.status) + " and no record";
  });
  checks.run("formatter.empty_export", [&] {
    const Export empty = export_records(subject, config, {});
    const Seen seen = decode(subject, config, {.bytes = empty.bytes});
    seen.clean("decode of an export of no records");
    expect(seen.on(FT_RECORD).empty(), "an export of no records was read back as some");
    return std::to_string(empty.bytes.size()) + " bytes";
  });
  const bool text = !text::invalid_utf8_offset(sample.bytes).has_value();
  checks.run("formatter.no_final_newline", [&] {
    std::vector<std::string> inputs = sample.inputs();
    if (!text) return std::string("not a text format");
    for (auto& input : inputs) {
      if (input.ends_with('\n')) input.pop_back();
    }
    expect_same(plain, decode_all(subject, config, inputs, "decode without a final newline"),
                "without a final newline");
    return std::string("the same records");
  });
  checks.run("formatter.line_ends", [&] {
    std::vector<std::string> inputs = sample.inputs();
    if (!text) return std::string("not a text format");
    for (auto& input : inputs) {
      std::string changed = "\xEF\xBB\xBF";
      for (const char c : input) changed += c == '\n' ? std::string("\r\n") : std::string(1, c);
      input = changed;
    }
    expect_same(plain, decode_all(subject, config, inputs, "decode with CRLF"), "with a byte order mark and CRLF");
    return std::string("a byte order mark and CRLF");
  });
  checks.run("formatter.broken_rows", [&] {
    if (!is_lines(sample, records.size())) {
      for (const std::string& junk : {std::string("{\"broken"), std::string("\x80\xFF\x01"), std::string("]][[")}) {
        const Seen seen = decode(subject, config, {.bytes = sample.inputs()[0] + junk});
        if (seen.status == FT_OK)
          seen.clean("decode of a file with junk at its end");
        else
          seen.refused(FT_E_INPUT, "decode of a file with junk at its end");
      }
      return std::string("not one record a line: junk at the end does no harm");
    }
    const std::string broken[] = {"{\"broken\": ", "[1, 2]", "{\"a\": \"\xFF\xFE\"}", "\"text\"", "{}"};
    std::string mixed;
    std::set<std::uint64_t> bad_lines;
    std::uint64_t line = 0;
    std::size_t next = 0;
    for (std::size_t begin = 0; begin < sample.bytes.size();) {
      const std::size_t end = sample.bytes.find('\n', begin) + 1;
      if (next < std::size(broken)) {
        mixed += broken[next++] + "\n";
        bad_lines.insert(++line);
      }
      mixed.append(sample.bytes, begin, end - begin);
      ++line;
      begin = end;
    }
    const Seen seen = decode(subject, config, {.bytes = mixed});
    seen.ok("decode with broken lines");
    expect(seen.on(FT_RECORD).size() == plain.records.size(),
           std::to_string(plain.records.size()) + " good lines among " + std::to_string(bad_lines.size()) +
               " broken ones gave " + std::to_string(seen.on(FT_RECORD).size()) + " records");
    for (const std::uint64_t bad : bad_lines) {
      bool found = false;
      for (const auto& output : seen.on(FT_FINDING)) found = found || output.row == bad;
      expect(found, "no FT_FINDING for the broken line " + std::to_string(bad) + ": " +
                        broken[std::distance(bad_lines.begin(), bad_lines.find(bad))]);
    }
    return std::to_string(bad_lines.size()) + " broken lines found, " + std::to_string(plain.records.size()) +
           " good ones kept";
  });
  checks.run("formatter.long_row", [&] { return round_trip(subject, config, {long_record()}); });
  checks.run("formatter.not_utf8", [&] {
    std::string bytes;
    for (int i = 0; i < 5000; ++i) bytes += static_cast<char>((i * 7919 + (i >> 3)) & 0xFF);
    const Seen seen = decode(subject, config, {.bytes = bytes});
    if (seen.status == FT_OK)
      seen.clean("decode of random bytes");
    else
      seen.refused(FT_E_INPUT, "decode of random bytes");
    expect(seen.on(FT_RECORD).empty(), "random bytes gave records");
    expect(seen.status != FT_OK || !seen.on(FT_FINDING).empty(), "random bytes gave no finding");
    return std::string("refused");
  });
  checks.run("formatter.read_error", [&] {
    const Seen seen = decode(subject, config, {.bytes = sample.inputs()[0], .step = 16, .fail_at = 2});
    seen.clean("decode of a source that fails");
    expect(seen.status == FT_E_IO, "a source that fails with FT_E_IO made decode return " + status_name(seen.status));
    return std::string("returned FT_E_IO");
  });
  checks.run("formatter.detect", [&] {
    const Made made(subject, config);
    const auto detect = [&](const std::string& bytes, const char* name) {
      const auto confidence = std::make_shared<double>(-1);
      const auto input = std::make_shared<const std::string>(bytes);
      const auto file = std::make_shared<const std::string>(name);
      const Seen seen = subject.harness.run(
          [confidence, input, file, self = made.self(), table = made.table<ft_formatter>()](ft_call call) {
            return table->detect(self, call, str(*input), str(*file), confidence.get());
          });
      seen.ok("detect");
      expect(*confidence >= 0 && *confidence <= 1,
             "detect answers " + std::to_string(*confidence) + ", which is not in 0 to 1");
      return std::pair(*confidence, !seen.on(FT_DETAIL).empty());
    };
    const std::string bytes = sample.inputs()[0];
    auto own = detect(bytes, "sample");
    // Most rows of the sample may be another format's as well; of those that are its own alone it is sure.
    for (const Json& record : records) {
      const auto inputs = export_records(subject, config, {record}).inputs();
      if (own.first < 0.5 && !inputs.empty()) own = std::max(own, detect(inputs[0], "sample"));
    }
    const bool only_named = (subject.desc->flags & FT_ONLY_NAMED) != 0;
    expect((own.first < 0.5) == only_named, "it gives its own file a confidence of " + std::to_string(own.first));
    expect(own.second || only_named, "it does not say why, as FT_DETAIL");
    detect(bytes.substr(0, bytes.size() * 2 / 3), "sample");
    expect(detect("", "empty").first < 0.5, "it takes an empty file for its own");
    expect(detect("\x7F"
                  "ELF\x02\x01\x01",
                  "a.bin")
                   .first < 0.5,
           "it takes a program for its own");
    return "its own file: " + std::to_string(own.first);
  });
  checks.run("formatter.check", [&] {
    const Made made(subject, config);
    const auto* table = made.table<ft_formatter>();
    if (!table->check) return std::string("none: the table of rules says all");
    std::size_t findings = 0;
    for (const auto& list : {std::vector<Json>{}, records}) {
      const auto rows = std::make_shared<const Rows>(*subject.desc, list, kFirstLine);
      const Seen seen = subject.harness.run(
          [rows, table, self = made.self()](ft_call call) { return table->check(self, call, rows->get()); });
      seen.ok("check");
      for (const auto& output : seen.output) {
        expect(output.channel == FT_FINDING, "check emits FT_FINDING alone");
        expect(rows->has_line(output.row),
               "check reports row " + std::to_string(output.row) + ", which the batch has not");
        ++findings;
      }
    }
    return std::to_string(findings) + " findings in the suite's records";
  });
}

}  // namespace fthost::plugin::conformance

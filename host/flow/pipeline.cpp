#include "flow/pipeline.hpp"

#include <algorithm>
#include <cmath>
#include <numeric>

#include "data/blocks.hpp"
#include "data/hash_index.hpp"
#include "data/near.hpp"
#include "flow/equal_rows.hpp"
#include "flow/inspect.hpp"
#include "flow/row_files.hpp"
#include "flow/row_notes.hpp"

namespace fthost::flow {
namespace {

constexpr std::uint8_t kNowhere = 0xFF, kRemoved = 0xFE;
constexpr std::size_t kFindings = 10'000;  // that are listed
constexpr std::uint32_t kNone = data::HashIndex::kNone;

// Texts that are near one another, directly or through others.
class NearGroups {
 public:
  NearGroups(double threshold, const data::MinHashOptions& options) : index_(threshold, options) {}

  // Adds an item with a signature, which joins it to all that are near it and have the same guard.
  void add(std::uint32_t item, std::span<const std::uint16_t> signature, std::uint64_t guard) {
    reach(item);
    index_.visit(signature, guard, [&](std::uint32_t text, double) { join(item, items_[text]); });
    text_of_.resize(item, kNone);
    text_of_.push_back(static_cast<std::uint32_t>(items_.size()));
    index_.add(signature, guard);
    items_.push_back(item);
  }
  // Of two items with signatures.
  double similarity(std::uint32_t a, std::uint32_t b) const {
    return data::similarity(index_.signature(text_of_[a]), index_.signature(text_of_[b]));
  }
  void join(std::uint32_t a, std::uint32_t b) {
    reach(std::max(a, b));
    parent_[root(a)] = root(b);
  }
  std::uint32_t root(std::uint32_t item) {
    if (item >= parent_.size()) return item;
    while (parent_[item] != item) item = parent_[item] = parent_[parent_[item]];
    return item;
  }

 private:
  void reach(std::uint32_t item) {
    for (auto next = static_cast<std::uint32_t>(parent_.size()); next <= item; ++next) parent_.push_back(next);
  }

  data::NearIndex index_;
  std::vector<std::uint32_t> items_;    // of each signature
  std::vector<std::uint32_t> text_of_;  // of each item the place of its signature
  std::vector<std::uint32_t> parent_;
};

struct Removed {
  std::uint32_t line, entry;
  float similarity;
};

class Pipeline {
 public:
  Pipeline(const PipelineRequest& request, const io::CancelToken& cancel) : request_(request), cancel_(cancel) {
    if (request.dedupe && request.dedupe->near > 0) near_.emplace(request.dedupe->near, request.dedupe->hashing);
    if (request.split && request.split->near > 0) near_split_.emplace(request.split->near, request.split->hashing);
  }

  Result<Json> run() {
    if (auto fits = check_request(); !fits) return fits.error();
    auto file = request_.source
                    ? RowFile::open(*request_.source, cancel_)
                    : RowFile::open(request_.path, !request_.outputs.empty() || !request_.removed.empty(), cancel_);
    if (!file) return file.error();
    file_.emplace(std::move(*file));
    if (auto made = make_splitter(); !made) return made.error();
    if (auto looked = look(); !looked) return looked.error();
    if (request_.dedupe) remove_near();
    Json report = counts();
    if (request_.dedupe) report["dedupe"] = dedupe_report();
    if (splitter_) {
      auto split = divide();
      if (!split) return split.error();
      report["split"] = std::move(*split);
    }
    if (auto written = write(); !written) return written.error();
    report["written"] = written_;
    return report;
  }

 private:
  Result<void> check_request() const {
    const auto refuse = [](const std::string& what, const std::string& hint) {
      return make_error(Code::config, what, "pipeline", hint);
    };
    if (near_ && near_split_) {
      const auto &a = request_.dedupe->hashing, &b = request_.split->hashing;
      if (a.shingle != b.shingle || a.permutations != b.permutations)
        return refuse("dedupe and split have other shingles or permutations", "give both the same");
    }
    std::vector<std::string> parts{"kept"};
    if (request_.split) {
      parts.clear();
      for (const auto& part : request_.split->options.parts) parts.push_back(part.name);
    }
    for (const auto& [name, path] : request_.outputs) {
      if (std::find(parts.begin(), parts.end(), name) != parts.end()) continue;
      std::string known;
      for (const std::string& part : parts) known += (known.empty() ? "" : ", ") + part;
      return refuse("no row goes to the output \"" + name + "\"", "the parts are " + known);
    }
    return {};
  }

  Result<void> make_splitter() {
    if (!request_.split) return {};
    auto splitter = data::Splitter::create(request_.split->options);
    if (!splitter) return splitter.error();
    splitter_.emplace(std::move(*splitter));
    return request_.split->previous ? hold_previous(*splitter_, *request_.split->previous) : Result<void>();
  }
  bool wants_ids() const {
    const auto& split = request_.split;
    return (split && (split->ids || split->previous || split->options.one_per_group)) ||
           (request_.dedupe && request_.dedupe->ids);
  }

  // The first pass.
  Result<void> look() {
    if (file_->rows() && !request_.dedupe && !splitter_ && request_.where.empty()) {  // there is nothing to decide
      part_.assign(file_->rows()->size(), 0);
      rows_ = part_.size();
      return {};
    }
    NoteRequest notes;
    notes.where = request_.where;
    notes.content = request_.dedupe || splitter_;
    notes.ids = (wants_ids() && !file_->rows()) || request_.where.needs_id();
    if (request_.split) {
      notes.by = request_.split->by;
      notes.group = request_.split->group;
    }
    if (near_split_) notes.signatures = &request_.split->hashing;
    if (near_) notes.signatures = &request_.dedupe->hashing;
    return file_->for_each(notes, request_.threads, cancel_, [&](const RowNotes& block) { take(block); });
  }

  // A storage's rows have the ids and lines that it knows them by.
  RowNote known_note(const RowNote& note) const {
    RowNote row = note;
    const Rows* rows = file_->rows();
    if (!rows || !wants_ids()) return row;
    row.id = rows->id(part_.size() - 1);
    row.made_id = false;
    return row;
  }

  void take(const RowNotes& block) {
    const std::size_t before = part_.size(), size = request_.dedupe ? block.rows.size() : 0;
    for (std::size_t i = 0; i < size; ++i) contents_.prefetch(block.rows[i].content);
    const std::uint16_t* signature = block.signatures.data();
    for (const RowNote& note : block.rows) {
      part_.push_back(kNowhere);
      const RowNote row = known_note(note);
      if (row.state == RowNote::State::filtered && splitter_ && request_.split->previous)
        splitter_->leave_out(row.id);  // it keeps the part of the earlier split
      if (row.state == RowNote::State::row) {
        ++rows_;
        take_row(row, signature);
      } else {
        broken_ += row.state == RowNote::State::broken;
        filtered_ += row.state == RowNote::State::filtered;
      }
      if (row.has_signature) signature += permutations();
    }
    for (data::Finding finding : block.findings) {
      if (findings_.size() == kFindings) break;
      finding.file = file_->name();
      finding.line = file_->line(finding.line + before - 1);
      findings_.push_back(Json::parse(data::to_json(finding)));
    }
  }
  unsigned permutations() const {
    return near_ ? request_.dedupe->hashing.permutations : near_split_ ? request_.split->hashing.permutations : 0;
  }

  void take_row(const RowNote& row, const std::uint16_t* signature) {
    const auto line = static_cast<std::uint32_t>(part_.size() - 1);
    part_[line] = 0;
    const std::span<const std::uint16_t> signed_with(signature, row.has_signature ? permutations() : 0);
    without_text_ += permutations() > 0 && !row.has_signature;
    if (wants_ids()) take_id(line, row);
    if (request_.dedupe) take_content(line, row, signed_with);
    if (!splitter_) return;
    if (!request_.dedupe) equal_.add(line, row.content);
    if (near_split_ && row.has_signature) near_split_->add(line, signed_with, 0);
    if (!request_.split->by.empty()) {
      has_by_ = has_by_ || !row.stratum.empty();
      const auto next = static_cast<std::uint32_t>(strata_.size());
      const std::uint32_t known = strata_index_.insert(data::hash64(row.stratum), next);
      if (known == kNone) strata_.emplace_back(row.stratum);
      stratum_.resize(line);
      stratum_.push_back(known == kNone ? next : known);
    }
    if (!request_.split->group.empty()) {
      has_group_ = has_group_ || !row.group.empty();
      group_.resize(line);
      group_.push_back(row.group.empty() ? 0 : std::max<std::uint64_t>(1, data::hash64(row.group)));
      // Those of one group are as good as near.
      if (near_split_ && !row.group.empty()) {
        const std::uint32_t first = group_lines_.insert(group_.back(), line);
        if (first != kNone) near_split_->join(line, first);
      }
    }
  }

  // Ids that are made of the content are numbered, as an import would; given ones must differ.
  void take_id(std::uint32_t line, const RowNote& row) {
    id_end_.resize(line, ids_.size());
    ids_ += row.id;
    const std::uint64_t hash = data::hash64(row.id);
    const std::uint32_t before = id_counts_.find(hash);
    if (before != kNone) {
      if (row.made_id)
        ids_ += "-" + std::to_string(before + 1);
      else if (!repeated_id_)
        repeated_id_ = {std::string(row.id), line};
    }
    id_counts_.set(hash, before == kNone ? 1 : before + 1);
    id_end_.push_back(ids_.size());
  }

  // An entry for each content; it stands for the best rated of its rows, the first among equals.
  void take_content(std::uint32_t line, const RowNote& row, std::span<const std::uint16_t> signature) {
    const auto next = static_cast<std::uint32_t>(line_of_.size());
    const std::uint32_t known = contents_.insert(row.content, next);
    if (known == kNone) {
      line_of_.push_back(line);
      rating_of_.push_back(row.rating);
      if (near_ && !signature.empty()) near_->add(next, signature, row.guard);
      return;
    }
    std::uint32_t loser = line;
    if (row.rating > rating_of_[known]) {
      loser = std::exchange(line_of_[known], line);
      rating_of_[known] = row.rating;
    }
    remove(loser, known, 1);
    ++exact_;
  }

  void remove(std::uint32_t line, std::uint32_t entry, float similarity) {
    part_[line] = kRemoved;
    removed_.push_back({line, entry, similarity});
  }

  // Of entries that are near one another the best rated stays, the first among equals.
  void remove_near() {
    if (!near_) return;
    std::vector<std::uint32_t> best(line_of_.size(), kNone);
    for (std::uint32_t entry = 0; entry < line_of_.size(); ++entry) {
      std::uint32_t& chosen = best[near_->root(entry)];
      if (chosen == kNone || rating_of_[entry] > rating_of_[chosen]) chosen = entry;
    }
    kept_for_.resize(line_of_.size());
    // What equals a row that goes is as like the one that stays.
    const auto likeness = [&](std::uint32_t entry) {
      return kept_for_[entry] == entry ? 1 : static_cast<float>(near_->similarity(entry, kept_for_[entry]));
    };
    for (std::uint32_t entry = 0; entry < line_of_.size(); ++entry) kept_for_[entry] = best[near_->root(entry)];
    for (Removed& removed : removed_) removed.similarity = likeness(removed.entry);
    for (std::uint32_t entry = 0; entry < line_of_.size(); ++entry) {
      if (kept_for_[entry] == entry) continue;
      remove(line_of_[entry], kept_for_[entry], likeness(entry));
      ++near_removed_;
    }
  }

  Json counts() const {
    Json report{{"rows", rows_ + broken_},
                {"kept", rows_ - removed_.size()},
                {"broken", broken_},
                {"filtered", filtered_},
                {"findings", findings_}};
    if (near_ || near_split_) {
      report["without_text"] = without_text_;
      report["hashing"] = near_ ? hashing_json(request_.dedupe->near, request_.dedupe->hashing)
                                : hashing_json(request_.split->near, request_.split->hashing);
    }
    return report;
  }

  Json dedupe_report() {
    struct Cluster {
      Json removed = Json::array();
      std::size_t size = 0;  // rows that go
    };
    std::map<std::uint64_t, Cluster> clusters;  // by the line that was kept
    const std::size_t limit = request_.dedupe->shown;
    std::size_t count = 0;
    std::vector<bool> seen(line_of_.size());
    for (const Removed& removed : removed_) {
      const std::uint32_t entry = kept_for_.empty() ? removed.entry : kept_for_[removed.entry];
      if (!seen[entry]) ++count;
      const bool is_new = !seen[entry];
      seen[entry] = true;
      const std::uint64_t line = file_->line(line_of_[entry]);
      if (is_new && clusters.size() >= limit) continue;
      const auto found = is_new ? clusters.emplace(line, Cluster()).first : clusters.find(line);
      if (found == clusters.end() || ++found->second.size > limit) continue;
      found->second.removed.push_back(
          {{"line", file_->line(removed.line)}, {"similarity", std::round(removed.similarity * 1000) / 1000}});
    }
    Json shown = Json::array();
    for (auto& [line, cluster] : clusters)
      shown.push_back({{"line", line}, {"size", cluster.size}, {"removed", std::move(cluster.removed)}});
    Json report{{"removed", removed_.size()},
                {"exact", exact_},
                {"near", near_removed_},
                {"clusters", count},
                {"shown", std::move(shown)}};
    if (!request_.dedupe->ids) return report;
    Json& ids = report["ids"] = Json::array();
    for (const Removed& removed : removed_) ids.push_back(std::string(id_of(removed.line)));
    return report;
  }

  std::string_view id_of(std::uint32_t line) const {
    if (line >= id_end_.size()) return {};
    const std::size_t begin = line == 0 ? 0 : id_end_[line - 1];
    return std::string_view(ids_).substr(begin, id_end_[line] - begin);
  }

  Result<Json> divide() {
    const auto& split = *request_.split;
    for (const auto& [key, found] : {std::pair{&split.by, has_by_}, {&split.group, has_group_}}) {
      if (key->empty() || found || rows_ == 0) continue;
      return make_error(Code::config, "split: no row has the field \"" + *key + "\"", file_->name(),
                        "write it as the rows have it, like rating or metadata.topic");
    }
    if (repeated_id_ && (split.ids || split.previous)) {
      return make_error(
          Code::input, "split: the id \"" + repeated_id_->first + "\" stands twice, so its rows cannot be told apart",
          file_->name() + ":" + std::to_string(file_->line(repeated_id_->second)), "give each row an id of its own");
    }
    std::vector<std::uint32_t> lines;
    std::string group;
    for (std::uint32_t line = 0; line < part_.size(); ++line) {
      if (part_[line] == kRemoved && split.previous) splitter_->leave_out(id_of(line));
      if (part_[line] != 0) continue;
      lines.push_back(line);
      group.clear();
      if (near_split_)
        group = std::to_string(near_split_->root(line));
      else if (line < group_.size() && group_[line] != 0)
        group = std::to_string(group_[line]);
      splitter_->add(id_of(line), line < stratum_.size() ? std::string_view(strata_[stratum_[line]]) : "", group);
    }
    const data::Split done = splitter_->finish();
    Json parts = Json::object(), ids = Json::object(), left_out = Json::object();
    double deviation = 0;
    for (std::size_t p = 0; p < done.parts.size(); ++p) {
      const auto& part = done.parts[p];
      for (const std::uint32_t row : part.rows) part_[lines[row]] = static_cast<std::uint8_t>(p);
      parts[part.name] = part.rows.size();
      if (!lines.empty()) {
        const double share = static_cast<double>(part.rows.size()) / static_cast<double>(lines.size());
        deviation = std::max(deviation, std::abs(share - split.options.parts[p].share));
      }
      if (!split.ids) continue;
      Json& list = ids[part.name] = Json::array();
      for (const std::uint32_t row : part.rows) list.push_back(std::string(done.id(row)));
      left_out[part.name] = part.left_out;
    }
    Json warnings = done.warnings;
    const std::uint64_t apart =
        equal_.apart([&](std::uint32_t row) { return part_[row] < kRemoved ? part_[row] : -1; });
    if (apart > 0) warnings.push_back(EqualRows::warning(apart));
    Json report{{"parts", parts},
                {"strata", strata_json(done)},
                {"kept", done.kept},
                {"gone", done.gone},
                {"groups", done.groups},
                {"leaking_groups", done.leaking_groups},
                {"deviation", std::round(deviation * 1e6) / 1e6},
                {"equal_apart", apart},
                {"warnings", std::move(warnings)}};
    if (split.ids) {
      report["ids"] = std::move(ids);
      report["left_out"] = std::move(left_out);
    }
    return report;
  }

  // The second pass.
  Result<void> write() {
    std::vector<std::string> names;
    if (request_.split) {
      for (const auto& part : request_.split->options.parts) names.push_back(part.name);
    } else {
      names.push_back("kept");
    }
    RowWriters writers(*file_);
    std::vector<std::string> paths{request_.removed};
    for (const auto& [name, path] : request_.outputs) paths.push_back(path);
    for (const std::string& path : paths) {
      if (path.empty() || path == "-" || !request_.source || !request_.source->is_own_file(path)) continue;
      return make_error(Code::config, "is where the records lie that are read", path, "write to another file");
    }
    for (std::size_t p = 0; p < names.size(); ++p) {
      const auto path = request_.outputs.find(names[p]);
      if (path == request_.outputs.end()) continue;
      if (auto added = writers.add(static_cast<std::uint8_t>(p), path->second); !added) return added;
      written_[names[p]] = path->second;
    }
    if (!request_.removed.empty()) {
      if (auto added = writers.add(kRemoved, request_.removed); !added) return added;
      written_["removed"] = request_.removed;
    }
    if (rows_ + filtered_ > 0) return writers.write(part_, cancel_);
    written_ = Json::object();  // an empty file would take the place of what is there
    return {};
  }

  const PipelineRequest& request_;
  const io::CancelToken& cancel_;
  std::optional<RowFile> file_;
  std::vector<std::uint8_t> part_;  // of each line
  std::uint64_t rows_ = 0, broken_ = 0, filtered_ = 0, exact_ = 0, near_removed_ = 0, without_text_ = 0;
  Json findings_ = Json::array();
  data::HashIndex contents_;  // to entries
  std::vector<std::uint32_t> line_of_;
  std::vector<float> rating_of_;
  std::optional<NearGroups> near_, near_split_;  // of entries; of lines
  std::vector<Removed> removed_;
  std::vector<std::uint32_t> kept_for_;
  std::optional<data::Splitter> splitter_;
  EqualRows equal_;
  data::HashIndex strata_index_;
  std::vector<std::string> strata_;
  std::vector<std::uint32_t> stratum_;  // of each line
  std::vector<std::uint64_t> group_;
  data::HashIndex group_lines_;  // the first line of each group, where rows are grouped by likeness, too
  std::string ids_;
  std::vector<std::uint64_t> id_end_;
  data::HashIndex id_counts_;
  std::optional<std::pair<std::string, std::uint32_t>> repeated_id_;  // and its line, from 0
  bool has_by_ = false, has_group_ = false;
  Json written_ = Json::object();
};

}  // namespace

Json hashing_json(double near, const data::MinHashOptions& options) {
  const data::Bands bands = data::bands_for(near, options.permutations);
  return Json{{"threshold", near},
              {"shingle", options.shingle},
              {"permutations", options.permutations},
              {"bands", bands.bands},
              {"rows_a_band", bands.rows},
              {"compared_at_threshold", std::floor(bands.compared(near) * 1000) / 1000}};
}

Result<Json> run_pipeline(const PipelineRequest& request, const io::CancelToken& cancel) {
  return Pipeline(request, cancel).run();
}

}  // namespace fthost::flow

#include "flow/leakage.hpp"

#include <cmath>

#include "data/hash_index.hpp"
#include "data/near.hpp"
#include "flow/row_files.hpp"
#include "flow/row_notes.hpp"

namespace fthost::flow {
namespace {

constexpr std::size_t kShown = 20;         // rows in a report
constexpr std::size_t kFindings = 10'000;  // that are listed
constexpr std::uint32_t kNone = data::HashIndex::kNone;

Result<RowFile> open_rows(const std::optional<Source>& source, const std::string& path, const io::CancelToken& cancel) {
  return source ? RowFile::open(*source, cancel) : RowFile::open(path, false, cancel);
}

class Leakage {
 public:
  Leakage(const LeakageRequest& request, const io::CancelToken& cancel) : request_(request), cancel_(cancel) {
    notes_.content = true;
    if (request.dedupe.near == 0) return;
    notes_.signatures = &request.dedupe.hashing;
    index_.emplace(request.dedupe.near, request.dedupe.hashing);
  }

  Result<Json> run() {
    auto known = open_rows(request_.known_source, request_.known, cancel_);
    if (!known) return known.error();
    auto read = for_each(*known, known_broken_, [&](const RowNote& row, std::uint32_t at, auto signature) {
      ++known_rows_;
      known_without_text_ += index_ && signature.empty();
      const bool is_new = contents_.insert(row.content, at) == kNone;
      if (!is_new || signature.empty()) return;
      index_->add(signature);
      row_of_.push_back(at);
    });
    if (!read) return read.error();
    auto file = open_rows(request_.source, request_.path, cancel_);
    if (!file) return file.error();
    read = for_each(*file, broken_, [&](const RowNote& row, std::uint32_t at, auto signature) {
      ++rows_;
      without_text_ += index_ && signature.empty();
      const std::uint32_t same = contents_.find(row.content);
      if (same != kNone) {
        ++exact_;
        show(*file, at, *known, same, 1);
      } else if (!signature.empty()) {
        const auto match = index_->find(signature);
        if (match.text == kNone) return;
        ++near_;
        show(*file, at, *known, row_of_[match.text], match.similarity);
      }
    });
    if (!read) return read.error();
    Json report{{"rows", rows_ + broken_}, {"known_rows", known_rows_ + known_broken_},
                {"exact", exact_},         {"near", near_},
                {"broken", broken_},       {"known_broken", known_broken_},
                {"shown", shown_},         {"findings", findings_}};
    if (index_) {
      report["without_text"] = without_text_;
      report["known_without_text"] = known_without_text_;
      report["hashing"] = hashing_json(request_.dedupe.near, request_.dedupe.hashing);
    }
    return report;
  }

 private:
  // take(note, row from 0, signature)
  template <class Take>
  Result<void> for_each(RowFile& file, std::uint64_t& broken, Take take) {
    std::uint32_t row = 0;
    const std::size_t permutations = request_.dedupe.hashing.permutations;
    return file.for_each(notes_, request_.threads, cancel_, [&](const RowNotes& block) {
      for (data::Finding finding : block.findings) {
        if (findings_.size() == kFindings) break;
        finding.file = file.name();
        finding.line = file.line(row + finding.line - 1);
        findings_.push_back(Json::parse(data::to_json(finding)));
      }
      const std::uint16_t* signature = block.signatures.data();
      for (const RowNote& note : block.rows) {
        const std::span<const std::uint16_t> signed_with(signature, note.has_signature ? permutations : 0);
        if (note.has_signature) signature += permutations;
        broken += note.state == RowNote::State::broken;
        if (note.state == RowNote::State::row) take(note, row, signed_with);
        ++row;
      }
    });
  }

  void show(const RowFile& file, std::uint32_t row, const RowFile& known, std::uint32_t known_row, double similarity) {
    if (shown_.size() == kShown) return;
    Json line{{"line", file.line(row)},
              {"known_line", known.line(known_row)},
              {"similarity", std::round(similarity * 1000) / 1000}};
    if (file.rows()) line["id"] = file.rows()->id(row);
    if (known.rows()) line["known_id"] = known.rows()->id(known_row);
    shown_.push_back(std::move(line));
  }

  const LeakageRequest& request_;
  const io::CancelToken& cancel_;
  NoteRequest notes_;
  data::HashIndex contents_;  // to rows
  std::optional<data::NearIndex> index_;
  std::vector<std::uint32_t> row_of_;  // of each signature
  std::uint64_t known_rows_ = 0, rows_ = 0, exact_ = 0, near_ = 0, known_broken_ = 0, broken_ = 0;
  std::uint64_t known_without_text_ = 0, without_text_ = 0;
  Json findings_ = Json::array(), shown_ = Json::array();
};

}  // namespace

Result<Json> find_leakage(const LeakageRequest& request, const io::CancelToken& cancel) {
  if (request.path == "-" && request.known == "-")
    return make_error(Code::config, "standard input cannot be both files", "-", "name a file for one of them");
  return Leakage(request, cancel).run();
}

}  // namespace fthost::flow

// Dataset: the rows of a JSONL file as token sequences with the positions to learn, in memory. A row that cannot be
// used is counted and left out; the file fails only when nothing is left.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "chat_format.hpp"
#include "llama.hpp"

namespace fthost::engine {

struct DatasetOptions {
  std::int64_t max_length = 1024;  // tokens; longer rows lose their end
  bool train_on_prompt = false;    // learn every token, not only assistant turns
};

class Dataset {
 public:
  // Rows: {"messages": [...], "tools"?: [...]} or {"text": "..."}.
  static Result<Dataset> load(const std::filesystem::path& path, const ChatFormat& format,
                              const DatasetOptions& options);

  std::size_t size() const { return rows_.size(); }
  std::size_t truncated() const { return truncated_; }
  std::size_t skipped() const { return skipped_; }
  const std::string& first_problem() const { return first_problem_; }  // why the first skipped row was skipped
  std::int64_t tokens() const { return tokens_; }
  // Appends a row to a batch.
  void add_to(PackedBatch& batch, std::size_t row) const;

 private:
  struct Row {
    std::vector<std::int64_t> ids, labels;
  };
  std::vector<Row> rows_;
  std::size_t truncated_ = 0, skipped_ = 0;
  std::int64_t tokens_ = 0;
  std::string first_problem_;
};

}  // namespace fthost::engine

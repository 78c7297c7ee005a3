// Exporter: records into a formatter plugin and what it writes into files, batch by batch. One thread; its plugin's
// calls are made on it. Until finish() nothing of it is seen, and without finish() nothing stays.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "data/batch.hpp"
#include "flow/chosen_answer.hpp"
#include "flow/export_files.hpp"
#include "flow/transfer.hpp"
#include "plugin/invoke.hpp"

namespace fthost::flow {

class Exporter {
 public:
  // `notes` gets what the format finds and loses.
  Exporter(plugin::Registry& registry, const ExportRequest& request, Notes& notes, const io::CancelToken& cancel);
  Exporter(const Exporter&) = delete;

  Result<void> begin();
  // A row of the source's file and line; `id` may be empty. The record is copied.
  Result<void> add(std::string_view file, std::uint64_t line, std::string_view id, const data::Value& record);
  std::uint64_t rows() const { return rows_; }  // so far
  // How the command calls --format here ("--to"), for the format's hints.
  void name_option(std::string option) { option_ = std::move(option); }
  // Of metadata that is lost each field is named and counted, but for what formatters keep there of their spelling.
  void count_metadata();
  // The rows that are left, and the files, if `strict` lets them be.
  Result<Json> finish();  // {format, path, rows, written, broken, files, removed, refused}

 private:
  struct From {
    std::string file, id;
    std::uint64_t line;
    std::vector<std::string> metadata;  // JSON pointers
  };

  Json options_for(const ft_desc& desc) const;
  Result<void> flush();
  Result<void> encode(std::uint32_t part, const ft_batch* batch);
  std::vector<std::string> metadata_of(const data::Value& record) const;
  const From* from(std::uint64_t row) const;  // of the present batch, or null
  void found(std::uint64_t row, std::string_view bytes);
  void lost(std::uint64_t row, std::string_view bytes);
  ft_status written_to(Result<void> done);

  plugin::Registry& registry_;
  const ExportRequest request_;
  Notes& notes_;
  std::shared_ptr<plugin::CallContext> context_;
  std::shared_ptr<plugin::Instance> encoder_;
  std::optional<data::BatchBuilder> builder_;
  ChosenAnswer chosen_;
  std::string option_;  // none: --format
  ExportFiles output_;
  std::optional<Error> failed_;  // of writing
  std::vector<From> batch_rows_;
  std::uint64_t before_batch_ = 0, rows_ = 0;
  std::vector<std::string> spellings_;    // names of formatters, where metadata is counted
  std::set<std::uint64_t> refused_rows_;  // not written, because of an error
};

}  // namespace fthost::flow

// RowEncoder: one record at a time in the rows of a format, as an export would write it. One thread.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "data/batch.hpp"
#include "flow/notes.hpp"
#include "io/cancel.hpp"
#include "plugin/registry.hpp"

namespace fthost::flow {

class RowEncoder {
 public:
  static Result<std::unique_ptr<RowEncoder>> create(plugin::Registry& registry, const std::string& format,
                                                    const io::CancelToken& cancel);
  // The row's text, good until the next call; empty where the format refuses the record: why is in the notes, which
  // name the record by file, line and id.
  Result<std::string_view> encode(const std::string& file, std::uint64_t line, std::string_view id,
                                  const data::Value& record, Notes& notes);

 private:
  RowEncoder(std::shared_ptr<plugin::Instance> encoder, std::shared_ptr<plugin::CallContext> context);
  Result<void> call(std::uint32_t part, const ft_batch* batch);

  std::shared_ptr<plugin::Instance> encoder_;
  std::shared_ptr<plugin::CallContext> context_;
  data::BatchBuilder builder_;
  std::string text_;
};

}  // namespace fthost::flow

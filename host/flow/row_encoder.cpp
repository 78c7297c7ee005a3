#include "flow/row_encoder.hpp"

#include <nlohmann/json.hpp>

namespace fthost::flow {

RowEncoder::RowEncoder(std::shared_ptr<plugin::Instance> encoder, std::shared_ptr<plugin::CallContext> context)
    : encoder_(std::move(encoder)),
      context_(std::move(context)),
      builder_(std::span<const ft_column>(encoder_->desc().columns, encoder_->desc().column_count)) {}

Result<std::unique_ptr<RowEncoder>> RowEncoder::create(plugin::Registry& registry, const std::string& format,
                                                       const io::CancelToken& cancel) {
  auto context = std::make_shared<plugin::CallContext>();
  context->cancel = cancel;
  auto instance = registry.create(FT_FORMATTER, format, Json::object(), context);
  if (!instance) return instance.error();
  std::unique_ptr<RowEncoder> encoder(new RowEncoder(std::move(*instance), std::move(context)));
  if (auto begun = encoder->call(FT_BEGIN, nullptr); !begun) return begun.error();
  return encoder;
}

Result<void> RowEncoder::call(std::uint32_t part, const ft_batch* batch) {
  auto status = encoder_->call(context_, [&](ft_call call) {
    return encoder_->table<ft_formatter>().encode(encoder_->self(), call, part, batch);
  });
  return status ? Result<void>() : Result<void>(status.error());
}

Result<std::string_view> RowEncoder::encode(const std::string& file, std::uint64_t line, std::string_view id,
                                            const data::Value& record, Notes& notes) {
  text_.clear();
  context_->emit = [&](std::uint32_t channel, std::uint64_t, std::string_view bytes) {
    if (channel == FT_DELTA) text_ += bytes;
    if (channel == FT_LOSS) notes.loss(bytes, line);
    if (channel == FT_FINDING) notes.finding(finding_of(file, line, bytes), id);
    return FT_OK;
  };
  builder_.add(1, record);
  const data::Batch batch = builder_.take();
  auto done = call(FT_ROWS, batch.get());
  context_->emit = nullptr;  // it holds what belongs to this call
  if (!done) return done.error();
  while (text_.ends_with('\n')) text_.pop_back();
  return std::string_view(text_);
}

}  // namespace fthost::flow

// Encoding of any text: ids within the vocabulary, and valid UTF-8 comes back as it was. A text that is not UTF-8 or a
// tokenizer file that is anything is taken or refused, no more.
#include "fuzz.hpp"
#include "text/tokenizer.hpp"
#include "text/unicode.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using fthost::text::Tokenizer;
  static const Tokenizer tokenizer =
      Tokenizer::load(FTHOST_SOURCE_DIR "/scripts/recipes/tiny-base/model/tokenizer.json").value();
  const std::string_view text = as_text(data, size);
  const auto ids = tokenizer.encode(text, false);
  for (const auto id : ids)
    require(id >= 0 && static_cast<std::size_t>(id) < tokenizer.vocab_size(), "id within the vocabulary");
  const std::string back = tokenizer.decode(ids, false);
  if (!fthost::text::invalid_utf8_offset(text)) require(back == text, "decoding gives the text back");
  (void)Tokenizer::parse(text, "fuzz");
  return 0;
}

// A tokenizer file that is anything is refused, or it encodes every text and decodes what it has encoded.
#include "fuzz.hpp"
#include "text/tokenizer.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto tokenizer = fthost::text::Tokenizer::parse(as_text(data, size), "fuzz");
  if (!tokenizer) {
    require(!tokenizer.error().message.empty(), "a refusal is explained");
    return 0;
  }
  for (const std::string_view text :
       {"", "hello  a\nab 12345", "<s>caf\xC3\xA9 \xE4\xBD\xA0\xF0\x9F\x98\x80<|x|>", "a\xFFz"}) {
    for (const bool special : {false, true}) {
      try {
        const auto ids = tokenizer->encode(text, special);
        for (const auto id : ids) require(id >= 0, "ids are not negative");
        (void)tokenizer->decode(ids, special);
      } catch (const fthost::Failure&) {  // a pattern that takes too many steps
      }
    }
  }
  return 0;
}

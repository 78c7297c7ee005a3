// Templates that come with models: any text compiles or is refused, and renders within its bounds.
#include <nlohmann/json.hpp>

#include "fuzz.hpp"
#include "text/chat_template.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const nlohmann::ordered_json context{
      {"messages", {{{"role", "user"}, {"content", "a b"}}, {{"role", "assistant"}, {"content", "c"}}}},
      {"add_generation_prompt", true},
      {"bos_token", "<s>"}};
  const auto compiled = fthost::text::ChatTemplate::compile(std::string(as_text(data, size)), "fuzz");
  if (!compiled) {
    require(!compiled.error().message.empty(), "an error has words");
    return 0;
  }
  const auto rendered = compiled->render(context);
  require(rendered || !rendered.error().message.empty(), "an error has words");
  return 0;
}

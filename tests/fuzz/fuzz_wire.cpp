// What servers send: addresses parse to what prints and parses the same, and server-sent events do not depend on where
// the stream was cut.
#include <vector>

#include "fuzz.hpp"
#include "io/sse.hpp"
#include "io/url.hpp"

namespace {

std::vector<std::string> events(std::string_view text, std::size_t step) {
  fthost::io::SseParser parser;
  std::vector<std::string> found;
  while (!text.empty()) {
    std::string_view part = text.substr(0, step);
    text.remove_prefix(part.size());
    for (fthost::io::SseEvent event;;) {
      const auto more = parser.next(part, event);
      if (!more || !*more) break;
      found.push_back(event.name + "\n" + event.id + "\n" + event.data);
    }
  }
  return found;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view text = as_text(data, size);
  require(events(text, 1) == events(text, size), "events do not depend on the cuts");
  if (const auto url = fthost::io::parse_url(text)) {
    const auto again = fthost::io::parse_url(url->origin() + url->target);
    require(again && again->origin() == url->origin() && again->target == url->target, "an address stays itself");
  }
  return 0;
}

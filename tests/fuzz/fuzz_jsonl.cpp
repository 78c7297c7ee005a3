// JsonlReader cut at any byte gives the lines of the whole text, and the checker takes each of them.
#include <cstring>

#include "data/check.hpp"
#include "data/jsonl_reader.hpp"
#include "fuzz.hpp"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  if (size == 0) return 0;
  const std::size_t step = 1 + data[0] % 16;
  const std::string_view whole = as_text(data + 1, size - 1);
  std::string_view left = whole;
  fthost::data::JsonlReader reader(
      "fuzz",
      [&](void* buffer, std::size_t capacity) {
        const std::size_t count = std::min({step, capacity, left.size()});
        std::memcpy(buffer, left.data(), count);
        left.remove_prefix(count);
        return static_cast<std::int64_t>(count);
      },
      64);
  fthost::data::Checker checker("fuzz", {}, {}, [](const fthost::data::Finding&) {});
  std::string_view rest = whole;
  if (rest.starts_with("\xEF\xBB\xBF")) rest.remove_prefix(3);
  std::uint64_t number = 0;
  for (fthost::data::Line line;;) {
    const auto more = reader.next(line);
    require(bool(more), "reading memory does not fail");
    if (!*more) break;
    const std::size_t end = rest.find('\n');
    std::string_view expected = rest.substr(0, end);
    require(line.number == ++number, "numbers count up");
    require(line.terminated == (end != rest.npos), "terminated");
    if (line.terminated && expected.ends_with('\r')) expected.remove_suffix(1);
    require(line.too_long ? expected.starts_with(line.text) : line.text == expected, "the line's text");
    rest.remove_prefix(end == rest.npos ? rest.size() : end + 1);
    checker.line(line);
  }
  require(rest.empty(), "nothing is left out");
  const auto& summary = checker.finish();
  require(summary.valid <= summary.rows && summary.rows <= number, "counts");
  return 0;
}

// JsonlReader cut at any byte gives the lines of the whole text, and so do blocks; the checker takes them.
#include <cstring>
#include <string>
#include <vector>

#include "data/check.hpp"
#include "data/jsonl_reader.hpp"
#include "fuzz.hpp"

namespace {

// In small blocks, on two threads: the same lines, and a checker takes them.
void check_in_blocks(std::string_view whole, const std::vector<std::string>& lines, std::size_t step) {
  using namespace fthost::data;
  const auto pull_from = [step](std::string_view& left) {
    return [&left, step](void* buffer, std::size_t capacity) {
      const std::size_t count = std::min({step, capacity, left.size()});
      std::memcpy(buffer, left.data(), count);
      left.remove_prefix(count);
      return static_cast<std::int64_t>(count);
    };
  };
  std::string_view left = whole;
  BlockReader reader("fuzz", pull_from(left), 64, 1 + step * 5);
  std::size_t at = 0;
  const auto read = for_each_block<std::vector<std::string>>(
      reader, 2, {},
      [](unsigned) {
        return [](const Block& block, std::vector<std::string>& out) {
          out.clear();
          for_each_line(block, [&](std::uint64_t, std::string_view text) { out.emplace_back(text); });
        };
      },
      [&](std::vector<std::string>& some, const Block&) -> fthost::Result<void> {
        for (const std::string& line : some) {
          require(at < lines.size(), "no more lines than there are");
          require(line.size() > 64 ? lines[at] == line.substr(0, 64) : lines[at] == line, "the block's line");
          ++at;
        }
        return {};
      });
  require(bool(read) && at == lines.size(), "all lines");
  left = whole;
  BlockReader again("fuzz", pull_from(left), 64, 1 + step * 5);
  CheckOptions options;
  options.line_limit = 64;
  Checker checker("fuzz", options, {}, [](const Finding&) {});
  require(bool(check_blocks(again, 2, {}, checker)), "reading memory does not fail");
  const auto& summary = checker.finish();
  require(summary.valid <= summary.rows && summary.lines == lines.size() && summary.rows <= lines.size(), "counts");
}

}  // namespace

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
  std::vector<std::string> lines;
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
    lines.emplace_back(line.text);
  }
  require(rest.empty(), "nothing is left out");
  check_in_blocks(whole, lines, step);
  return 0;
}

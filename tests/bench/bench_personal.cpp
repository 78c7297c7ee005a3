// Speed of the finder of personal data: a text without hits, one with a hit a line, and the files that are named. One
// thread; the best of a few passes counts, in MB a CPU second.
#include <algorithm>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <iterator>
#include <string>
#include <vector>

#include "text/personal.hpp"

namespace {

std::string slurp(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return std::string(std::istreambuf_iterator<char>(file), {});
}

double cpu_seconds() { return static_cast<double>(std::clock()) / CLOCKS_PER_SEC; }

void measure(const char* name, const fthost::text::PersonalFinder& finder, const std::string& text) {
  std::vector<fthost::text::PersonalSpan> spans;
  double best = 1e9;
  for (int pass = 0; pass < 5; ++pass) {
    const double begin = cpu_seconds();
    finder.find(text, spans);
    best = std::min(best, cpu_seconds() - begin);
  }
  std::size_t counts[fthost::text::kPersonalKinds] = {};
  for (const auto& span : spans) ++counts[static_cast<std::size_t>(span.kind)];
  std::printf("%-28s %8.1f MB %8.0f MB/s %8zu found:", name, static_cast<double>(text.size()) / 1e6,
              static_cast<double>(text.size()) / 1e6 / best, spans.size());
  for (std::size_t i = 0; i < fthost::text::kPersonalKinds; ++i)
    std::printf(" %s %zu", fthost::text::personal_name(static_cast<fthost::text::PersonalKind>(i)), counts[i]);
  std::printf("\n");
}

// The same lines again until it is large.
std::string repeated(const std::string& lines) {
  std::string text;
  while (text.size() < 64'000'000) text += lines;
  return text;
}

}  // namespace

int main(int argc, char** argv) {
  const auto table =
      fthost::text::SecretTable::load(slurp(FTHOST_SOURCE_DIR "/scripts/data/secrets.json"), "secrets.json");
  if (!table) {
    std::fprintf(stderr, "%s\n", table.error().sentence().c_str());
    return 1;
  }
  const fthost::text::PersonalFinder finder(*table);
  measure(
      "prose", finder,
      repeated("The night train leaves at half past nine: it stops twice, in a valley that nobody knows, and is there "
               "by morning. Bring a book, a coat and somebody to talk with; the carriages are old, and quiet.\n"));
  measure("code", finder,
          repeated("for (int i = 0; i < count; ++i) {\n  const auto value = table.at(i)->next_entry(key, 16);\n"
                   "  if (value == 0x1F && state_ != State::ready) return Result{value, \"no entry\", 404};\n}\n"));
  measure("Chinese", finder,
          repeated("今天的会议改到下午三点，请大家提前准备好材料：报告、图表和去年的数据。谢谢！\n"));
  measure("numbers", finder, repeated("2024-05-06 07:08:09,1534,88.25,1200000,17\n"));
  measure("a hit a line", finder,
          repeated("Please write to the office at someone@example.com before noon, or call +49 30 1234567 today.\n"));
  for (int i = 1; i < argc; ++i) measure(argv[i], finder, slurp(argv[i]));
}

// bench_corpus: chat rows for the benchmarks, the same for the same options on every machine: prose, code, Markdown,
// Chinese, Cyrillic, emoji and tool calls, 1 to 2 KB a row, with a rating and a category.
//   bench_corpus ROWS [--seed N] [--equal SHARE] [--near SHARE] [--damage COUNT] [--manifest FILE]
// --equal: so many rows repeat the content of an earlier one in other spelling (order of keys, spaces, escapes,
// rating);
// --near: so many have an earlier one's text with a word in thirty changed; --damage: so many lines are broken, each in
// one of six ways, at random places, and named in the manifest as "LINE KIND".
#include <array>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "data/json_text.hpp"
#include "data/random.hpp"

namespace {

using fthost::data::Random;

constexpr std::array<std::string_view, 96> kWords = {
    "the",      "of",      "and",     "to",       "is",      "that",     "it",       "for",      "you",      "with",
    "on",       "are",     "this",    "have",     "from",    "your",     "can",      "will",     "not",      "we",
    "which",    "all",     "there",   "their",    "more",    "about",    "when",     "would",    "what",     "out",
    "order",    "parcel",  "address", "account",  "invoice", "payment",  "refund",   "return",   "delivery", "week",
    "customer", "product", "price",   "discount", "support", "password", "number",   "question", "answer",   "example",
    "model",    "data",    "train",   "row",      "file",    "system",   "service",  "message",  "change",   "problem",
    "open",     "close",   "send",    "receive",  "wait",    "check",    "find",     "write",    "read",     "keep",
    "quickly",  "slowly",  "often",   "never",    "always",  "together", "tomorrow", "monday",   "friday",   "january",
    "red",      "green",   "large",   "small",    "early",   "late",     "first",    "second",   "third",    "last",
    "kitchen",  "garden",  "window",  "bridge",   "planet",  "river"};
constexpr std::array<std::string_view, 24> kCyrillic = {"заказ", "посылка", "адрес", "счёт",   "возврат", "оплата",
                                                        "номер", "вопрос",  "ответ", "неделя", "завтра",  "пожалуйста",
                                                        "и",     "в",       "не",    "на",     "что",     "как",
                                                        "когда", "где",     "можно", "нужно",  "это",     "мы"};
constexpr std::array<std::string_view, 24> kChinese = {"订单", "快递", "地址", "账户", "退款", "支付", "号码", "问题",
                                                       "回答", "明天", "请问", "谢谢", "我们", "可以", "需要", "什么",
                                                       "时候", "已经", "没有", "，",   "。",   "的",   "了",   "在"};
constexpr std::array<std::string_view, 12> kEmoji = {"😀", "🎉", "👍🏽",        "🚚", "📦", "❤️",
                                                     "🙏", "🔥", "👩‍💻", "🇩🇪", "✅", "🤖"};
constexpr std::array<std::string_view, 6> kCategories = {"billing", "delivery", "returns",
                                                         "account", "product",  "other"};

template <class List>
std::string_view one_of(Random& random, const List& list) {
  return list[random.below(list.size())];
}

std::string prose(Random& random, std::size_t words) {
  std::string text;
  for (std::size_t i = 0; i < words; ++i) {
    if (i > 0) text += i % 14 == 13 ? ". " : " ";
    text += one_of(random, kWords);
    if (random.below(40) == 0) text += std::to_string(random.below(100000));
  }
  return text + ".";
}

std::string answer(Random& random) {
  const std::uint64_t kind = random.below(100);
  if (kind < 55) return prose(random, 90 + random.below(120)) + "\n\n" + prose(random, 30);
  std::string text;
  if (kind < 70) {
    text = "Here is how:\n\n```python\n";
    for (std::size_t i = 12 + random.below(12); i > 0; --i) {
      text += "def " + std::string(one_of(random, kWords)) + "_" + std::to_string(i) +
              "(row, *, limit=" + std::to_string(random.below(100)) + "):\n\treturn {\"" +
              std::string(one_of(random, kWords)) + "\": row[\"id\"], 'n': limit} if limit > 0 else None\n";
    }
    return text + "```\n" + prose(random, 30);
  }
  if (kind < 80) {
    text = "# " + prose(random, 4) + "\n\n";
    for (std::size_t i = 8 + random.below(10); i > 0; --i)
      text += "- **" + std::string(one_of(random, kWords)) + "**: " + prose(random, 12) +
              " [see](https://example.org/" + std::to_string(random.below(1000)) + ")\n";
    return text;
  }
  if (kind < 90) {
    for (std::size_t i = 150 + random.below(150); i > 0; --i) text += one_of(random, kChinese);
    return text;
  }
  for (std::size_t i = 70 + random.below(60); i > 0; --i) {
    text += one_of(random, kCyrillic);
    text += kind < 95 || random.below(4) != 0 ? " " : std::string(one_of(random, kEmoji)) + " ";
  }
  return text;
}

// One word in thirty is another.
std::string changed(const std::string& text, Random& random) {
  std::string out;
  for (std::size_t begin = 0; begin < text.size();) {
    const std::size_t end = std::min(text.find(' ', begin), text.size());
    out += random.below(30) == 0 ? std::string(one_of(random, kWords)) : text.substr(begin, end - begin);
    if (end < text.size()) out += ' ';
    begin = end + 1;
  }
  return out;
}

struct Spelling {
  bool turned = false, spaced = false, escaped = false;
};

std::string quoted(const std::string& text, bool escaped) {
  std::string json = fthost::data::json_string(text);
  if (!escaped) return json;
  // The first letter e as an escape: another spelling of the same string.
  const std::size_t at = json.find('e');
  if (at != std::string::npos && (at == 0 || json[at - 1] != '\\')) json.replace(at, 1, "\\u0065");
  return json;
}

std::string message(std::string_view role, const std::string& content, const Spelling& spelling) {
  const std::string gap = spelling.spaced ? " " : "";
  const std::string first = "\"role\":" + gap + "\"" + std::string(role) + "\"";
  const std::string second = "\"content\":" + gap + quoted(content, spelling.escaped);
  return "{" + (spelling.turned ? second + "," + gap + first : first + "," + gap + second) + "}";
}

class Corpus {
 public:
  Corpus(std::uint64_t seed, double equal, double near) : seed_(seed), equal_(equal), near_(near) {}

  std::string row(std::uint64_t number) {
    Random choice(seed_ * 1000003 + number);
    const double drawn = static_cast<double>(choice.below(1u << 30)) / (1u << 30);
    const bool equal = number > 0 && drawn < equal_, near = number > 0 && !equal && drawn < equal_ + near_;
    const std::uint64_t source = equal || near ? choice.below(number) : number;
    Random random(seed_ * 7919 + source * 2 + 1);
    std::string question = prose(random, 12 + random.below(30)) + " #" + std::to_string(source);
    std::string reply = answer(random);
    if (near) reply = changed(reply, choice);
    Spelling spelling;
    if (equal) spelling = {choice.below(2) == 0, choice.below(2) == 0, choice.below(2) == 0};
    const std::string gap = spelling.spaced ? " " : "";
    std::string row = "{\"messages\":" + gap + "[" +
                      message("system", "You answer the questions of customers, briefly and kindly.", {}) + "," + gap +
                      message("user", question, spelling) + "," + gap + message("assistant", reply, spelling) + "]";
    row += ",\"rating\":" + std::to_string(1 + choice.below(10)) + ",\"metadata\":{\"category\":\"" +
           std::string(kCategories[random.below(kCategories.size())]) + "\"}}";
    return row;
  }

 private:
  std::uint64_t seed_;
  double equal_, near_;
};

constexpr std::array<const char*, 6> kDamages = {"cut", "quote", "utf8", "type", "control", "role"};

std::string damaged(const std::string& row, std::size_t kind, Random& random) {
  std::string broken = row;
  switch (kind) {
    case 0:
      return broken.substr(0, row.size() / 4 + random.below(row.size() / 2));
    case 1:
      broken.erase(broken.find('"', 12 + random.below(8)), 1);
      return broken;
    case 2:
      broken[row.find("briefly")] = static_cast<char>(0xFF);
      return broken;
    case 3: {
      const std::size_t begin = broken.find('['), end = broken.rfind(']');
      return broken.replace(begin, end - begin + 1, "\"none\"");
    }
    case 4:
      broken[row.find("kindly")] = '\x01';
      return broken;
    default:
      return broken.replace(broken.find("\"system\""), 8, "\"wizard\"");
  }
}

}  // namespace

int main(int argc, char** argv) {
  std::uint64_t rows = 0, seed = 1, damage = 0;
  double equal = 0, near = 0;
  const char* manifest = nullptr;
  if (argc > 1) rows = std::strtoull(argv[1], nullptr, 10);
  for (int i = 2; i + 1 < argc; i += 2) {
    const std::string_view option = argv[i];
    if (option == "--seed") seed = std::strtoull(argv[i + 1], nullptr, 10);
    if (option == "--equal") equal = std::strtod(argv[i + 1], nullptr);
    if (option == "--near") near = std::strtod(argv[i + 1], nullptr);
    if (option == "--damage") damage = std::strtoull(argv[i + 1], nullptr, 10);
    if (option == "--manifest") manifest = argv[i + 1];
  }
  if (rows == 0 || damage > rows) {
    std::fputs(
        "usage: bench_corpus ROWS [--seed N] [--equal SHARE] [--near SHARE] [--damage COUNT] [--manifest FILE]\n",
        stderr);
    return 2;
  }
  Random random(seed ^ 0xDA3A9E);
  std::set<std::uint64_t> hurt;
  while (hurt.size() < damage) hurt.insert(random.below(rows));
  std::FILE* const list = manifest ? std::fopen(manifest, "w") : nullptr;
  Corpus corpus(seed, equal, near);
  std::string out;
  for (std::uint64_t number = 0; number < rows; ++number) {
    std::string row = corpus.row(number);
    if (hurt.contains(number)) {
      const std::size_t kind = random.below(kDamages.size());
      row = damaged(row, kind, random);
      if (list) std::fprintf(list, "%llu %s\n", static_cast<unsigned long long>(number + 1), kDamages[kind]);
    }
    (out += row) += '\n';
    if (out.size() < (1u << 20) && number + 1 < rows) continue;
    if (std::fwrite(out.data(), 1, out.size(), stdout) != out.size()) return 1;
    out.clear();
  }
  if (list && std::fclose(list) != 0) return 1;
  return std::fflush(stdout) == 0 ? 0 : 1;
}

// bench_tokens: megabytes a CPU second of counting tokens, by kind of text, one thread. The texts are made here, the
// same ones every time: words drawn by a power law from short lists with rare ones in between, so that pieces repeat as
// they do in real text. Usage: bench_tokens TABLE [FILE...], whose lines are counted besides; bench_tokens --rows
// prints chat rows of the mixed text.
#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstdio>
#include <ctime>
#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>
#include <sstream>
#include <string>
#include <vector>

#include "text/encoding.hpp"

namespace {

using fthost::text::Encoding;
using fthost::text::RankTable;
using fthost::text::Splitter;

constexpr std::size_t kBytes = 16u << 20, kMessage = 1200;

double cpu_seconds() {
  timespec now{};
  clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<double>(now.tv_sec) + static_cast<double>(now.tv_nsec) / 1e9;
}

class Random {
 public:
  std::uint64_t next() {
    state_ = state_ * 6364136223846793005u + 1442695040888963407u;
    return state_ >> 33;
  }
  std::size_t below(std::size_t n) { return next() % n; }
  // By a power law: the first ones most of the time.
  std::size_t skewed(std::size_t n) {
    const double u = static_cast<double>(next() % 1000000 + 1) / 1e6;
    return std::min(n - 1, static_cast<std::size_t>(std::exp(u * std::log(static_cast<double>(n)))) - 1);
  }

 private:
  std::uint64_t state_ = 42;
};

std::vector<std::string> words_of(const char* list) {
  std::istringstream in(list);
  return {std::istream_iterator<std::string>(in), {}};
}

const char* const kEnglish =
    "the of and to in is that it for you was with on as are be this have or at from your can will not we an by if they "
    "which one all has there their more about when would what so up out who them some time into only other its new "
    "then "
    "could these two may first any my now such like our over even most also after made well where much through before "
    "right years people way because good very each those between under still own while last never same another world "
    "work system data model training example question answer customer order payment delivery account password number "
    "problem support request return refund service product message please thank help information change different "
    "however important possible development understand following information government international organization";
const char* const kRussian =
    "и в не на я что тот быть с он а весь это как она по но они к у ты из мы за вы так же от сказать этот который мочь "
    "человек о один ещё бы такой только себя свое какой когда уже для вот кто да говорить год знать мой до или если "
    "время "
    "рука нет самый ни стать большой даже другой наш свой ну под где дело есть сам раз чтобы два там чем глаз жизнь "
    "первый "
    "день тут во ничто потом очень со хотеть ли при голова надо без видеть идти теперь тоже стоять друг дом сейчас "
    "можно "
    "после слово здесь думать место спросить через лицо что тогда ведь хороший каждый новый жить должный смотреть "
    "почему";
const char* const kChinese =
    "的 是 在 了 不 和 有 大 这 主 中 人 上 为 们 地 个 用 工 时 要 动 国 产 以 我 到 他 会 作 来 分 生 对 于 学 下 级 "
    "就 年 "
    "我们 他们 可以 没有 什么 因为 所以 问题 时间 工作 公司 中国 现在 知道 自己 已经 如果 但是 这个 那个 使用 数据 "
    "模型 训练 客户 "
    "订单 付款 密码 帐户 服务 信息 帮助 系统 发展 经济 社会 研究 技术 管理 生活 世界 学习 开始 情况 方法 需要 重要 "
    "人们 国家 政府 "
    "人工智能 计算机 语言模型 数据集 退款 配送";
const char* const kJapanese =
    "の に は を た が で て と し れ さ ある いる も する から な こと として い や れる など なっ ない この ため "
    "その あっ よう また もの "
    "です ます ました ください お客様 注文 支払い 返品 配送 パスワード アカウント サービス データ モデル トレーニング "
    "質問 回答 問題 "
    "時間 会社 日本 情報 システム";
const char* const kNames =
    "value result index count data item name size buffer config request response user key self node list path text "
    "line "
    "message token offset length begin end error options handler client server";

std::string rare_word(Random& random) {
  static constexpr const char* kParts[] = {"tra", "mon", "vel", "ship", "ing", "ber", "lo", "qui", "ex", "pan",
                                           "dor", "ate", "ion", "sk",   "yl",  "um",  "ro", "fen", "al", "ist"};
  std::string word;
  for (std::size_t n = 2 + random.below(3); n > 0; --n) word += kParts[random.below(std::size(kParts))];
  return word;
}

using Words = std::vector<std::string>;

std::string prose(Random& random, const Words& words, bool rare) {
  std::string text;
  for (std::size_t left = 4 + random.below(14); left > 0; --left) {
    std::string word = rare && random.below(14) == 0 ? rare_word(random) : words[random.skewed(words.size())];
    if (text.empty() && word[0] >= 'a' && word[0] <= 'z') word[0] = static_cast<char>(word[0] - 'a' + 'A');
    text += word;
    if (left > 1) text += random.below(12) == 0 ? ", " : " ";
  }
  static constexpr const char* kEnds[] = {". ", ". ", ". ", "? ", "! ", ".\n\n", ".\n"};
  return text + kEnds[random.below(std::size(kEnds))];
}

std::string dense(Random& random, const Words& words, const char* comma, const char* stop) {
  std::string text;
  for (std::size_t left = 6 + random.below(20); left > 0; --left) {
    text += words[random.skewed(words.size())];
    if (left > 1 && random.below(7) == 0) text += comma;
  }
  return text + stop + (random.below(5) == 0 ? "\n" : "");
}

std::string code(Random& random, const Words& names) {
  const auto name = [&] {
    std::string one = names[random.skewed(names.size())];
    if (random.below(2)) one += "_" + names[random.skewed(names.size())];
    return one;
  };
  const std::string indent(4 * random.below(4), ' ');
  switch (random.below(5)) {
    case 0:
      return indent + "if (" + name() + "." + name() + "() != " + std::to_string(random.below(500)) + ") {\n";
    case 1:
      return indent + "const auto " + name() + " = " + name() + "[" + std::to_string(random.below(64)) + "];\n";
    case 2:
      return indent + "return self." + name() + "(" + name() + ", " + name() + "=None)  # " + name() + "\n";
    case 3:
      return indent + "}\n\n";
    default:
      return indent + "def " + name() + "(" + name() + ": int) -> str:\n";
  }
}

std::string markdown(Random& random, const Words& words) {
  switch (random.below(4)) {
    case 0:
      return "## " + words[random.below(words.size())] + " " + words[random.below(words.size())] + "\n\n";
    case 1:
      return "- **" + words[random.below(words.size())] + "**: " + prose(random, words, true) + "\n";
    case 2:
      return "| " + words[random.below(words.size())] + " | " + std::to_string(random.below(100000)) +
             " |\n|---|---:|\n";
    default:
      return "[" + words[random.below(words.size())] + "](docs/" + rare_word(random) + ".md) `" + rare_word(random) +
             "()`\n";
  }
}

std::vector<std::string> messages(const std::string& kind) {
  Random random;
  const Words english = words_of(kEnglish), russian = words_of(kRussian), chinese = words_of(kChinese),
              japanese = words_of(kJapanese), names = words_of(kNames);
  std::vector<std::string> all;
  static constexpr const char* kEmoji[] = {"😀 ", "👍🏽 ", "🎉", "❤️ ", "👩‍💻 "};
  for (std::size_t bytes = 0; bytes < kBytes; bytes += all.back().size()) {
    std::string text;
    while (text.size() < kMessage) {
      const std::size_t pick = kind == "mixed" ? random.below(20) : 0;
      if (kind == "prose" || (kind == "mixed" && pick < 9))
        text += prose(random, english, true);
      else if (kind == "code" || (kind == "mixed" && pick < 13))
        text += code(random, names);
      else if (kind == "markdown" || (kind == "mixed" && pick < 16))
        text += markdown(random, english);
      else if (kind == "cyrillic" || (kind == "mixed" && pick < 17))
        text += prose(random, russian, false);
      else if (kind == "chinese" || (kind == "mixed" && pick < 18))
        text += dense(random, chinese, "，", "。");
      else if (kind == "japanese" || (kind == "mixed" && pick < 19))
        text += dense(random, japanese, "、", "。");
      else
        text += kEmoji[random.below(std::size(kEmoji))] + prose(random, english, true);
    }
    all.push_back(std::move(text));
  }
  return all;
}

void report(const Encoding& encoding, const std::string& kind, const std::vector<std::string>& texts) {
  double best = 1e9;
  std::uint64_t tokens = 0, bytes = 0;
  for (const auto& text : texts) bytes += text.size();
  for (int run = 0; run < 3; ++run) {
    Encoding::Scratch scratch;  // knows nothing
    tokens = 0;
    const double start = cpu_seconds();
    for (const auto& text : texts) tokens += encoding.count(text, scratch);
    best = std::min(best, cpu_seconds() - start);
  }
  std::printf("  %-10s %6.1f MB/s of CPU, %.2f bytes a token\n", kind.c_str(), static_cast<double>(bytes) / 1e6 / best,
              static_cast<double>(bytes) / static_cast<double>(tokens));
}

// Chat rows, a message of the user's and an answer each, to standard output.
void print_rows() {
  const auto texts = messages("mixed");
  for (std::size_t i = 0; i + 1 < texts.size(); i += 2) {
    const nlohmann::ordered_json row{
        {"messages", {{{"role", "user"}, {"content", texts[i]}}, {{"role", "assistant"}, {"content", texts[i + 1]}}}}};
    std::puts(row.dump().c_str());
  }
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 2) return 2;
  if (std::string_view(argv[1]) == "--rows") {
    print_rows();
    return 0;
  }
  const double start = cpu_seconds();
  const auto encoding = Encoding::open(argv[1]);
  if (!encoding) {
    std::printf("  skipped: %s\n", encoding.error().sentence().c_str());
    return 0;
  }
  Encoding::Scratch scratch;
  (void)encoding->count("ready?", scratch);
  std::printf("%s: ready, and a first count, in %.2f ms\n", encoding->name().c_str(), (cpu_seconds() - start) * 1e3);
  for (const char* kind : {"mixed", "prose", "code", "markdown", "cyrillic", "chinese", "japanese"})
    report(*encoding, kind, messages(kind));
  for (int i = 2; i < argc; ++i) {
    std::ifstream file(argv[i], std::ios::binary);
    std::vector<std::string> lines;
    for (std::string line; std::getline(file, line);) lines.push_back(line);
    report(*encoding, argv[i], lines);
  }
}

#include "text/tokenizer.hpp"

#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>
#include <random>
#include <thread>

#include "text/bpe_trainer.hpp"
#include "text/tokenizer/byte_level.hpp"
#include "text/tokenizer/pre_tokenizer.hpp"

using fthost::Code;
using fthost::text::PieceStore;
using fthost::text::PreTokenizer;
using fthost::text::Tokenizer;
using Ids = std::vector<std::int32_t>;
using Strings = std::vector<std::string>;
using Json = nlohmann::ordered_json;
namespace tt = boost::test_tools;

namespace {

// A tokenizer.json whose vocabulary is the bytes, then the results of `merges`, then `added`.
Json byte_level_file(const std::vector<std::pair<std::string, std::string>>& merges, const Strings& added = {}) {
  Json root;
  Json vocab = Json::object();
  for (const std::string& byte : fthost::text::byte_alphabet().spelling) vocab[byte] = vocab.size();
  Json list = Json::array();
  for (const auto& [left, right] : merges) {
    vocab[left + right] = vocab.size();
    list.push_back(left + " " + right);
  }
  root["added_tokens"] = Json::array();
  for (std::size_t i = 0; i < added.size(); ++i) {
    root["added_tokens"].push_back(
        {{"id", vocab.size() + i}, {"content", added[i]}, {"special", true}, {"normalized", false}});
  }
  root["pre_tokenizer"] = {{"type", "ByteLevel"}, {"add_prefix_space", false}, {"use_regex", true}};
  root["decoder"] = {{"type", "ByteLevel"}};
  root["model"] = {{"type", "BPE"}, {"vocab", vocab}, {"merges", list}};
  return root;
}

Tokenizer parse(const Json& file) {
  auto tokenizer = Tokenizer::parse(file.dump(), "test.json");
  if (!tokenizer) throw fthost::Failure(tokenizer.error());
  return std::move(*tokenizer);
}

std::string refusal(const Json& file) {
  const auto tokenizer = Tokenizer::parse(file.dump(), "test.json");
  return tokenizer ? "accepted" : tokenizer.error().sentence();
}

Strings tokens(const Tokenizer& tokenizer, std::string_view text, bool special = false) {
  Strings out;
  for (const auto id : tokenizer.encode(text, special)) out.emplace_back(tokenizer.id_to_token(id));
  return out;
}

Strings pieces(const Json& json, std::string_view text) {
  const auto cut = PreTokenizer::parse(json, "test.json");
  BOOST_REQUIRE(cut);
  PieceStore store;
  cut->run({text, true}, store);
  Strings out;
  for (const auto& piece : store.pieces) out.emplace_back(piece.text);
  return out;
}

Json split(const Json& pattern, const char* behavior, bool invert = false) {
  return {{"type", "Split"}, {"pattern", pattern}, {"behavior", behavior}, {"invert", invert}};
}

}  // namespace

BOOST_AUTO_TEST_CASE(merges_apply_strongest_first_and_leftmost) {
  const Tokenizer tokenizer = parse(byte_level_file({{"b", "c"}, {"a", "b"}, {"a", "bc"}, {"a", "a"}}));
  BOOST_TEST(tokens(tokenizer, "abc") == Strings({"abc"}), tt::per_element());
  BOOST_TEST(tokens(tokenizer, "abab") == Strings({"ab", "ab"}), tt::per_element());
  BOOST_TEST(tokens(tokenizer, "aaa") == Strings({"aa", "a"}), tt::per_element());
  BOOST_TEST(tokens(tokenizer, "a b") == Strings({"a", "Ġ", "b"}), tt::per_element());
}

BOOST_AUTO_TEST_CASE(merges_read_the_same_in_both_spellings) {
  Json file = byte_level_file({{"b", "c"}, {"a", "bc"}});
  const Ids with_lines = parse(file).encode("abc bc", false);
  file["model"]["merges"] = Json::array({Json::array({"b", "c"}), Json::array({"a", "bc"})});
  BOOST_TEST(parse(file).encode("abc bc", false) == with_lines, tt::per_element());
  BOOST_TEST(with_lines.size() == 3u);
}

BOOST_AUTO_TEST_CASE(whole_tokens_skip_merges_only_when_asked) {
  Json file = byte_level_file({{"a", "b"}});
  file["model"]["vocab"]["xyz"] = 300;
  BOOST_TEST(tokens(parse(file), "xyz") == Strings({"x", "y", "z"}), tt::per_element());
  file["model"]["ignore_merges"] = true;
  BOOST_TEST(tokens(parse(file), "xyz") == Strings({"xyz"}), tt::per_element());
}

BOOST_AUTO_TEST_CASE(added_tokens_are_found_first_and_the_longest_wins) {
  Json file = byte_level_file({}, {"<a>", "<a><b>", "é"});
  const Tokenizer tokenizer = parse(file);
  BOOST_TEST(tokens(tokenizer, "x<a><b><a>é") == Strings({"x", "<a><b>", "<a>", "é"}), tt::per_element());
  BOOST_TEST(tokenizer.vocab_size() == 259u);
  BOOST_TEST(tokenizer.token_to_id("<a>").value() == 256);
  BOOST_TEST(!tokenizer.token_to_id("<c>"));
  BOOST_TEST(tokenizer.is_special(256));
  BOOST_TEST(!tokenizer.is_special(10));
  BOOST_TEST(tokenizer.decode(tokenizer.encode("x<a>y", false), true) == "xy");
  BOOST_TEST(tokenizer.decode(tokenizer.encode("x<a>y", false), false) == "x<a>y");
}

BOOST_AUTO_TEST_CASE(added_tokens_strip_and_keep_to_words_as_they_say) {
  Json file = byte_level_file({}, {"<l>", "<r>", "cat"});
  file["added_tokens"][0]["lstrip"] = true;
  file["added_tokens"][1]["rstrip"] = true;
  file["added_tokens"][2]["single_word"] = true;
  const Tokenizer tokenizer = parse(file);
  BOOST_TEST(tokens(tokenizer, "a \t<l> b") == Strings({"a", "<l>", "Ġ", "b"}), tt::per_element());
  BOOST_TEST(tokens(tokenizer, "a <r>\u00a0 b") == Strings({"a", "Ġ", "<r>", "b"}), tt::per_element());
  BOOST_TEST(tokens(tokenizer, "cat.concat") == Strings({"cat", ".", "c", "o", "n", "c", "a", "t"}), tt::per_element());
  BOOST_TEST(tokens(tokenizer, "cat_ écat") == Strings({"c", "a", "t", "_", "Ġ", "Ã", "©", "c", "a", "t"}),
             tt::per_element());
}

BOOST_AUTO_TEST_CASE(normalized_tokens_are_looked_for_after_normalisation) {
  Json file = byte_level_file({}, {"OK", "No"});
  file["added_tokens"][0]["normalized"] = true;
  file["normalizer"] = {{"type", "Lowercase"}};
  BOOST_TEST(tokens(parse(file), "OKoK No nO") == Strings({"OK", "OK", "Ġ", "No", "Ġ", "n", "o"}), tt::per_element());
}

BOOST_AUTO_TEST_CASE(splits_follow_the_documented_behaviours) {
  const Json dash = {{"String", "-"}};
  const std::string text = "the-final--countdown";
  BOOST_TEST(pieces(split(dash, "Removed"), text) == Strings({"the", "final", "countdown"}), tt::per_element());
  BOOST_TEST(pieces(split(dash, "Isolated"), text) == Strings({"the", "-", "final", "-", "-", "countdown"}),
             tt::per_element());
  BOOST_TEST(pieces(split(dash, "MergedWithPrevious"), text) == Strings({"the-", "final-", "-", "countdown"}),
             tt::per_element());
  BOOST_TEST(pieces(split(dash, "MergedWithNext"), text) == Strings({"the", "-final", "-", "-countdown"}),
             tt::per_element());
  BOOST_TEST(pieces(split(dash, "Contiguous"), text) == Strings({"the", "-", "final", "--", "countdown"}),
             tt::per_element());
  BOOST_TEST(pieces(split({{"Regex", "\\p{L}+"}}, "Removed", true), "ab 12, cd") == Strings({"ab", "cd"}),
             tt::per_element());
  BOOST_TEST(pieces({{"type", "Digits"}, {"individual_digits", true}}, "a12") == Strings({"a", "1", "2"}),
             tt::per_element());
  BOOST_TEST(pieces({{"type", "Digits"}, {"individual_digits", false}}, "a12½b") == Strings({"a", "12½", "b"}),
             tt::per_element());
  BOOST_TEST(pieces({{"type", "Whitespace"}}, "Hey friend!") == Strings({"Hey", "friend", "!"}), tt::per_element());
  BOOST_TEST(pieces({{"type", "WhitespaceSplit"}}, " a\u3000b\n") == Strings({"a", "b"}), tt::per_element());
  BOOST_TEST(pieces({{"type", "Punctuation"}}, "a?!b") == Strings({"a", "?", "!", "b"}), tt::per_element());
  BOOST_TEST(pieces({{"type", "Metaspace"}, {"replacement", "▁"}, {"prepend_scheme", "first"}}, "Hey  you") ==
                 Strings({"▁Hey", "▁", "▁you"}),
             tt::per_element());
}

BOOST_AUTO_TEST_CASE(white_space_class_is_unicode_white_space) {
  // U+180E and U+200B are none, U+0085 is.
  BOOST_TEST(pieces(split({{"Regex", "\\s"}}, "Removed"), "a\u180eb\u200bc\u0085d\u2028e") ==
                 Strings({"a\u180eb\u200bc", "d", "e"}),
             tt::per_element());
  BOOST_TEST(
      pieces(split({{"Regex", "[^\\s]+"}}, "Isolated"), "a\u180eb\u0085c") == Strings({"a\u180eb", "\u0085", "c"}),
      tt::per_element());
}

BOOST_AUTO_TEST_CASE(byte_level_puts_a_space_in_front_when_asked) {
  Json file = byte_level_file({{"Ġ", "a"}});
  file["pre_tokenizer"]["add_prefix_space"] = true;
  const Tokenizer tokenizer = parse(file);
  BOOST_TEST(tokens(tokenizer, "a a") == Strings({"Ġa", "Ġa"}), tt::per_element());
  BOOST_TEST(tokenizer.encode("", false).empty());
}

BOOST_AUTO_TEST_CASE(normalizers_run_in_order) {
  Json file = byte_level_file({});
  file["normalizer"] = {
      {"type", "Sequence"},
      {"normalizers", Json::array({{{"type", "NFKC"}},
                                   {{"type", "Lowercase"}},
                                   {{"type", "Replace"}, {"pattern", {{"Regex", "[0-9]+"}}}, {"content", "#"}},
                                   {{"type", "Prepend"}, {"prepend", "^"}}})}};
  const Tokenizer tokenizer = parse(file);
  BOOST_TEST(tokenizer.decode(tokenizer.encode("ＡB12c3", false), false) == "^ab#c#");
}

BOOST_AUTO_TEST_CASE(byte_fallback_spells_unknown_characters_as_bytes) {
  Json file;
  Json vocab = {{"<unk>", 0}, {"▁", 1}, {"h", 2}, {"i", 3}, {"▁h", 4}, {"▁hi", 5}};
  for (unsigned byte = 0; byte < 256; ++byte) {
    char name[8];
    std::snprintf(name, sizeof name, "<0x%02X>", byte);
    vocab[name] = 6 + byte;
  }
  file["model"] = {{"type", "BPE"},    {"unk_token", "<unk>"}, {"byte_fallback", true},
                   {"fuse_unk", true}, {"vocab", vocab},       {"merges", Json::array({"▁ h", "▁h i"})}};
  file["normalizer"] = {
      {"type", "Sequence"},
      {"normalizers", Json::array({{{"type", "Prepend"}, {"prepend", "▁"}},
                                   {{"type", "Replace"}, {"pattern", {{"String", " "}}}, {"content", "▁"}}})}};
  file["decoder"] = {{"type", "Sequence"},
                     {"decoders", Json::array({{{"type", "Replace"}, {"pattern", {{"String", "▁"}}}, {"content", " "}},
                                               {{"type", "ByteFallback"}},
                                               {{"type", "Fuse"}},
                                               {{"type", "Strip"}, {"content", " "}, {"start", 1}, {"stop", 0}}})}};
  const Tokenizer tokenizer = parse(file);
  const Ids ids = tokenizer.encode("hi hié", false);
  BOOST_TEST(ids == Ids({5, 5, 6 + 0xC3, 6 + 0xA9}), tt::per_element());
  BOOST_TEST(tokenizer.decode(ids, false) == "hi hié");
  BOOST_TEST(tokenizer.decode(Ids{5, 6 + 0xC3}, false) == "hi\uFFFD");
  BOOST_TEST(tokenizer.token_bytes(5) == " hi");
  BOOST_TEST(tokenizer.token_bytes(6 + 0xC3) == "\xC3");
  file["model"]["byte_fallback"] = false;
  BOOST_TEST(parse(file).encode("éàh", false) == Ids({1, 0, 2}), tt::per_element());
  file["model"]["fuse_unk"] = false;
  BOOST_TEST(parse(file).encode("éàh", false) == Ids({1, 0, 0, 2}), tt::per_element());
}

BOOST_AUTO_TEST_CASE(post_processors_surround_the_text) {
  Json file = byte_level_file({}, {"<s>", "</s>"});
  file["post_processor"] = {
      {"type", "TemplateProcessing"},
      {"single",
       Json::array(
           {{{"SpecialToken", {{"id", "<s>"}}}}, {{"Sequence", {{"id", "A"}}}}, {{"SpecialToken", {{"id", "</s>"}}}}})},
      {"special_tokens", {{"<s>", {{"ids", Json::array({256})}}}, {"</s>", {{"ids", Json::array({257})}}}}}};
  BOOST_TEST(tokens(parse(file), "a", true) == Strings({"<s>", "a", "</s>"}), tt::per_element());
  BOOST_TEST(tokens(parse(file), "a", false) == Strings({"a"}), tt::per_element());
  file["post_processor"] = {
      {"type", "RobertaProcessing"}, {"cls", Json::array({"<s>", 256})}, {"sep", Json::array({"</s>", 257})}};
  BOOST_TEST(tokens(parse(file), "", true) == Strings({"<s>", "</s>"}), tt::per_element());
}

BOOST_AUTO_TEST_CASE(what_is_not_supported_is_refused_by_name) {
  const auto with = [](const char* part, const Json& value) {
    Json file = byte_level_file({});
    file[part] = value;
    return refusal(file);
  };
  const std::string hint = "; use a model whose tokenizer is a byte-level BPE or a BPE with byte fallback";
  BOOST_TEST(with("normalizer", {{"type", "Precompiled"}}) ==
             "test.json: normalizer \"Precompiled\" is not supported" + hint);
  BOOST_TEST(with("pre_tokenizer", {{"type", "UnicodeScripts"}}) ==
             "test.json: pre_tokenizer \"UnicodeScripts\" is not supported" + hint);
  BOOST_TEST(with("decoder", {{"type", "WordPiece"}}) == "test.json: decoder \"WordPiece\" is not supported" + hint);
  BOOST_TEST(with("model", {{"type", "Unigram"}, {"vocab", Json::array({Json::array({"a", -1.5})})}}) ==
             "test.json: the model type \"Unigram\" is not supported" + hint);
  BOOST_TEST(with("pre_tokenizer", split({{"Regex", "[a&&b]"}}, "Isolated")).find("intersection") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(damaged_files_are_refused_with_a_sentence) {
  Json file = byte_level_file({{"a", "b"}});
  file["model"]["merges"].push_back("ab zz");
  BOOST_TEST(refusal(file) ==
             "test.json: merge 2 (ab zz) has a token outside the vocabulary; the file is damaged; fetch it again");
  file = byte_level_file({});
  file["model"]["vocab"]["a"] = 1 << 30;
  BOOST_TEST(refusal(file).find("has the id 1073741824 for \"a\"") != std::string::npos);
  file["model"]["vocab"]["a"] = "x";
  BOOST_TEST(refusal(file).find("an id that is not a number") != std::string::npos);
  BOOST_TEST(Tokenizer::load("/nonexistent/tokenizer.json").error().sentence() ==
             "/nonexistent/tokenizer.json: open: No such file or directory; check the path");
  BOOST_TEST(Tokenizer::load("/").error().sentence() == "/: is a folder; give the tokenizer.json in it");
}

BOOST_AUTO_TEST_CASE(a_file_cut_off_anywhere_is_an_error_not_a_crash) {
  const std::string whole = byte_level_file({{"a", "b"}}, {"<s>"}).dump();
  for (std::size_t size = 0; size < whole.size(); ++size) {
    BOOST_REQUIRE(!Tokenizer::parse(std::string_view(whole).substr(0, size), "test.json"));
  }
  BOOST_TEST(Tokenizer::parse(whole, "test.json").has_value());
}

BOOST_AUTO_TEST_CASE(bytes_that_are_no_text_become_replacement_characters) {
  const Tokenizer tokenizer = parse(byte_level_file({}));
  BOOST_TEST(tokenizer.decode(tokenizer.encode("a\xff\xe2\x82z", false), false) == "a\uFFFD\uFFFDz");
  const Ids euro = tokenizer.encode("€", false);
  BOOST_TEST(euro.size() == 3u);
  BOOST_TEST(tokenizer.decode(std::span(euro).first(2), false) == "\uFFFD");
  BOOST_TEST(tokenizer.token_bytes(euro[0]) == "\xe2");
  BOOST_TEST(tokenizer.decode(Ids{-1, 100000, 65}, false) == tokenizer.decode(Ids{65}, false));
}

BOOST_AUTO_TEST_CASE(long_pieces_merge_as_short_ones_do) {
  // The definition: merge the leftmost of the strongest pairs, one at a time.
  const std::vector<std::pair<std::string, std::string>> merges = {
      {"b", "a"}, {"a", "b"}, {"ba", "b"}, {"a", "a"}, {"ab", "ab"}, {"bab", "a"}, {"aa", "ba"}, {"abab", "b"}};
  const Tokenizer tokenizer = parse(byte_level_file(merges));
  std::mt19937 random(7);
  for (const std::size_t size : {2u, 5u, 39u, 40u, 41u, 90u, 400u}) {
    for (int round = 0; round < 20; ++round) {
      std::string text;
      for (std::size_t i = 0; i < size; ++i) text += "aab"[random() % 3];
      Strings expected;
      for (const char c : text) expected.emplace_back(1, c);
      for (bool merged = true; merged;) {
        merged = false;
        for (const auto& [left, right] : merges) {
          for (std::size_t i = 0; i + 1 < expected.size() && !merged; ++i) {
            if (expected[i] != left || expected[i + 1] != right) continue;
            expected[i] += right;
            expected.erase(expected.begin() + static_cast<std::ptrdiff_t>(i) + 1);
            merged = true;
          }
          if (merged) break;
        }
      }
      BOOST_TEST(tokens(tokenizer, text) == expected, tt::per_element());
    }
  }
}

BOOST_AUTO_TEST_CASE(threads_share_one_tokenizer) {
  const Tokenizer tokenizer = parse(byte_level_file({{"a", "b"}, {"ab", "c"}, {"Ġ", "ab"}}));
  std::string text;
  std::mt19937 random(3);
  for (int i = 0; i < 20000; ++i) text += "abc d"[random() % 5];
  const Ids expected = tokenizer.encode(text, false);
  std::vector<Ids> got(4);
  std::vector<std::thread> threads;
  for (Ids& ids : got) threads.emplace_back([&] { ids = tokenizer.encode(text, false); });
  for (auto& thread : threads) thread.join();
  for (const Ids& ids : got) BOOST_TEST((ids == expected));
}

BOOST_AUTO_TEST_CASE(a_hostile_pattern_is_stopped) {
  Json file = byte_level_file({});
  file["pre_tokenizer"] = split({{"Regex", "(a|aa)+(a|aa)+(a|aa)+$"}}, "Isolated");
  const Tokenizer tokenizer = parse(file);
  BOOST_CHECK_THROW(tokenizer.encode(std::string(200, 'a') + "b", false), fthost::Failure);
}

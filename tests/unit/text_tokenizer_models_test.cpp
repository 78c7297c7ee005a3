// The pre-tokenizers, normalizers and decoders that the field's models bring in their tokenizer.json, on texts where
// they differ from each other.
#include <boost/test/unit_test.hpp>
#include <nlohmann/json.hpp>

#include "text/tokenizer.hpp"
#include "text/tokenizer/byte_level.hpp"
#include "text/tokenizer/normalizer.hpp"
#include "text/tokenizer/pre_tokenizer.hpp"

BOOST_AUTO_TEST_SUITE(tokenizers_of_models)

using fthost::text::Normalizer;
using fthost::text::PieceStore;
using fthost::text::PreTokenizer;
using fthost::text::Tokenizer;
using Json = nlohmann::ordered_json;
using Strings = std::vector<std::string>;
namespace tt = boost::test_tools;

Strings cut(const Json& json, std::string_view text) {
  const auto steps = PreTokenizer::parse(json, "model.json");
  BOOST_REQUIRE(steps);
  PieceStore store;
  steps->run({text, true}, store);
  Strings out;
  for (const auto& piece : store.pieces) out.emplace_back(piece.text);
  return out;
}

Json split_by(const char* regex, const char* behavior = "Isolated", bool invert = false) {
  return {{"type", "Split"}, {"pattern", {{"Regex", regex}}}, {"behavior", behavior}, {"invert", invert}};
}
const Json kBytes = {{"type", "ByteLevel"}, {"add_prefix_space", false}, {"trim_offsets", true}, {"use_regex", false}};
const Json kGptBytes = {
    {"type", "ByteLevel"}, {"add_prefix_space", false}, {"trim_offsets", true}, {"use_regex", true}};
Json sequence(const Json& steps) { return {{"type", "Sequence"}, {"pretokenizers", steps}}; }

BOOST_AUTO_TEST_CASE(llama_3) {
  const Json steps = sequence(
      {split_by(
           R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)"),
       kBytes});
  BOOST_TEST(cut(steps, "Hello world's 12345 h\u00E9\n\n  x!") ==
                 Strings({"Hello", "Ġworld", "'s", "Ġ", "123", "45", "ĠhÃ©", "ĊĊ", "Ġ", "Ġx", "!"}),
             tt::per_element());
}

BOOST_AUTO_TEST_CASE(qwen_2_and_3) {
  const Json steps = sequence(
      {split_by(
           R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)"),
       kBytes});
  BOOST_TEST(cut(steps, "a12 I'LL") == Strings({"a", "1", "2", "ĠI", "'LL"}), tt::per_element());
  const auto composed = Normalizer::parse({{"type", "NFC"}}, "model.json");
  BOOST_TEST(composed->run("e\u0301") == "\u00E9");
}

BOOST_AUTO_TEST_CASE(gpt_oss_and_tekken) {
  const char* tail = R"(|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
  const std::string words =
      R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|)"
      R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?)";
  BOOST_TEST(cut(sequence({split_by((words + tail).c_str()), kBytes}), "HelloWORLD's camelCase //\n1234") ==
                 Strings({"Hello", "WORLD's", "Ġcamel", "Case", "Ġ//Ċ", "123", "4"}),
             tt::per_element());
  const std::string tekken =
      R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+|)"
      R"([^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*|\p{N}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+)";
  BOOST_TEST(cut(sequence({split_by(tekken.c_str()), kBytes}), "WORLD's 12") == Strings({"WORLD", "'s", "Ġ", "1", "2"}),
             tt::per_element());
}

BOOST_AUTO_TEST_CASE(deepseek) {
  const Json steps = sequence(
      {split_by(R"(\p{N}{1,3})"), split_by("[\u4E00-\u9FA5\u3040-\u309F\u30A0-\u30FF]+"),
       split_by(
           R"([!"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)"),
       kBytes});
  BOOST_TEST(cut(steps, "abc1234 \u4F60\u597D world!x ++\n") ==
                 Strings({"abc", "123", "4", "Ġ", "ä½łå¥½", "Ġworld", "!x", "Ġ++Ċ"}),
             tt::per_element());
  const Json coder = sequence({split_by(R"([\r\n])"),
                               split_by("\\s?[A-Za-z\u00B5\u00C0-\u00D6]+"),
                               split_by(R"(\s+$)"),
                               {{"type", "Digits"}, {"individual_digits", true}},
                               kBytes});
  BOOST_TEST(cut(coder, "x y12  \nz") == Strings({"x", "Ġy", "1", "2", "ĠĠ", "Ċ", "z"}), tt::per_element());
}

BOOST_AUTO_TEST_CASE(smollm_and_gpt_2) {
  const Json steps = sequence({{{"type", "Digits"}, {"individual_digits", true}}, kGptBytes});
  BOOST_TEST(cut(steps, "a 12's  b") == Strings({"a", "Ġ", "1", "2", "'s", "Ġ", "Ġb"}), tt::per_element());
  BOOST_TEST(cut(kGptBytes, "a 12's  b") == Strings({"a", "Ġ12", "'s", "Ġ", "Ġb"}), tt::per_element());
}

BOOST_AUTO_TEST_CASE(phi_4_keeps_what_the_pattern_finds) {
  const Json steps = sequence(
      {split_by(
           R"((?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+)",
           "Removed", true),
       kBytes});
  BOOST_TEST(cut(steps, "Hi 1234") == Strings({"Hi", "Ġ", "123", "4"}), tt::per_element());
}

BOOST_AUTO_TEST_CASE(falcon) {
  const Json steps = sequence({{{"type", "Punctuation"}, {"behavior", "Contiguous"}},
                               kGptBytes,
                               {{"type", "Digits"}, {"individual_digits", false}},
                               split_by("[0-9][0-9][0-9]")});
  BOOST_TEST(cut(steps, "a12345?! b") == Strings({"a", "123", "45", "?!", "Ġb"}), tt::per_element());
}

// A tokenizer with byte fallback: the 256 bytes, the pieces of `words` and what joins them.
Json fallback_file(const Strings& words, const std::vector<std::pair<std::string, std::string>>& merges) {
  Json vocab = {{"<unk>", 0}, {"<s>", 1}};
  for (unsigned byte = 0; byte < 256; ++byte) {
    char name[8];
    std::snprintf(name, sizeof name, "<0x%02X>", byte);
    vocab[name] = vocab.size();
  }
  for (const auto& word : words) vocab[word] = vocab.size();
  Json list = Json::array();
  for (const auto& [left, right] : merges) {
    vocab[left + right] = vocab.size();
    list.push_back(Json::array({left, right}));
  }
  return {{"added_tokens", Json::array({{{"id", 1}, {"content", "<s>"}, {"special", true}, {"normalized", false}}})},
          {"model",
           {{"type", "BPE"},
            {"unk_token", "<unk>"},
            {"byte_fallback", true},
            {"fuse_unk", true},
            {"vocab", vocab},
            {"merges", list}}}};
}

Strings spelled(const Tokenizer& tokenizer, std::string_view text, bool special) {
  Strings out;
  for (const auto id : tokenizer.encode(text, special)) out.emplace_back(tokenizer.id_to_token(id));
  return out;
}

BOOST_AUTO_TEST_CASE(gemma_2_and_3) {
  Json file = fallback_file({"▁", "h", "i", "y"}, {{"h", "i"}, {"▁", "y"}, {"▁", "▁"}});
  file["normalizer"] = {{"type", "Replace"}, {"pattern", {{"String", " "}}}, {"content", "▁"}};
  file["pre_tokenizer"] = {
      {"type", "Split"}, {"pattern", {{"String", " "}}}, {"behavior", "MergedWithPrevious"}, {"invert", false}};
  file["decoder"] = {{"type", "Sequence"},
                     {"decoders", Json::array({{{"type", "Replace"}, {"pattern", {{"String", "▁"}}}, {"content", " "}},
                                               {{"type", "ByteFallback"}},
                                               {{"type", "Fuse"}}})}};
  file["post_processor"] = {
      {"type", "TemplateProcessing"},
      {"single", Json::array({{{"SpecialToken", {{"id", "<s>"}, {"type_id", 0}}}},
                              {{"Sequence", {{"id", "A"}, {"type_id", 0}}}}})},
      {"pair", Json::array()},
      {"special_tokens", {{"<s>", {{"id", "<s>"}, {"ids", Json::array({1})}, {"tokens", Json::array({"<s>"})}}}}}};
  const Tokenizer tokenizer = Tokenizer::parse(file.dump(), "model.json").value();
  BOOST_TEST(spelled(tokenizer, "hi   y\n", true) == Strings({"<s>", "hi", "▁▁", "▁y", "<0x0A>"}), tt::per_element());
  BOOST_TEST(tokenizer.decode(tokenizer.encode("hi   y\n", true), true) == "hi   y\n");
}

BOOST_AUTO_TEST_CASE(mistral_and_llama_2) {
  Json file = fallback_file({"▁", "h", "i"}, {{"h", "i"}, {"▁", "hi"}});
  file["pre_tokenizer"] = {{"type", "Metaspace"}, {"replacement", "▁"}, {"prepend_scheme", "first"}, {"split", false}};
  file["decoder"] = {{"type", "Sequence"},
                     {"decoders", Json::array({{{"type", "Replace"}, {"pattern", {{"String", "▁"}}}, {"content", " "}},
                                               {{"type", "ByteFallback"}},
                                               {{"type", "Fuse"}},
                                               {{"type", "Strip"}, {"content", " "}, {"start", 1}, {"stop", 0}}})}};
  const Tokenizer tokenizer = Tokenizer::parse(file.dump(), "model.json").value();
  BOOST_TEST(spelled(tokenizer, "hi hi", false) == Strings({"▁hi", "▁hi"}), tt::per_element());
  BOOST_TEST(spelled(tokenizer, "hi<s>hi", false) == Strings({"▁hi", "<s>", "hi"}), tt::per_element());
  BOOST_TEST(tokenizer.decode(tokenizer.encode("hi hi\u20AC", false), true) == "hi hi\u20AC");
}

BOOST_AUTO_TEST_CASE(what_is_no_tokenizer_is_refused_with_one_sentence) {
  const auto refusal = [](std::string_view text) {
    const auto parsed = Tokenizer::parse(text, "x.json");
    return parsed ? std::string("accepted") : parsed.error().sentence();
  };
  for (const char* text :
       {"", " ", "# A heading", "{}", "[]", "null", "17", "{\"model\": {}}", "{\"model\": []}",
        R"({"messages": [{"role": "user", "content": "Hi"}]})", R"({"model": {"type": "BPE", "vocab": {}}})",
        R"({"architectures": ["LlamaForCausalLM"], "model_type": "llama"})", "\x1F\x8B\x08\x00", "PK\x03\x04"}) {
    const std::string said = refusal(text);
    BOOST_TEST_CONTEXT(text << " -> " << said) {
      BOOST_TEST(said.starts_with("x.json: "));
      BOOST_TEST(said.find('\n') == std::string::npos);
      BOOST_TEST(said.size() < 250u);
    }
  }
}

BOOST_AUTO_TEST_SUITE_END()

// Prompts that are nearly equal and answered in quite different ways: what a model cannot learn from. A prompt is all
// that is said before the last answer, without system messages; two are compared only under the same system message.
// PromptSigner runs on any thread, PromptIndex on one, in the order of rows; it keeps some 700 bytes a row.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "data/finding.hpp"
#include "data/json.hpp"
#include "data/minhash.hpp"
#include "data/near.hpp"

namespace fthost::data {

struct PromptOptions {
  double prompt = 0.8;  // two prompts are near from this similarity of their word 3-grams on
  double answer = 0.2;  // two answers are others below this similarity of their words
  bool list = false;    // rows are the elements of one list
};

struct SignedPrompts {
  struct Row {
    std::uint32_t line;
    std::uint64_t system;  // hash of what the system is told
  };
  std::vector<Row> rows;
  std::vector<std::uint16_t> prompts, answers;  // a signature each
  void clear();
};

class PromptSigner {
 public:
  PromptSigner();
  // Adds a record's prompt and answer; a record that lacks one of them, or words in it, adds nothing.
  void sign(std::uint32_t line, const Value& record, SignedPrompts& out);

 private:
  bool add_content(MinHasher& hasher, const Value& content);
  std::string_view unpunctuated(std::string_view text);

  MinHasher prompt_, answer_;
  std::vector<std::uint16_t> prompt_signature_, answer_signature_;
  std::string scratch_, words_;
};

class PromptIndex {
 public:
  explicit PromptIndex(const PromptOptions& options);
  // Findings inconsistent_answers (warnings) about rows that follow those before them; `before` lines come first.
  void add(const SignedPrompts& signed_prompts, std::uint64_t before, std::vector<Finding>& findings);

 private:
  PromptOptions options_;
  NearIndex near_;
  std::vector<std::uint16_t> answers_;
  std::vector<std::uint64_t> systems_, lines_;  // of each prompt
};

}  // namespace fthost::data

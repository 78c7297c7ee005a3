#include "data/prompts.hpp"

#include <cstdio>
#include <utility>

#include "data/hash.hpp"

namespace fthost::data {

namespace {

constexpr MinHashOptions kPrompt{3, 128}, kAnswer{1, 64};

std::string as_share(double value) {
  char text[16];
  std::snprintf(text, sizeof text, "%.2f", value);
  return text;
}

bool is_system(const Value& message) {
  const Value role = message.find("role");
  return role.equals("system") || role.equals("developer");
}

}  // namespace

void SignedPrompts::clear() {
  rows.clear();
  prompts.clear();
  answers.clear();
}

PromptSigner::PromptSigner()
    : prompt_(kPrompt),
      answer_(kAnswer),
      prompt_signature_(kPrompt.permutations),
      answer_signature_(kAnswer.permutations) {}

// Without the marks that end a sentence or a part of one: a prompt is the same without its question mark.
std::string_view PromptSigner::unpunctuated(std::string_view text) {
  words_.clear();
  for (std::size_t i = 0; i < text.size(); ++i) {
    const bool ends =
        i + 1 == text.size() || std::string_view(" \t\r\n.,;:!?").find(text[i + 1]) != std::string_view::npos;
    if (!ends || std::string_view(".,;:!?").find(text[i]) == std::string_view::npos) words_ += text[i];
  }
  return words_;
}

bool PromptSigner::add_content(MinHasher& hasher, const Value& content) {
  const auto add = [&](std::string_view text) { hasher.add(&hasher == &prompt_ ? unpunctuated(text) : text); };
  if (content.is(Kind::string)) {
    add(content.text(scratch_));
    return true;
  }
  if (!content.is(Kind::array)) return false;
  for (Value part = content.first(); part; part = part.next()) {
    const Value text = part.is(Kind::object) ? part.find("text") : part;
    if (text.is(Kind::string)) add(text.text(scratch_));
  }
  return true;
}

void PromptSigner::sign(std::uint32_t line, const Value& record, SignedPrompts& out) {
  const Value messages = record.find("messages");
  if (!messages.is(Kind::array)) return;
  // A preference's answer stands beside the messages, in a list of its own.
  Value answers = record.find("chosen"), answer;
  const bool beside = static_cast<bool>(answers);
  if (!beside) answers = messages;
  if (answers.is(Kind::array)) {
    for (Value message = answers.first(); message; message = message.next()) {
      if (message.find("role").equals("assistant")) answer = message;
    }
  } else if (answers.is(Kind::string)) {
    answer = answers;
  }
  if (!answer) return;
  std::uint64_t system = 0;
  prompt_.begin();
  for (Value message = messages.first(); message; message = message.next()) {
    if (!beside && message.index() == answer.index()) break;
    const Value content = message.find("content");
    if (is_system(message))
      system = hash64(content.is(Kind::string) ? content.text(scratch_) : content.raw()) ^ (system * 31);
    else
      add_content(prompt_, content);
  }
  if (!prompt_.end(prompt_signature_.data())) return;
  answer_.begin();
  if (!add_content(answer_, answer.is(Kind::string) ? answer : answer.find("content"))) return;
  if (!answer_.end(answer_signature_.data())) return;
  out.rows.push_back({line, system});
  out.prompts.insert(out.prompts.end(), prompt_signature_.begin(), prompt_signature_.end());
  out.answers.insert(out.answers.end(), answer_signature_.begin(), answer_signature_.end());
}

PromptIndex::PromptIndex(const PromptOptions& options) : options_(options), near_(options.prompt, kPrompt) {}

void PromptIndex::add(const SignedPrompts& given, std::uint64_t before, std::vector<Finding>& findings) {
  for (std::size_t i = 0; i < given.rows.size(); ++i) {
    const auto& row = given.rows[i];
    const std::span prompt = std::span(given.prompts).subspan(i * kPrompt.permutations, kPrompt.permutations);
    const std::span answer = std::span(given.answers).subspan(i * kAnswer.permutations, kAnswer.permutations);
    // Of the prompts that are answered in another way the nearest, of equals the first.
    std::uint32_t found = HashIndex::kNone;
    double nearest = 0, alike = 0;
    near_.visit(prompt, 0, [&](std::uint32_t text, double near) {
      if (systems_[text] != row.system || near < nearest || (near == nearest && text >= found)) return;
      const auto other =
          std::span(std::as_const(answers_)).subspan(std::size_t{text} * kAnswer.permutations, kAnswer.permutations);
      const double s = similarity(answer, other);
      if (s >= options_.answer) return;
      found = text;
      nearest = near;
      alike = s;
    });
    if (found != HashIndex::kNone) {
      findings.push_back({"inconsistent_answers", Severity::warning, "", row.line, "", "",
                          (nearest == 1 ? std::string("the prompt is that of ")
                                        : "the prompt is nearly (" + as_share(nearest) + ") that of ") +
                              row_name(lines_[found], options_.list) + ", and the answer is quite another (" +
                              as_share(alike) + ")",
                          "make the answers agree, or the prompts tell what differs"});
    }
    near_.add(prompt);
    answers_.insert(answers_.end(), answer.begin(), answer.end());
    systems_.push_back(row.system);
    lines_.push_back(before + row.line);
  }
}

}  // namespace fthost::data

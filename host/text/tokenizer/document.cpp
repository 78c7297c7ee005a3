#include "text/tokenizer/document.hpp"

#include <limits>

namespace fthost::text {
namespace {

constexpr std::size_t kMaxDepth = 64;

// nlohmann's SAX events. Where the document is decides who gets a value: the DOM, the vocabulary or the merges.
class Reader : public nlohmann::json_sax<nlohmann::json> {
 public:
  explicit Reader(TokenizerDocument& out) : out_(out) {}
  const std::string& error() const { return error_; }

  // Where each merge's two halves lie in merge_text.
  struct MergeSpan {
    std::size_t left, right, end;
  };
  const std::vector<MergeSpan>& merges() const { return merges_; }

  bool null() override { return value(nullptr); }
  bool boolean(bool v) override { return value(v); }
  bool number_integer(number_integer_t v) override { return mode_ == Mode::vocab ? vocab_id(v) : value(v); }
  bool number_unsigned(number_unsigned_t v) override {
    if (mode_ != Mode::vocab) return value(v);
    return vocab_id(v > kLargest ? -1 : static_cast<std::int64_t>(v));
  }
  bool number_float(number_float_t v, const string_t&) override { return value(v); }
  bool binary(binary_t&) override { return fail("binary data"); }

  bool string(string_t& v) override {
    if (mode_ == Mode::merges) return merge_line(v);
    if (mode_ == Mode::merge_pair) return merge_half(v);
    return value(std::move(v));
  }

  bool start_object(std::size_t) override {
    if (mode_ == Mode::dom && stack_.size() == 2 && in_model() && key_ == "vocab") {
      mode_ = Mode::vocab;
      return true;
    }
    return open(nlohmann::json::object());
  }
  bool key(string_t& v) override {
    key_.swap(v);
    return true;
  }
  bool end_object() override {
    if (mode_ == Mode::vocab) {
      mode_ = Mode::dom;
      return true;
    }
    return close();
  }
  bool start_array(std::size_t) override {
    if (mode_ == Mode::dom && stack_.size() == 2 && in_model() && key_ == "merges") {
      mode_ = Mode::merges;
      return true;
    }
    if (mode_ == Mode::merges) {
      mode_ = Mode::merge_pair;
      halves_ = 0;
      return true;
    }
    return open(nlohmann::json::array());
  }
  bool end_array() override {
    if (mode_ == Mode::merge_pair) {
      mode_ = Mode::merges;
      return halves_ == 2 || fail("model.merges has an entry that is not a pair");
    }
    if (mode_ == Mode::merges) {
      mode_ = Mode::dom;
      return true;
    }
    return close();
  }
  bool parse_error(std::size_t offset, const std::string&, const nlohmann::json::exception&) override {
    return fail("broken JSON at byte " + std::to_string(offset));
  }

 private:
  enum class Mode { dom, vocab, merges, merge_pair };
  static constexpr std::uint64_t kLargest = std::numeric_limits<std::int32_t>::max();

  bool fail(const std::string& what) {
    if (error_.empty()) error_ = what;
    return false;
  }
  bool in_model() const { return out_.rest.is_object() && stack_[1] == model_; }

  nlohmann::json* put(nlohmann::json v) {
    if (stack_.empty()) {
      out_.rest = std::move(v);
      return &out_.rest;
    }
    nlohmann::json& parent = *stack_.back();
    if (parent.is_array()) {
      parent.push_back(std::move(v));
      return &parent.back();
    }
    nlohmann::json& slot = parent[key_];
    slot = std::move(v);
    if (stack_.size() == 1 && key_ == "model") model_ = &slot;
    return &slot;
  }
  bool value(nlohmann::json v) {
    if (mode_ == Mode::vocab) return fail("model.vocab has an id that is not a number");
    if (mode_ != Mode::dom) return fail("model.merges has an entry that is not text");
    put(std::move(v));
    return true;
  }
  bool open(nlohmann::json v) {
    if (mode_ == Mode::vocab) return fail("model.vocab has an id that is not a number");
    if (mode_ != Mode::dom) return fail("model.merges has an entry that is not text");
    if (stack_.size() >= kMaxDepth) return fail("it is nested too deeply");
    stack_.push_back(put(std::move(v)));
    return true;
  }
  bool close() {
    stack_.pop_back();
    return true;
  }

  bool vocab_id(std::int64_t id) {
    if (id < 0 || id > Vocabulary::kMaxId)
      return fail("model.vocab has the id " + std::to_string(id) + " for \"" + key_ + "\"");
    out_.vocabulary.add(key_, static_cast<std::int32_t>(id));
    return true;
  }
  // "a b"
  bool merge_line(const std::string& line) {
    const std::size_t space = line.find(' ');
    if (space == std::string::npos || line.find(' ', space + 1) != std::string::npos) {
      return fail("model.merges has \"" + line + "\", which is not two tokens and one space");
    }
    merges_.push_back(
        {out_.merge_text.size(), out_.merge_text.size() + space, out_.merge_text.size() + line.size() - 1});
    out_.merge_text.append(line, 0, space).append(line, space + 1);
    return true;
  }
  // ["a", "b"]
  bool merge_half(const std::string& half) {
    const std::size_t start = out_.merge_text.size();
    out_.merge_text += half;
    if (++halves_ == 1)
      merges_.push_back({start, out_.merge_text.size(), out_.merge_text.size()});
    else
      merges_.back().end = out_.merge_text.size();
    return halves_ <= 2 || fail("model.merges has an entry that is not a pair");
  }

  TokenizerDocument& out_;
  Mode mode_ = Mode::dom;
  std::vector<nlohmann::json*> stack_;  // open containers; a parent does not grow while a child is open
  const nlohmann::json* model_ = nullptr;
  std::string key_;
  int halves_ = 0;
  std::vector<MergeSpan> merges_;
  std::string error_;
};

}  // namespace

Result<void> TokenizerDocument::read(std::string_view json, const std::string& where, TokenizerDocument& out) {
  Reader reader(out);
  if (!nlohmann::json::sax_parse(json.begin(), json.end(), &reader) || !reader.error().empty()) {
    return make_error(Code::input, "not a tokenizer.json: " + reader.error(), where, "fetch the file again");
  }
  if (!out.rest.is_object()) return make_error(Code::input, "not a tokenizer.json: it is no JSON object", where);
  out.vocabulary.finish();
  out.merges.reserve(reader.merges().size());
  const std::string_view text = out.merge_text;
  for (const auto& span : reader.merges()) {
    out.merges.push_back(
        {text.substr(span.left, span.right - span.left), text.substr(span.right, span.end - span.right)});
  }
  return {};
}

}  // namespace fthost::text

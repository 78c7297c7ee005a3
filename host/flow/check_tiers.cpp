// Rows of a format whose rows are not records already are decoded by its plugin, one at a time, for what looks at
// records.
#include "flow/check_tiers.hpp"

#include <algorithm>

#include "data/personal_check.hpp"
#include "flow/personal.hpp"
#include "flow/token_totals.hpp"
#include "plugin/invoke.hpp"

namespace fthost::flow {

namespace {

// Rows of one format as records. One thread.
class RowDecoder {
 public:
  RowDecoder(plugin::Registry& registry, std::string format, Json options, io::CancelToken cancel)
      : registry_(registry), format_(std::move(format)), options_(std::move(options)), cancel_(std::move(cancel)) {}

  // fn(record) for each record of the row; none where it cannot be read, which others say.
  template <class Fn>
  void records(const data::Document& row, Fn&& fn) {
    if (format_.empty() || is_record(row.root())) return fn(row.root());
    const auto context = std::make_shared<plugin::CallContext>();
    context->cancel = cancel_;
    context->emit = [&](std::uint32_t channel, std::uint64_t, std::string_view bytes) {
      if (channel == FT_RECORD && record_.parse_object(bytes)) fn(record_.root());
      return FT_OK;
    };
    auto formatter = registry_.create(FT_FORMATTER, format_, options_, context);  // an instance serves one file
    if (!formatter) return;
    rest_ = row.text();
    static constexpr std::string_view kName = "row";
    ft_source source{sizeof(ft_source), {kName.data(), kName.size()}, this, &RowDecoder::read};
    (void)(*formatter)->call(context, [&](ft_call call) {
      return (*formatter)->table<ft_formatter>().decode((*formatter)->self(), call, &source);
    });
  }

 private:
  // Chat messages, with nothing that stands beside them.
  static bool is_record(const data::Value& row) {
    const data::Value messages = row.find("messages");
    return messages.is(data::Kind::array) && messages.first().is(data::Kind::object) && messages.first().find("role") &&
           !row.find("system");
  }
  static std::int64_t read(void* ctx, void* buffer, std::size_t capacity) {
    std::string_view& rest = static_cast<RowDecoder*>(ctx)->rest_;
    const std::size_t size = rest.copy(static_cast<char*>(buffer), capacity);
    rest.remove_prefix(size);
    return static_cast<std::int64_t>(size);
  }

  plugin::Registry& registry_;
  const std::string format_;
  const Json options_;
  io::CancelToken cancel_;
  data::Document record_;
  std::string_view rest_;
};

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (std::size_t i = 0; i < words.size(); ++i)
    text += (i == 0 ? "" : i + 1 == words.size() ? " and " : ", ") + words[i];
  return text;
}

std::string limit_words(const CheckTiers::Limit& limit, const char* unit = "") {
  return std::to_string(limit.tokens) + unit + (limit.of.empty() ? "" : " (" + limit.of + ")");
}

}  // namespace

class Tiers::Thread {
 public:
  Thread(const CheckTiers& tiers, const PersonalTable* personal, RowDecoder decoder)
      : tiers_(tiers), decoder_(std::move(decoder)) {
    if (personal) personal_.emplace(personal->finder());
    if (tiers_.prompts) signer_.emplace();
    if (!tiers_.tokens) return;
    over.resize(tiers_.tokens->limits.size());
    cut_off.resize(over.size());
    request_.model = tiers_.tokens->model;
    totals_.emplace(request_);
  }

  void row(std::uint32_t line, const data::Document& row, data::CheckedRows& rows, const data::FindingSink& found) {
    if (personal_) personal_->check_row(row, found);
    // No token is shorter than a byte, and what wraps a message is longer as JSON than as tokens.
    const bool count =
        totals_ && !tiers_.tokens->limits.empty() && row.text().size() > tiers_.tokens->limits.front().tokens;
    if (!count && !signer_) return;
    decoder_.records(row, [&](const data::Value& record) {
      if (signer_) signer_->sign(line, record, rows.prompts);
      if (count) look_at_tokens(totals_->add(record), found);
    });
  }

  std::vector<std::uint64_t> over, cut_off;  // of each limit

 private:
  void look_at_tokens(std::uint64_t tokens, const data::FindingSink& found) {
    std::vector<std::string> exceeded;
    const auto& limits = tiers_.tokens->limits;
    for (std::size_t i = 0; i < limits.size() && tokens > limits[i].tokens; ++i) {
      ++over[i];
      cut_off[i] += tokens - limits[i].tokens;
      exceeded.push_back(limit_words(limits[i]));
    }
    if (exceeded.empty()) return;
    const TokenModel& model = *tiers_.tokens->model;
    found({"tokens_over_limit", data::Severity::warning, "", 0, "", "",
           "the example has " + std::string(model.estimated() ? "about " : "") + std::to_string(tokens) +
               " tokens, and may be cut off at " + joined(exceeded),
           "shorten it, or divide it"});
  }

  const CheckTiers& tiers_;
  RowDecoder decoder_;
  std::optional<data::PersonalCheck> personal_;
  std::optional<data::PromptSigner> signer_;
  TokensRequest request_;
  std::optional<TokenTotals> totals_;
};

Tiers::Tiers(plugin::Registry& registry, const CheckTiers& tiers, const io::CancelToken& cancel)
    : registry_(registry), tiers_(tiers), cancel_(cancel) {
  if (tiers_.tokens) over_.resize(tiers_.tokens->limits.size());
  cut_off_.resize(over_.size());
}
Tiers::~Tiers() = default;

Result<std::unique_ptr<Tiers>> Tiers::create(plugin::Registry& registry, const CheckTiers& tiers,
                                             const io::CancelToken& cancel) {
  std::unique_ptr<Tiers> made(new Tiers(registry, tiers, cancel));
  if (tiers.personal) {
    auto table = PersonalTable::load(tiers.personal->kinds, tiers.personal->secrets);
    if (!table) return table.error();
    made->personal_ = std::make_shared<const PersonalTable>(std::move(*table));
  }
  return made;
}

void Tiers::set(data::CheckOptions& options, const std::string& format, const Json& format_options) {
  if (!tiers_.any()) return;
  if (tiers_.prompts) options.prompts = *tiers_.prompts;
  options.probe = [this, format, format_options]() -> data::RowProbe {
    threads_.push_back(
        std::make_shared<Thread>(tiers_, personal_.get(), RowDecoder(registry_, format, format_options, cancel_)));
    return [thread = threads_.back()](std::uint32_t line, const data::Document& row, data::CheckedRows& rows,
                                      const data::FindingSink& found) { thread->row(line, row, rows, found); };
  };
}

void Tiers::end_file(const std::string& file, Notes& notes) {
  const std::string about = tiers_.tokens && tiers_.tokens->model->estimated() ? "about " : "";
  for (std::size_t i = 0; i < over_.size(); ++i) {
    std::uint64_t over = 0, cut_off = 0;
    for (const auto& thread : threads_) {
      over += thread->over[i];
      cut_off += thread->cut_off[i];
    }
    over_[i] += over;
    cut_off_[i] += cut_off;
    if (over == 0) continue;
    notes.finding({"truncated_examples", data::Severity::info, file, 0, "", "",
                   about + std::to_string(over) + (over == 1 ? " example is" : " examples are") + " longer than " +
                       limit_words(tiers_.tokens->limits[i], " tokens") + ": " + about + std::to_string(cut_off) +
                       " tokens would be cut off",
                   ""});
  }
  threads_.clear();
}

Json Tiers::report() const {
  if (!tiers_.tokens) return Json::object();
  Json limits = Json::array();
  for (std::size_t i = 0; i < over_.size(); ++i) {
    const CheckTiers::Limit& limit = tiers_.tokens->limits[i];
    limits.push_back({{"limit", limit.tokens}, {"of", limit.of}, {"over", over_[i]}, {"cut_off", cut_off_[i]}});
  }
  const TokenModel& model = *tiers_.tokens->model;
  return Json{{"tokens", {{"encoding", model.name()}, {"estimated", model.estimated()}, {"limits", limits}}}};
}

}  // namespace fthost::flow

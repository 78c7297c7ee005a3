#include "dataset.hpp"

#include <algorithm>

namespace fthost::engine {
namespace {

Result<TokenizedChat> tokenize(const Json& row, const ChatFormat& format, const std::string& where) {
  if (row.is_object()) {
    if (const auto text = row.find("text"); text != row.end() && text->is_string())
      return format.document(text->get_ref<const std::string&>());
    if (const auto messages = row.find("messages");
        messages != row.end() && messages->is_array() && !messages->empty()) {
      for (const auto& message : *messages)
        if (!message.is_object() || !message.contains("role") || !message["role"].is_string())
          return make_error(Code::input, "a message has no role", where);
      const auto tools = row.find("tools");
      return format.conversation(*messages, tools == row.end() ? Json(nullptr) : *tools);
    }
  }
  return make_error(Code::input, "the row has neither messages nor text", where);
}

}  // namespace

Result<Dataset> Dataset::load(const std::filesystem::path& path, const ChatFormat& format,
                              const DatasetOptions& options) {
  auto text = read_file(path);
  if (!text) return text.error();
  Dataset dataset;
  std::size_t line_number = 0;
  std::string_view rest = *text;
  while (!rest.empty()) {
    ++line_number;
    const std::size_t end = std::min(rest.find('\n'), rest.size());
    const std::string_view line = rest.substr(0, end);
    rest.remove_prefix(std::min(end + 1, rest.size()));
    if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
    const std::string where = path.string() + ":" + std::to_string(line_number);
    const auto skip = [&](const std::string& why) {
      if (dataset.skipped_++ == 0) dataset.first_problem_ = why;
    };
    const Json row = Json::parse(line, nullptr, false);
    if (row.is_discarded()) {
      skip(where + ": broken JSON");
      continue;
    }
    auto chat = tokenize(row, format, where);
    if (!chat) {
      skip(chat.error().where.empty() ? where + ": " + chat.error().sentence() : chat.error().sentence());
      continue;
    }
    const auto limit = static_cast<std::size_t>(options.max_length);
    const bool too_long = chat->ids.size() > limit;
    if (too_long) {
      chat->ids.resize(limit);
      chat->trained.resize(limit);
    }
    Row kept;
    kept.ids.assign(chat->ids.begin(), chat->ids.end());
    std::size_t targets = 0;
    for (std::size_t i = 0; i < kept.ids.size(); ++i) {
      const bool learn = i > 0 && (options.train_on_prompt || chat->trained[i]);
      targets += learn;
      kept.labels.push_back(learn ? kept.ids[i] : PackedBatch::kIgnore);
    }
    if (targets == 0) {
      skip(where + (too_long ? ": nothing to learn is left within " + std::to_string(options.max_length) + " tokens"
                             : std::string(": no assistant turn to learn")));
      continue;
    }
    dataset.truncated_ += too_long;
    dataset.tokens_ += static_cast<std::int64_t>(kept.ids.size());
    dataset.rows_.push_back(std::move(kept));
  }
  if (dataset.rows_.empty())
    return make_error(Code::input,
                      "no row can be used for training" +
                          (dataset.first_problem_.empty() ? "" : "; the first: " + dataset.first_problem_),
                      path.string(), "run `validate` on the file");
  return dataset;
}

void Dataset::add_to(PackedBatch& batch, std::size_t row) const { batch.add(rows_[row].ids, rows_[row].labels); }

}  // namespace fthost::engine

#include "chat_format.hpp"

namespace fthost::engine {
namespace {

// A special token is written as its text or as an object with "content".
std::string token_text(const Json& config, const char* key) {
  const auto found = config.find(key);
  if (found == config.end()) return {};
  if (found->is_string()) return found->get<std::string>();
  if (found->is_object() && found->contains("content") && (*found)["content"].is_string())
    return (*found)["content"].get<std::string>();
  return {};
}

// The template of tokenizer_config.json: a string, or a list of named ones of which "default" counts.
std::string template_text(const Json& config) {
  const auto found = config.find("chat_template");
  if (found == config.end()) return {};
  if (found->is_string()) return found->get<std::string>();
  if (found->is_array())
    for (const auto& one : *found)
      if (one.is_object() && one.value("name", "") == "default") return one.value("template", "");
  return {};
}

bool is_trained(const Json& message) {
  if (message.value("role", "") != "assistant") return false;
  if (const auto train = message.find("train"); train != message.end() && train->is_boolean() && !train->get<bool>())
    return false;
  const auto weight = message.find("weight");
  return weight == message.end() || !weight->is_number() || weight->get<double>() != 0;
}

}  // namespace

Result<ChatFormat> ChatFormat::load(const std::filesystem::path& folder) {
  auto tokenizer = text::Tokenizer::load((folder / "tokenizer.json").string());
  if (!tokenizer) return tokenizer.error();
  Json config = Json::object();
  std::error_code ec;
  if (const auto path = folder / "tokenizer_config.json"; std::filesystem::exists(path, ec)) {
    auto read = read_json(path);
    if (!read) return read.error();
    config = std::move(*read);
  }
  std::string source = template_text(config), where = (folder / "tokenizer_config.json").string();
  if (const auto path = folder / "chat_template.jinja"; std::filesystem::exists(path, ec)) {
    auto read = read_file(path);
    if (!read) return read.error();
    source = std::move(*read);
    where = path.string();
  }
  if (source.empty())
    return make_error(Code::input, "this model has no chat template", folder.string(),
                      "use the chat (instruct) version of the model, or put a chat_template.jinja into its folder");
  auto compiled = text::ChatTemplate::compile(source, where);
  if (!compiled) return compiled.error();
  ChatFormat format(std::move(*tokenizer), std::move(*compiled));
  format.bos_ = token_text(config, "bos_token");
  format.eos_ = token_text(config, "eos_token");
  return format;
}

Result<std::string> ChatFormat::render(const Json& messages, const Json& tools, bool add_generation_prompt) const {
  Json context = {{"messages", messages},
                  {"bos_token", bos_},
                  {"eos_token", eos_},
                  {"add_generation_prompt", add_generation_prompt}};
  context["tools"] = tools;  // null where there are none
  return template_.render(context);
}

Result<std::vector<std::int32_t>> ChatFormat::prompt(const Json& messages, const Json& tools) const {
  auto text = render(messages, tools, true);
  if (!text) return text.error();
  return tokenizer_.encode(*text, false);
}

Result<TokenizedChat> ChatFormat::conversation(const Json& messages, const Json& tools) const {
  auto whole = render(messages, tools, false);
  if (!whole) return whole.error();
  TokenizedChat chat;
  std::size_t done = 0;  // characters of the whole text that are tokens already
  // Each stretch is tokenised by itself: at inference the prompt ends exactly where the trained part begins.
  const auto append = [&](std::size_t end, bool trained) {
    tokenizer_.encode_to(std::string_view(*whole).substr(done, end - done), false, chat.ids);
    chat.trained.resize(chat.ids.size(), trained);
    done = end;
  };
  Json before = Json::array();
  for (const auto& message : messages) {
    if (is_trained(message)) {
      auto prompt = render(before, tools, true);
      if (!prompt) return prompt.error();
      before.push_back(message);
      auto through = render(before, tools, false);
      if (!through) return through.error();
      if (prompt->size() >= done && through->size() > prompt->size() && whole->starts_with(*through) &&
          through->starts_with(*prompt)) {
        append(prompt->size(), false);
        append(through->size(), true);
      }
    } else {
      before.push_back(message);
    }
  }
  append(whole->size(), false);
  return chat;
}

TokenizedChat ChatFormat::document(std::string_view text) const {
  TokenizedChat chat;
  if (const auto bos = tokenizer_.token_to_id(bos_); bos && !bos_.empty()) chat.ids.push_back(*bos);
  tokenizer_.encode_to(text, false, chat.ids);
  if (const auto eos = tokenizer_.token_to_id(eos_); eos && !eos_.empty()) chat.ids.push_back(*eos);
  chat.trained.assign(chat.ids.size(), true);
  return chat;
}

}  // namespace fthost::engine

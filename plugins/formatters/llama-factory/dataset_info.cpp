#include "dataset_info.hpp"

#include <algorithm>

namespace llama_factory {

void Written::add(std::string_view column) {
  if (!has(column)) columns.emplace_back(column);
}

bool Written::has(std::string_view column) const {
  return std::find(columns.begin(), columns.end(), column) != columns.end();
}

std::string dataset_info(const Written& written, const std::string& file_name) {
  // LLaMA-Factory's name of a column, and ours. It fails on a column that no row has, so only those are listed.
  static constexpr std::pair<const char*, const char*> kColumns[] = {
      {"prompt", "instruction"}, {"query", "input"},       {"response", "output"},
      {"history", "history"},    {"messages", "messages"}, {"messages", "conversations"},
      {"system", "system"},      {"tools", "tools"},       {"images", "images"},
      {"videos", "videos"},      {"audios", "audios"},     {"chosen", "chosen"},
      {"rejected", "rejected"},  {"kto_tag", "kto_tag"},   {"kto_tag", "label"}};
  ft::Json entry{{"file_name", file_name}};
  const bool calls = written.has("tools");
  entry["formatting"] = written.style == Style::alpaca            ? "alpaca"
                        : written.style == Style::openai && calls ? "openai"
                                                                  : "sharegpt";
  if (written.ranking) entry["ranking"] = true;
  ft::Json columns = ft::Json::object();
  for (const auto& [name, column] : kColumns) {
    if (written.has(column)) columns[name] = column;
  }
  entry["columns"] = columns;
  if (written.style == Style::sharegpt) {
    entry["tags"] = {{"role_tag", "from"},     {"content_tag", "value"},           {"user_tag", "human"},
                     {"assistant_tag", "gpt"}, {"observation_tag", "observation"}, {"function_tag", "function_call"},
                     {"system_tag", "system"}};
  } else if (written.style == Style::openai) {
    entry["tags"] = {{"role_tag", "role"},           {"content_tag", "content"},  {"user_tag", "user"},
                     {"assistant_tag", "assistant"}, {"observation_tag", "tool"}, {"function_tag", "function_call"},
                     {"system_tag", "system"}};
  }
  return ft::Json{{file_name.substr(0, file_name.rfind('.')), entry}}.dump(2) + "\n";
}

}  // namespace llama_factory

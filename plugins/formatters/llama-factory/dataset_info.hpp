// The entry of dataset_info.json without which LLaMA-Factory does not know a file.
#pragma once

#include <ft/plugin.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace llama_factory {

enum class Style { alpaca, sharegpt, openai };

// What the rows of an export have.
struct Written {
  Style style = Style::sharegpt;
  bool ranking = false;
  std::vector<std::string> columns;  // keys of rows

  void add(std::string_view column);
  bool has(std::string_view column) const;
};

// The file's text: one dataset, named after `file_name` without its ending.
std::string dataset_info(const Written& written, const std::string& file_name);

}  // namespace llama_factory

// Writing a Hugging Face model folder: the weights merged with an adapter, or a model made from nothing.
#pragma once

#include <filesystem>
#include <string>

#include "llama.hpp"

namespace fthost::engine {

// `output` becomes a copy of the model folder whose weights have the adapter added, in the model's own type.
// Refuses to overwrite a folder that exists.
Result<void> merge_adapter(const std::filesystem::path& model, const std::filesystem::path& adapter,
                           const std::filesystem::path& output);

struct ModelFolder {
  std::string tokenizer_json, chat_template, bos_token, eos_token;
  at::ScalarType dtype = at::kFloat;
};
// Writes config.json, generation_config.json, tokenizer.json, tokenizer_config.json, chat_template.jinja,
// model.safetensors.
Result<void> write_model_folder(const std::filesystem::path& folder, const Llama& model, const ModelFolder& parts);

}  // namespace fthost::engine

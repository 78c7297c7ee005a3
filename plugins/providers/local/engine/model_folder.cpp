#include "model_folder.hpp"

#include "files.hpp"

namespace fthost::engine {
namespace {

namespace fs = std::filesystem;

const char* dtype_name(at::ScalarType type) {
  return type == at::kHalf ? "float16" : type == at::kBFloat16 ? "bfloat16" : "float32";
}

bool is_weights(const std::string& name) {
  for (const char* ending :
       {".safetensors", ".safetensors.index.json", ".bin", ".bin.index.json", ".pt", ".pth", ".gguf"})
    if (name.ends_with(ending)) return true;
  return false;
}

}  // namespace

Result<void> merge_adapter(const fs::path& model_folder, const fs::path& adapter, const fs::path& output) {
  auto model = Llama::load(model_folder);
  if (!model) return model.error();
  auto lora = Lora::load(adapter, model->config());
  if (!lora) return lora.error();
  std::error_code ec;
  if (fs::exists(output, ec))
    return make_error(Code::conflict, "the output folder exists already", output.string(),
                      "name another one or remove it");
  auto weights = ModelWeights::open(model_folder);
  if (!weights) return weights.error();
  const at::ScalarType dtype = weights->tensor("model.embed_tokens.weight").value().scalar_type();
  fs::path partial = output;
  partial += ".partial";
  fs::remove_all(partial, ec);
  if (auto done = make_folder(partial); !done) return done;
  for (const auto& entry : fs::directory_iterator(model_folder, ec)) {
    const std::string name = entry.path().filename().string();
    if (!entry.is_regular_file() || is_weights(name)) continue;
    fs::copy_file(entry.path(), partial / name, ec);
    if (ec) return errno_error(ec.value(), "copy", entry.path().string());
  }
  if (ec) return errno_error(ec.value(), "list", model_folder.string());
  if (auto done = write_safetensors(partial / "model.safetensors", model->named_tensors(dtype, &*lora)); !done)
    return done;
  return replace_folder(partial, output);
}

Result<void> write_model_folder(const fs::path& folder, const Llama& model, const ModelFolder& parts) {
  ModelConfig config = model.config();
  config.dtype = dtype_name(parts.dtype);
  Json generation = {{"do_sample", false}};
  if (config.bos >= 0) generation["bos_token_id"] = config.bos;
  if (!config.eos.empty()) generation["eos_token_id"] = config.eos[0];
  if (config.pad >= 0) generation["pad_token_id"] = config.pad;
  const Json tokenizer_config = {{"tokenizer_class", "PreTrainedTokenizerFast"},
                                 {"bos_token", parts.bos_token},
                                 {"eos_token", parts.eos_token},
                                 {"pad_token", parts.eos_token},
                                 {"clean_up_tokenization_spaces", false},
                                 {"model_max_length", config.max_positions},
                                 {"chat_template", parts.chat_template}};
  fs::path partial = folder;
  partial += ".partial";
  std::error_code ec;
  fs::remove_all(partial, ec);
  if (auto done = make_folder(partial); !done) return done;
  const std::pair<const char*, std::string> files[] = {{"config.json", config.to_json().dump(2) + "\n"},
                                                       {"generation_config.json", generation.dump(2) + "\n"},
                                                       {"tokenizer.json", parts.tokenizer_json},
                                                       {"tokenizer_config.json", tokenizer_config.dump(2) + "\n"},
                                                       {"chat_template.jinja", parts.chat_template}};
  for (const auto& [name, text] : files)
    if (auto done = write_file(partial / name, text); !done) return done;
  if (auto done = write_safetensors(partial / "model.safetensors", model.named_tensors(parts.dtype)); !done)
    return done;
  return replace_folder(partial, folder);
}

}  // namespace fthost::engine

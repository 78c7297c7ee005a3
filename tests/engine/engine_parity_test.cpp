// The model and LoRA training against reference figures of the field's own tools. Skipped where the data is not there.
#include <boost/test/unit_test.hpp>

#include "decoder.hpp"
#include "llama.hpp"
#include "optimizer.hpp"
#include "shared.hpp"
#include "support.hpp"

using namespace fthost::engine;
using namespace fthost::engine::test;
namespace fs = std::filesystem;

namespace {

std::vector<std::int64_t> ids_of(const Json& json) { return json.get<std::vector<std::int64_t>>(); }

void check_model(const fs::path& folder, Llama model) {
  const Json fixtures = read_json(folder / "fixtures.json").value();
  int prompt_number = 0;
  for (const auto& prompt : fixtures.at("prompts")) {
    PackedBatch batch;
    const auto ids = ids_of(prompt.at("ids"));
    batch.add(ids, {});
    at::Tensor expected = read_npy(folder / ("logits" + std::to_string(prompt_number++) + ".npy"));
    expected = expected.view({-1, expected.size(-1)});
    BOOST_TEST(max_difference(model.logits(batch, nullptr), expected) < 1e-4);

    auto sequence = ids;
    Decoder decoder(model);  // the same path with a cache
    decoder.reset(nullptr);
    Random random(0);
    std::vector<std::int32_t> pending(ids.begin(), ids.end());
    for (const auto& next : prompt.at("greedy32")) {
      const std::int32_t cached = choose(decoder.forward(pending), {}, random);
      BOOST_REQUIRE_EQUAL(cached, next.get<std::int32_t>());
      pending = {cached};
      PackedBatch grown;
      grown.add(sequence, {});
      const at::Tensor logits = model.logits(grown, nullptr);
      const auto chosen = logits[logits.size(0) - 1].argmax().item<std::int64_t>();
      BOOST_REQUIRE_EQUAL(chosen, next.get<std::int64_t>());
      sequence.push_back(chosen);
    }
  }
}

// One recipe of lora/: the loss of every step, the gradients of the first and the adapter after the last.
void check_recipe(const fs::path& root, const std::string& name) {
  BOOST_TEST_CONTEXT(name) {
    const fs::path folder = root / "lora" / name;
    const Llama model = Llama::load(root / "models/llama-untied").value();
    const Json curve = read_json(folder / "curve.json").value(), batches = read_json(folder / "batches.json").value();
    const Json& recipe = curve.at("recipe");
    LoraConfig config;
    config.rank = recipe.at("r").get<std::int64_t>();
    config.alpha = recipe.at("alpha").get<double>();
    config.targets = lora_targets(recipe.at("targets").get<std::vector<std::string>>(), "recipe").value();
    Lora lora = Lora::create(model.config(), config, 1);
    lora.assign(SafetensorsFile::open(folder / "init.safetensors").value()).value();
    AdamW optimizer(lora.parameters(), {.weight_decay = recipe.at("wd").get<double>()});
    const std::int64_t steps = recipe.at("steps").get<std::int64_t>(),
                       accumulate = recipe.at("accum").get<std::int64_t>(),
                       warmup = recipe.at("warmup").get<std::int64_t>();
    const auto schedule = recipe.at("cosine").get<bool>() ? Schedule::cosine : Schedule::constant;

    std::size_t next = 0;
    for (std::int64_t step = 0; step < steps; ++step) {
      lora.parameters().clear_gradients();
      double sum = 0;
      std::int64_t targets = 0;
      for (std::int64_t micro = 0; micro < accumulate; ++micro) {
        const Json& rows = batches.at(batches.size() == 1 ? 0 : next++);
        PackedBatch batch;
        for (std::size_t i = 0; i < rows.at("input_ids").size(); ++i) {
          auto ids = ids_of(rows.at("input_ids")[i]), labels = ids_of(rows.at("labels")[i]);
          const auto mask = ids_of(rows.at("attention_mask")[i]);
          const auto length = static_cast<std::size_t>(std::count(mask.begin(), mask.end(), 1));
          ids.resize(length);
          labels.resize(length);
          batch.add(ids, labels);
        }
        at::Tensor loss = model.loss_sum(batch, &lora);
        loss.backward();
        sum += loss.item<double>();
        targets += batch.target_count();
      }
      const double scale = 1.0 / static_cast<double>(targets);
      BOOST_TEST(std::abs(sum * scale - curve.at("loss")[step].get<double>()) < 1e-4);
      const double norm = optimizer.gradient_norm(scale);
      BOOST_TEST(std::abs(norm - curve.at("grad_norm")[step].get<double>()) < 2e-4 * (1 + norm));
      const double rate = recipe.at("lr").get<double>() * schedule_factor(schedule, step, warmup, steps);
      BOOST_TEST(std::abs(rate - curve.at("lr")[step].get<double>()) < 1e-9);
      double clip = 1.0;
      if (!recipe.at("clip").is_null()) clip = std::min(1.0, recipe.at("clip").get<double>() / (norm + 1e-6));
      optimizer.step(rate, scale * clip);
    }
    const auto after = SafetensorsFile::open(folder / "adapter_model.safetensors").value();
    for (const auto& [key, tensor] : lora.named_tensors())
      BOOST_TEST(max_difference(tensor, after.tensor(key).value()) < 2e-3, key);
  }
}

}  // namespace

BOOST_AUTO_TEST_CASE(llamas_agree_with_the_reference) {
  const auto root = fthost::test::shared_folder("fixtures");
  if (!root) return;
  for (const char* name : {"llama-tied", "llama-untied", "llama3-rope"})
    BOOST_TEST_CONTEXT(name) check_model(*root / "models" / name, Llama::load(*root / "models" / name).value());
}

BOOST_AUTO_TEST_CASE(old_and_new_config_keys_give_the_same_model) {
  const auto root = fthost::test::shared_folder("fixtures");
  if (!root) return;
  for (const char* name : {"llama-tied", "llama-untied", "llama3-rope"}) {
    TemporaryFolder folder;
    const fs::path from = *root / "models" / name;
    fs::copy_file(from / "config_v4.json", folder / "config.json");
    fs::create_symlink(fs::absolute(from / "model.safetensors"), folder / "model.safetensors");
    BOOST_TEST_CONTEXT(name) check_model(from, Llama::load(folder.path()).value());
  }
}

BOOST_AUTO_TEST_CASE(other_architectures_are_refused_by_name) {
  const auto root = fthost::test::shared_folder("fixtures");
  if (!root) return;
  for (const char* name : {"qwen2", "qwen3", "mistral"}) {
    const auto model = Llama::load(*root / "models" / name);
    BOOST_REQUIRE(!model);
    BOOST_TEST(model.error().sentence().find(name) != std::string::npos);
  }
}

BOOST_AUTO_TEST_CASE(labelled_loss_and_gradients_agree_with_the_reference) {
  const auto root = fthost::test::shared_folder("fixtures");
  if (!root) return;
  for (const char* name : {"llama-tied", "llama-untied"}) {
    BOOST_TEST_CONTEXT(name) {
      const fs::path folder = *root / "models" / name;
      const Json fixtures = read_json(folder / "fixtures.json").value();
      const Json& labelled = fixtures.at("labelled");
      Llama model = Llama::load(folder).value();
      auto parameters = model.make_trainable();
      PackedBatch batch;
      batch.add(ids_of(labelled.at("ids")), ids_of(labelled.at("labels")));
      at::Tensor loss = model.loss_sum(batch, nullptr) / static_cast<double>(batch.target_count());
      loss.backward();
      BOOST_TEST(std::abs(loss.item<double>() - labelled.at("loss_f64").get<double>()) < 1e-5);
      const Json& norms = fixtures.at("grad_l2_f64");
      const auto same = [&](const std::string& key, const at::Tensor& gradient) {
        const double expected = norms.at(key).get<double>();
        BOOST_TEST(std::abs(gradient.norm().item<double>() - expected) < 1e-4 * expected, key);
      };
      const ModelConfig& m = model.config();
      const std::int64_t q = m.heads * m.head_dim, kv = m.kv_heads * m.head_dim;
      same("model.embed_tokens.weight", model.embedding().grad());
      same("model.norm.weight", model.final_norm().grad());
      if (!m.tied) same("lm_head.weight", model.head().grad());
      for (std::int64_t i = 0; i < m.layers; ++i) {
        const std::string prefix = "model.layers." + std::to_string(i) + ".";
        const LlamaLayer& layer = model.layer(i);
        same(prefix + "input_layernorm.weight", layer.input_norm.grad());
        same(prefix + "post_attention_layernorm.weight", layer.post_norm.grad());
        same(prefix + "self_attn.q_proj.weight", layer.qkv.grad().narrow(0, 0, q));
        same(prefix + "self_attn.k_proj.weight", layer.qkv.grad().narrow(0, q, kv));
        same(prefix + "self_attn.v_proj.weight", layer.qkv.grad().narrow(0, q + kv, kv));
        same(prefix + "self_attn.o_proj.weight", layer.o.grad());
        same(prefix + "mlp.gate_proj.weight", layer.gate_up.grad().narrow(0, 0, m.ffn_size));
        same(prefix + "mlp.up_proj.weight", layer.gate_up.grad().narrow(0, m.ffn_size, m.ffn_size));
        same(prefix + "mlp.down_proj.weight", layer.down.grad());
      }
    }
  }
}

BOOST_AUTO_TEST_CASE(lora_training_follows_the_reference_curves) {
  const auto root = fthost::test::shared_folder("fixtures");
  if (!root) return;
  for (const char* name : {"qv-2e-4-onebatch", "qv-2e-4", "qv-2e-4-wd", "all-5e-3-cosine-clip", "qv-5e-3-accum2"})
    check_recipe(*root, name);
}

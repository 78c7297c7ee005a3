// The model, LoRA and files on tiny random models made here.
#include <c10/core/GradMode.h>

#include <boost/test/unit_test.hpp>
#include <cmath>
#include <fstream>

#include "decoder.hpp"
#include "kernels.hpp"
#include "llama.hpp"
#include "model_folder.hpp"
#include "optimizer.hpp"
#include "support.hpp"

using namespace fthost::engine;
using namespace fthost::engine::test;

namespace {

// Two ragged sequences, longer than an attention block, with some positions masked.
PackedBatch sample_batch(Random& random, std::int64_t vocabulary) {
  PackedBatch batch;
  for (const std::size_t length : {std::size_t{71}, std::size_t{5}}) {
    const auto ids = random_ids(random, length, vocabulary);
    auto labels = ids;
    for (std::size_t i = 0; i < length / 3; ++i) labels[i] = PackedBatch::kIgnore;
    batch.add(ids, labels);
  }
  return batch;
}

Lora random_lora(const ModelConfig& config, const std::vector<std::string>& targets, double dropout = 0) {
  LoraConfig lora_config;
  lora_config.rank = 3;
  lora_config.alpha = 5;
  lora_config.dropout = dropout;
  lora_config.targets = lora_targets(targets, "test").value();
  Lora lora = Lora::create(config, lora_config, 4);
  Random random(9);
  for (std::int64_t i = 0; i < lora.parameters().size(); ++i) lora.parameters().values()[i] = 0.3f * random.normal();
  return lora;
}

// Compares the gradient of `parameters` with central differences along random directions, a parameter block at a time.
void check_gradients(FlatParameters& parameters, const std::function<at::Tensor()>& loss) {
  parameters.clear_gradients();
  loss().backward();
  const std::vector<float> gradient(parameters.gradients(), parameters.gradients() + parameters.size());
  Random random(11);
  for (const auto& segment : parameters.segments()) {
    std::vector<float> direction(static_cast<std::size_t>(segment.size));
    double expected = 0, length = 0;
    for (std::int64_t i = 0; i < segment.size; ++i) {
      // Along the gradient plus noise, so that the slope stands out of fp32 rounding.
      const auto at = static_cast<std::size_t>(segment.begin + i);
      direction[static_cast<std::size_t>(i)] = gradient[at] + 0.1f * random.normal() * std::abs(gradient[at]);
      length += direction[static_cast<std::size_t>(i)] * direction[static_cast<std::size_t>(i)];
    }
    length = std::sqrt(length);
    BOOST_REQUIRE(length > 0);
    const double step = 1.5e-3;
    double values[2];
    const std::vector<float> before(parameters.values() + segment.begin,
                                    parameters.values() + segment.begin + segment.size);
    for (const int side : {0, 1}) {
      for (std::int64_t i = 0; i < segment.size; ++i) {
        const auto at = static_cast<std::size_t>(i);
        parameters.values()[segment.begin + i] =
            before[at] + static_cast<float>((side == 0 ? -step : step) * direction[at] / length);
      }
      c10::NoGradGuard no_grad;
      values[side] = loss().item<double>();
    }
    std::copy(before.begin(), before.end(), parameters.values() + segment.begin);
    for (std::int64_t i = 0; i < segment.size; ++i)
      expected += static_cast<double>(gradient[static_cast<std::size_t>(segment.begin + i)]) *
                  direction[static_cast<std::size_t>(i)] / length;
    const double measured = (values[1] - values[0]) / (2 * step);
    BOOST_TEST_CONTEXT("segment at " << segment.begin << " of " << segment.size)
    BOOST_TEST(std::abs(measured - expected) < 0.02 * std::abs(expected) + 2e-2);
  }
}

std::vector<std::int32_t> narrow(const std::vector<std::int64_t>& ids) { return {ids.begin(), ids.end()}; }

at::Tensor to_tensor(std::span<const float> values) {
  return at::from_blob(const_cast<float*>(values.data()), {static_cast<std::int64_t>(values.size())}, at::kFloat)
      .clone();
}

}  // namespace

BOOST_AUTO_TEST_CASE(weight_gradients_match_finite_differences) {
  for (const bool tied : {true, false}) {
    Llama model = Llama::create(tiny_config(tied), 3);
    auto parameters = model.make_trainable();
    Random random(5);
    const PackedBatch batch = sample_batch(random, model.config().vocab_size);
    check_gradients(*parameters, [&] { return model.loss_sum(batch, nullptr); });
  }
}

BOOST_AUTO_TEST_CASE(lora_gradients_match_finite_differences) {
  const Llama model = Llama::create(tiny_config(), 3);
  Random random(5);
  const PackedBatch batch = sample_batch(random, model.config().vocab_size);
  for (const std::vector<std::string>& targets :
       {std::vector<std::string>{"all-linear"}, {"q_proj", "v_proj", "down_proj"}}) {
    Lora lora = random_lora(model.config(), targets);
    check_gradients(lora.parameters(), [&] { return model.loss_sum(batch, &lora); });
  }
}

BOOST_AUTO_TEST_CASE(dropout_is_repeatable_by_seed_and_its_gradient_is_right) {
  const Llama model = Llama::create(tiny_config(), 3);
  Random random(5);
  const PackedBatch batch = sample_batch(random, model.config().vocab_size);
  Lora lora = random_lora(model.config(), {"all-linear"}, 0.4);
  const auto loss = [&] {
    Random dropout(77);
    return model.loss_sum(batch, &lora, &dropout);
  };
  check_gradients(lora.parameters(), loss);
  BOOST_TEST(loss().item<double>() == loss().item<double>());
  BOOST_TEST(loss().item<double>() != model.loss_sum(batch, &lora).item<double>());
}

BOOST_AUTO_TEST_CASE(packing_equals_one_sequence_at_a_time) {
  const Llama model = Llama::create(tiny_config(), 3);
  Random random(5);
  PackedBatch packed;
  double single = 0;
  for (const std::size_t length : {std::size_t{9}, std::size_t{70}, std::size_t{2}}) {
    const auto ids = random_ids(random, length, model.config().vocab_size);
    PackedBatch alone;
    alone.add(ids, ids);
    packed.add(ids, ids);
    single += model.loss_sum(alone, nullptr).item<double>();
  }
  BOOST_TEST(std::abs(model.loss_sum(packed, nullptr).item<double>() - single) < 1e-3);
}

BOOST_AUTO_TEST_CASE(loss_is_the_mean_negative_log_probability) {
  const Llama model = Llama::create(tiny_config(), 3);
  Random random(6);
  const PackedBatch batch = sample_batch(random, model.config().vocab_size);
  const at::Tensor log_p = at::log_softmax(model.logits(batch, nullptr), 1);
  double expected = 0;
  for (std::size_t i = 0; i < batch.targets.size(); ++i)
    if (batch.targets[i] != PackedBatch::kIgnore)
      expected -= log_p[static_cast<std::int64_t>(i)][batch.targets[i]].item<double>();
  BOOST_TEST(std::abs(model.loss_sum(batch, nullptr).item<double>() - expected) < 1e-3);
}

BOOST_AUTO_TEST_CASE(decoding_with_a_cache_equals_the_whole_forward_pass) {
  const Llama model = Llama::create(tiny_config(false), 3);
  const Lora lora = random_lora(model.config(), {"q_proj", "v_proj", "gate_proj", "down_proj"});
  const DecoderLora prepared(lora, model.config().layers);
  Random random(5);
  const auto ids = random_ids(random, 150, model.config().vocab_size);
  PackedBatch batch;
  batch.add(ids, {});
  const auto small = narrow(ids);
  for (const bool adapted : {false, true}) {
    const at::Tensor expected = model.logits(batch, adapted ? &lora : nullptr);
    Decoder decoder(model);
    decoder.reset(adapted ? &prepared : nullptr);
    // A prompt longer than a block, single tokens, then several at once on top of the cache.
    for (const auto& [begin, end] : {std::pair<int, int>{0, 130}, {130, 131}, {131, 132}, {132, 150}}) {
      const auto logits = decoder.forward(
          std::span(small).subspan(static_cast<std::size_t>(begin), static_cast<std::size_t>(end - begin)));
      BOOST_TEST(max_difference(to_tensor(logits), expected[end - 1]) < 2e-4);
    }
    BOOST_TEST(decoder.positions() == 150);
  }
}

BOOST_AUTO_TEST_CASE(adapter_written_and_read_back_gives_the_same_logits) {
  const Llama model = Llama::create(tiny_config(), 3);
  const Lora lora = random_lora(model.config(), {"q_proj", "up_proj", "down_proj"});
  TemporaryFolder folder;
  lora.save(folder.path(), "base").value();
  const Lora read = Lora::load(folder.path(), model.config()).value();
  Random random(5);
  PackedBatch batch;
  batch.add(random_ids(random, 20, model.config().vocab_size), {});
  BOOST_TEST(max_difference(model.logits(batch, &lora), model.logits(batch, &read)) == 0.0);
  BOOST_TEST(max_difference(model.logits(batch, &lora), model.logits(batch, nullptr)) > 1e-2);

  ModelConfig wider = model.config();
  wider.hidden_size = 24;
  const auto refused = Lora::load(folder.path(), wider);
  BOOST_REQUIRE(!refused);
  BOOST_TEST(refused.error().message.find("does not fit the base model") != std::string::npos);
}

BOOST_AUTO_TEST_CASE(merged_folder_gives_the_logits_of_base_and_adapter) {
  for (const bool tied : {true, false}) {
    const Llama model = Llama::create(tiny_config(tied), 3);
    const Lora lora = random_lora(model.config(), {"all-linear"});
    TemporaryFolder folder;
    ModelFolder parts{"{}", "{{ messages }}", "", "", at::kFloat};
    write_model_folder(folder / "base", model, parts).value();
    lora.save(folder / "adapter", "base").value();
    merge_adapter(folder / "base", folder / "adapter", folder / "merged").value();
    const Llama merged = Llama::load(folder / "merged").value();
    Random random(5);
    PackedBatch batch;
    batch.add(random_ids(random, 20, model.config().vocab_size), {});
    BOOST_TEST(max_difference(model.logits(batch, &lora), merged.logits(batch, nullptr)) < 1e-4);
    BOOST_TEST(std::filesystem::exists(folder / "merged/tokenizer.json"));
    BOOST_TEST(!merge_adapter(folder / "base", folder / "adapter", folder / "merged"));
  }
}

BOOST_AUTO_TEST_CASE(half_precision_weights_are_read_as_fp32) {
  const Llama model = Llama::create(tiny_config(), 3);
  TemporaryFolder folder;
  write_model_folder(folder / "f16", model, {"{}", "x", "", "", at::kHalf}).value();
  write_model_folder(folder / "bf16", model, {"{}", "x", "", "", at::kBFloat16}).value();
  for (const auto& [name, type] : {std::pair{"f16", at::kHalf}, {"bf16", at::kBFloat16}}) {
    const Llama read = Llama::load(folder / name).value();
    BOOST_TEST((read.layer(1).down.scalar_type() == at::kFloat));
    BOOST_TEST(max_difference(read.layer(1).down, model.layer(1).down.to(type).to(at::kFloat)) == 0.0);
  }
}

BOOST_AUTO_TEST_CASE(damaged_safetensors_are_refused) {
  TemporaryFolder folder;
  const auto write = [&](const std::string& header, std::uint64_t length, const std::string& data) {
    std::ofstream out(folder / "x.safetensors", std::ios::binary | std::ios::trunc);
    out.write(reinterpret_cast<const char*>(&length), 8);
    out << header << data;
  };
  const auto refusal = [&](const std::string& header, const std::string& data, std::int64_t lie = -1) {
    write(header, lie < 0 ? header.size() : static_cast<std::uint64_t>(lie), data);
    const auto file = SafetensorsFile::open(folder / "x.safetensors");
    return file ? std::string("accepted") : file.error().message;
  };
  const auto has = [](const std::string& text, const char* part) { return text.find(part) != std::string::npos; };
  const std::string good = R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]}})";
  BOOST_TEST(refusal(good, "12345678") == "accepted");
  BOOST_TEST(has(refusal(good, "1234"), "outside of the file"));
  BOOST_TEST(has(refusal(good, "12345678", 1 << 20), "header would be"));
  BOOST_TEST(has(refusal(good, "12345678", std::numeric_limits<std::int64_t>::max()), "header would be"));
  BOOST_TEST(has(refusal("{\"a\":", "12345678"), "not a JSON object"));
  BOOST_TEST(has(refusal(R"({"a":{"dtype":"F32","shape":[3],"data_offsets":[0,8]}})", "12345678"), "differ"));
  BOOST_TEST(has(refusal(R"({"a":{"dtype":"F32","shape":[-2],"data_offsets":[0,8]}})", "12345678"), "differ"));
  BOOST_TEST(
      has(refusal(R"({"a":{"dtype":"F32","shape":[4611686018427387904,4],"data_offsets":[0,0]}})", ""), "differ"));
  BOOST_TEST(
      has(refusal(R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[8,0]}})", "12345678"), "outside of the file"));
  BOOST_TEST(has(refusal(R"({"a":{"dtype":"Q4","shape":[2],"data_offsets":[0,8]}})", "12345678"), "has type Q4"));
  BOOST_TEST(has(refusal(R"({"a":{"shape":[2],"data_offsets":[0,8]}})", "12345678"), "lacks dtype"));
  BOOST_TEST(has(
      refusal(
          R"({"a":{"dtype":"F32","shape":[2],"data_offsets":[0,8]},"b":{"dtype":"F32","shape":[1],"data_offsets":[4,8]}})",
          "12345678"),
      "overlap"));
  std::ofstream(folder / "x.safetensors", std::ios::trunc) << "abc";
  BOOST_TEST(!SafetensorsFile::open(folder / "x.safetensors"));
  BOOST_TEST(!SafetensorsFile::open(folder / "none.safetensors"));
}

BOOST_AUTO_TEST_CASE(misaligned_tensors_are_read) {
  TemporaryFolder folder;
  std::string header =
      R"({"a":{"dtype":"U8","shape":[1],"data_offsets":[0,1]},"b":{"dtype":"F32","shape":[1],"data_offsets":[1,5]}})";
  header.resize((header.size() + 7) / 8 * 8, ' ');
  const std::uint64_t length = header.size();
  const float value = 2.5f;
  std::ofstream out(folder / "x.safetensors", std::ios::binary);
  out.write(reinterpret_cast<const char*>(&length), 8);
  out << header << 'x';
  out.write(reinterpret_cast<const char*>(&value), 4);
  out.close();
  BOOST_TEST(SafetensorsFile::open(folder / "x.safetensors").value().tensor("b").value().item<float>() == 2.5f);
}

BOOST_AUTO_TEST_CASE(config_refuses_what_would_be_computed_wrongly) {
  const Json good = tiny_config().to_json();
  const auto refusal = [&](const char* key, const Json& value) {
    Json changed = good;
    changed[key] = value;
    const auto config = ModelConfig::parse(changed, "config.json");
    return config ? std::string("accepted") : config.error().sentence();
  };
  const auto has = [](const std::string& text, const char* part) { return text.find(part) != std::string::npos; };
  BOOST_TEST(refusal("use_cache", true) == "accepted");
  BOOST_TEST(has(refusal("model_type", "qwen2"), "model_type \"qwen2\" is not supported"));
  BOOST_TEST(has(refusal("hidden_act", "gelu"), "hidden_act \"gelu\""));
  BOOST_TEST(has(refusal("attention_bias", true), "attention_bias"));
  BOOST_TEST(has(refusal("quantization_config", {{"bits", 4}}), "quantised"));
  BOOST_TEST(has(refusal("rope_scaling", {{"type", "yarn"}, {"factor", 4}}), "rope type \"yarn\""));
  BOOST_TEST(has(refusal("num_key_value_heads", 3), "not a multiple"));
  BOOST_TEST(has(refusal("hidden_size", "big"), "config.json /hidden_size"));
  BOOST_TEST(has(refusal("vocab_size", 0), "less than the minimum 1"));
}

BOOST_AUTO_TEST_CASE(schedules_rise_and_fall_as_named) {
  BOOST_TEST(schedule_factor(Schedule::constant, 50, 10, 100) == 1.0);
  BOOST_TEST(schedule_factor(Schedule::linear, 5, 10, 100) == 0.5);
  BOOST_TEST(schedule_factor(Schedule::linear, 55, 10, 100) == 0.5);
  BOOST_TEST(std::abs(schedule_factor(Schedule::cosine, 55, 10, 100) - 0.5) < 1e-12);
  BOOST_TEST(schedule_factor(Schedule::cosine, 10, 10, 100) == 1.0);
}

BOOST_AUTO_TEST_CASE(two_threads_compute_what_one_does) {
  ModelConfig config = tiny_config();
  config.vocab_size = 3000;
  config.hidden_size = 128;
  config.head_dim = 32;
  config.ffn_size = 256;
  const Llama model = Llama::create(config, 3);
  Lora lora = random_lora(config, {"all-linear"});
  Random random(5);
  const PackedBatch batch = sample_batch(random, config.vocab_size);
  const auto gradients = [&](int threads) {
    kernels::set_threads(threads);
    lora.parameters().clear_gradients();
    model.loss_sum(batch, &lora).backward();
    kernels::set_threads(1);
    return std::vector<float>(lora.parameters().gradients(), lora.parameters().gradients() + lora.parameters().size());
  };
  const at::Tensor one = to_tensor(gradients(1)), two = to_tensor(gradients(2));
  BOOST_TEST(max_difference(one, two) < 1e-3 * one.abs().max().item<double>());
}

BOOST_AUTO_TEST_CASE(sampling_follows_the_probabilities_and_top_p) {
  const std::vector<float> logits{0.0f, std::log(3.0f), -30.0f};
  Random random(1);
  BOOST_TEST(choose(logits, {.temperature = 0, .top_p = 1}, random) == 1);
  int counts[3] = {0, 0, 0};
  for (int i = 0; i < 4000; ++i) ++counts[choose(logits, {.temperature = 1, .top_p = 1}, random)];
  BOOST_TEST(counts[2] == 0);
  BOOST_TEST(std::abs(counts[1] - 3000) < 150);
  for (int i = 0; i < 200; ++i) BOOST_TEST(choose(logits, {.temperature = 1, .top_p = 0.7}, random) == 1);
}

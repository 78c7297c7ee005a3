// Tiers: what a check looks at only when asked for, as it costs more than all the rest: tokens against limits, prompts
// that are nearly equal and answered in different ways, personal data and secrets. Findings, all warnings:
// tokens_over_limit, inconsistent_answers, and those of PersonalCheck; truncated_examples (info) of a file.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "data/prompts.hpp"
#include "data/row_check.hpp"
#include "flow/notes.hpp"
#include "flow/token_model.hpp"
#include "io/cancel.hpp"
#include "plugin/registry.hpp"

namespace fthost::flow {

struct CheckTiers {
  struct Limit {
    std::uint64_t tokens;
    std::string of;  // whose limit it is
  };
  struct Tokens {
    std::shared_ptr<const TokenModel> model;
    std::vector<Limit> limits;  // ascending
  };
  struct Personal {
    std::vector<std::string> kinds;                            // none: the default ones
    std::vector<std::pair<std::string, std::string>> secrets;  // tables of keys: where each is from, its JSON
  };
  std::optional<Tokens> tokens;
  std::optional<data::PromptOptions> prompts;
  std::optional<Personal> personal;
  bool any() const { return tokens || prompts || personal; }
};

class Tiers {
 public:
  static Result<std::unique_ptr<Tiers>> create(plugin::Registry& registry, const CheckTiers& tiers,
                                               const io::CancelToken& cancel);
  ~Tiers();

  // Into the options of who checks rows. `format`: whose rows they are, with its options; empty: records.
  void set(data::CheckOptions& options, const std::string& format, const Json& format_options);
  // What can be said once the rows of a file are through; the next rows are another file's.
  void end_file(const std::string& file, Notes& notes);
  // {tokens: {encoding, estimated, limits[{limit, of, over, cut_off}]}}, or an empty object.
  Json report() const;

 private:
  class Thread;
  Tiers(plugin::Registry& registry, const CheckTiers& tiers, const io::CancelToken& cancel);

  plugin::Registry& registry_;
  const CheckTiers tiers_;
  io::CancelToken cancel_;
  std::shared_ptr<const class PersonalTable> personal_;
  std::vector<std::shared_ptr<Thread>> threads_;
  std::vector<std::uint64_t> over_, cut_off_;  // of each limit
};

}  // namespace fthost::flow

// AsSent: records as a provider would get them, each in the rows of its format for such records, under that format's
// rules. One thread.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "data/check.hpp"
#include "flow/notes.hpp"
#include "flow/row_encoder.hpp"
#include "flow/source.hpp"
#include "plugin/registry.hpp"

namespace fthost::flow {

// The rules of these formats, where they have some, and `rules`, the caller's own.
Result<std::vector<data::RuleTable>> tables_of(plugin::Registry& registry, const std::vector<std::string>& formats,
                                               const Json& rules);

// The formats in which a provider gets records: one for all, and one for preferences if it has one of its own.
Result<std::vector<std::string>> sent_formats(const plugin::Registry& registry, const std::string& provider);

class AsSent {
 public:
  // The first format is for all records, a second for preferences.
  static Result<AsSent> create(plugin::Registry& registry, const std::vector<std::string>& formats,
                               const std::string& name, Notes& notes, const io::CancelToken& cancel);

  // False: it would be refused.
  Result<bool> row(const Row& row);
  // Findings about the file, but for those of these codes: they have been told.
  void finish(const std::map<std::string, std::size_t>& told);

 private:
  struct Shared {
    Notes* notes;
    std::string id;
    std::map<std::string, std::size_t> told;
  };
  struct OneFormat {
    OneFormat(const std::string& name, std::unique_ptr<RowEncoder> made, std::vector<data::RuleTable> tables,
              const std::shared_ptr<Shared>& shared);
    std::unique_ptr<RowEncoder> encoder;
    data::Checker checker;
  };
  AsSent(std::string name, Notes& notes)
      : name_(std::move(name)), shared_(std::make_shared<Shared>(Shared{&notes, {}, {}})) {}

  std::string name_;
  std::shared_ptr<Shared> shared_;
  std::vector<std::unique_ptr<OneFormat>> formats_;  // the second, if there is one, for preferences
};

}  // namespace fthost::flow

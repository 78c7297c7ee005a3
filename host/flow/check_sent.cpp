#include "flow/check_sent.hpp"

#include <algorithm>

#include "flow/formats.hpp"

namespace fthost::flow {

namespace {

Result<void> add_table(std::vector<data::RuleTable>& tables, std::string_view json, const std::string& provider,
                       const std::string& owner) {
  auto table = data::RuleTable::load(json, provider, owner);
  if (!table) return table.error();
  tables.push_back(std::move(*table));
  return {};
}

}  // namespace

Result<std::vector<data::RuleTable>> tables_of(plugin::Registry& registry, const std::vector<std::string>& formats,
                                               const Json& rules) {
  std::vector<data::RuleTable> tables;
  for (const auto& name : formats) {
    auto found = registry.find(FT_FORMATTER, name);
    if (!found) return found.error();
    if (!found->desc->rules) continue;
    if (auto done = add_table(tables, found->desc->rules, name, "formatter \"" + name + "\""); !done)
      return done.error();
  }
  if (!rules.empty()) {
    if (auto done = add_table(tables, rules.dump(), "", "the profile's rules"); !done) return done.error();
  }
  return tables;
}

Result<std::vector<std::string>> sent_formats(const plugin::Registry& registry, const std::string& provider) {
  auto all = formats_of(registry, provider);
  if (!all) return all.error();
  const auto known = [&](const std::string& format) {
    return std::find(all->begin(), all->end(), format) != all->end();
  };
  std::vector<std::string> formats{known(provider)             ? provider
                                   : known(provider + "-chat") ? provider + "-chat"
                                                               : all->front()};
  if (known(provider + "-preference")) formats.push_back(provider + "-preference");
  return formats;
}

AsSent::OneFormat::OneFormat(const std::string& name, std::unique_ptr<RowEncoder> made,
                             std::vector<data::RuleTable> tables, const std::shared_ptr<Shared>& shared)
    : encoder(std::move(made)),
      checker(name, {.messages = false, .messages_needed = false, .duplicates = false}, std::move(tables),
              [shared](const data::Finding& finding) {
                if (finding.line > 0 || !shared->told.contains(finding.code))
                  shared->notes->finding(finding, shared->id);
              }) {}

Result<AsSent> AsSent::create(plugin::Registry& registry, const std::vector<std::string>& formats,
                              const std::string& name, Notes& notes, const io::CancelToken& cancel) {
  AsSent sent(name, notes);
  for (const std::string& format : formats) {
    auto tables = tables_of(registry, {format}, Json::array());
    if (!tables) return tables.error();
    auto encoder = RowEncoder::create(registry, format, cancel);
    if (!encoder) return encoder.error();
    sent.formats_.push_back(std::make_unique<OneFormat>(name, std::move(*encoder), std::move(*tables), sent.shared_));
  }
  return sent;
}

Result<bool> AsSent::row(const Row& row) {
  const bool preference = row.record.find("chosen") || row.record.find("rejected");
  OneFormat& format = *formats_[preference && formats_.size() > 1 ? 1 : 0];
  shared_->id.assign(row.id);
  const std::size_t errors = shared_->notes->errors();
  auto text = format.encoder->encode(name_, row.line, row.id, row.record, *shared_->notes);
  if (!text) return text.error();
  if (!text->empty()) format.checker.row(row.line, *text);
  return shared_->notes->errors() == errors;
}

void AsSent::finish(const std::map<std::string, std::size_t>& told) {
  shared_->id.clear();
  shared_->told = told;
  // A format that no record is in has no file.
  for (const auto& format : formats_) {
    if (format->checker.summary().rows > 0) format->checker.finish();
  }
}

}  // namespace fthost::flow

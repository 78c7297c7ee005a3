#include "plugin/conformance_subject.hpp"

#include <set>

#include "plugin/loader.hpp"

namespace fthost::plugin::conformance {

std::string Subject::owner() const { return std::string(kind_name(desc->kind)) + " \"" + desc->name + "\""; }

Json Subject::config() const {
  static const std::set<std::string> kPaths = {"path", "file", "folder", "journal"};
  Json given = Json::object();
  const Json none = Json::object();
  const Json& properties = schema.contains("properties") ? schema["properties"] : none;
  for (const Json& key : schema.value("required", Json::array())) {
    const auto name = key.get<std::string>();
    const Json& property = properties.contains(name) ? properties[name] : none;
    if (property.contains("default")) continue;
    if (property.value("type", Json()) == "string" && kPaths.contains(name))
      given[name] = harness.fresh_path(name);
    else if (property.contains("enum"))
      given[name] = property["enum"].at(0);
    else if (property.contains("examples"))
      given[name] = property["examples"].at(0);
    else
      fail("the suite has no value for the required option \"" + name +
           "\"; give it a default or examples in the schema");
  }
  auto config = apply_schema(schema, given, owner());
  if (!config) fail("the schema refuses its own defaults: " + config.error().sentence());
  const auto inside = [&](const std::string& path) -> Result<std::string> {
    return path.starts_with(harness.folder()) ? path : harness.folder() + "/0-" + path;
  };
  resolve_paths(schema, *config, inside).value();
  return *config;
}

Made::Made(const Subject& subject, const Json& config) : subject_(subject) {
  const auto text = std::make_shared<std::string>(config.dump());
  const auto seen = subject.harness.run(
      [text, self = self_, entry = subject.entry, index = subject.index, host = subject.harness.host()](ft_call call) {
        return entry->create(index, host, call, str(*text), &self->self, &self->table);
      });
  open_ = seen.status == FT_OK && self_->self;
  seen.ok("create");
  expect(self_->self && self_->table, "create returned FT_OK without an instance or a table");
  const auto problem = table_problem(subject.desc->kind, self_->table);
  expect(problem.empty(), problem);
}

Made::~Made() {
  if (!open_ || subject_.harness.stuck()) return;
  try {
    subject_.harness.run([self = self_, entry = subject_.entry, index = subject_.index](ft_call) {
      entry->destroy(index, self->self);
      return FT_OK;
    });
  } catch (const Stuck&) {  // the harness knows: the next call is refused
  } catch (const Failed&) {
  }
}

namespace {

std::vector<std::vector<Cell>> cut(const ft_desc& desc, const std::vector<Json>& rows) {
  const Json list(rows);
  std::vector<std::vector<Cell>> columns;
  for (std::uint32_t i = 0; i < desc.column_count; ++i) columns.push_back(cut_column(list, desc.columns[i]));
  if (columns.empty()) columns.emplace_back(rows.size());  // so that the batch has its rows
  return columns;
}

}  // namespace

Rows::Rows(const ft_desc& desc, const std::vector<Json>& rows, std::uint64_t first_line)
    : Rows(cut(desc, rows), first_line) {}

Rows::Rows(std::vector<std::vector<Cell>> columns, std::uint64_t first_line)
    : cells_(std::move(columns)), first_(first_line), batch_(*cells_.get()) {
  for (std::size_t i = 0; i < batch_.row_count; ++i) lines_.push_back(first_line + i);
  batch_.rows = lines_.data();
}

}  // namespace fthost::plugin::conformance

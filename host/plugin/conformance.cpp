#include "plugin/conformance.hpp"

#include <cstdlib>
#include <filesystem>

#include "plugin/conformance_subject.hpp"
#include "plugin/elf.hpp"
#include "plugin/loader.hpp"

namespace fthost::plugin {
namespace {

using namespace conformance;
namespace fs = std::filesystem;

// A folder of its own, removed at the end.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string pattern = (fs::temp_directory_path() / "fthost-check-XXXXXX").string();
    if (!::mkdtemp(pattern.data())) throw Failure(errno_error(errno, "cannot make a temporary folder", pattern));
    path_ = pattern;
  }
  ~TemporaryFolder() {
    std::error_code ec;
    fs::remove_all(path_, ec);
  }
  TemporaryFolder(const TemporaryFolder&) = delete;
  const std::string& path() const { return path_; }

 private:
  std::string path_;
};

void check_subject(Checks& checks, Subject& subject) {
  const ft_desc& desc = *subject.desc;
  checks.run("descriptor", [&] {
    expect(*desc.version && *desc.summary, subject.owner() + " has an empty version or summary");
    expect(std::string(desc.summary).find('\n') == std::string::npos, "the summary is not one line");
    expect(subject.entry->describe(subject.index) == &desc, "describe gives another address for the same plugin");
    return subject.owner() + " " + desc.version;
  });
  bool created = false;
  checks.run("schema", [&] {
    subject.schema = parse_schema(desc.config_schema, subject.owner()).value();
    const auto unknown = apply_schema(subject.schema, Json{{"no-such-option", 1}}, subject.owner());
    expect(!unknown, "an unknown option is taken; add \"additionalProperties\": false");
    return unknown.error().sentence();
  });
  checks.run("create", [&] {
    const Made once(subject, subject.config());
    const Made again(subject, subject.config());
    created = true;
    return "two instances of the default configuration";
  });
  if (!created) return;
  switch (desc.kind) {
    case FT_SCORER:
      return check_scorer(checks, subject);
    case FT_FORMATTER:
      return check_formatter(checks, subject);
    case FT_PROVIDER:
      return check_provider(checks, subject);
    case FT_STORAGE:
      return check_storage(checks, subject);
  }
}

int run_entry(Checks& checks, const ft_entry* entry, const ConformanceOptions& options) {
  const TemporaryFolder folder;
  auto harness = std::make_unique<Harness>(options, folder.path());
  try {
    for (std::uint32_t i = 0; i < entry->plugin_count; ++i) {
      Subject subject{*harness, entry, i, entry->describe(i), {}};
      check_subject(checks, subject);
    }
  } catch (const Stuck&) {
    (void)harness.release();  // its thread is still inside
    return 2;
  }
  if (harness->stuck()) {
    checks.verdict("destroy", false, "destroying an instance did not return");
    (void)harness.release();
    return 2;
  }
  return checks.all_good() ? 0 : 1;
}

}  // namespace

int run_conformance(const std::string& path, const ConformanceReport& report, const ConformanceOptions& options) {
  Checks checks(report);
  checks.run("symbols", [&] {
    const auto names = exported_symbols(path);
    if (!names) fail(names.error().sentence());
    std::string all;
    for (const auto& name : *names) all += (all.empty() ? "" : ", ") + name;
    expect(*names == std::vector<std::string>{"ft_plugin_entry"},
           "exports " + (all.empty() ? "nothing" : all) +
               " and must export ft_plugin_entry alone; build it with ft_add_plugin()");
    return all;
  });
  const ft_entry* entry = nullptr;
  checks.run("library", [&] {
    const auto loaded = load_library(path);
    if (!loaded) fail(loaded.error().sentence());
    entry = *loaded;
    const std::string stem = fs::path(path).stem().string();
    bool named = false;
    for (std::uint32_t i = 0; i < entry->plugin_count; ++i) named = named || stem == entry->describe(i)->name;
    expect(named, "no plugin in it has the name of the file, " + stem + ", so it cannot be found");
    return std::to_string(entry->plugin_count) + (entry->plugin_count == 1 ? " plugin" : " plugins");
  });
  return entry ? run_entry(checks, entry, options) : 1;
}

int run_conformance(const ft_entry* entry, const ConformanceReport& report, const ConformanceOptions& options) {
  Checks checks(report);
  checks.run("library", [&] {
    if (auto checked = check_entry(entry, "(built in)"); !checked) fail(checked.error().sentence());
    return std::to_string(entry->plugin_count) + " linked in";
  });
  return checks.all_good() ? run_entry(checks, entry, options) : 1;
}

}  // namespace fthost::plugin

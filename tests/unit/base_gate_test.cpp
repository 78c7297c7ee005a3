#include <unistd.h>

#include <boost/test/unit_test.hpp>
#include <filesystem>
#include <fstream>

#include <optional>

#include "base/gate.hpp"

namespace {

namespace fs = std::filesystem;
using fthost::Access;
using fthost::Gate;

// A project beside a folder that it must not reach.
struct Project {
  Project() {
    std::string name = (fs::temp_directory_path() / "fthost-gate-XXXXXX").string();
    root = fs::canonical(mkdtemp(name.data()));
    project = root / "project";
    fs::create_directories(project / "data");
    fs::create_directories(root / "project-two");
    std::ofstream(root / "secret") << "x";
    std::ofstream(project / "data/examples.jsonl") << "{}\n";
    gate.emplace(Gate::sandbox(project, {}).value());
  }
  ~Project() { fs::remove_all(root); }

  bool allows(const std::string& path, Access access = Access::read) const {
    return gate->path(path, access).has_value();
  }

  fs::path root, project;
  std::optional<Gate> gate;
};

}  // namespace

BOOST_FIXTURE_TEST_CASE(gate_allows_paths_inside_the_project, Project) {
  BOOST_TEST(gate->path("data/examples.jsonl", Access::read).value() == project / "data/examples.jsonl");
  BOOST_TEST(gate->path("data/../data/./new/deep.jsonl", Access::write).value() == project / "data/new/deep.jsonl");
  BOOST_TEST(allows((project / "data").string()));
  BOOST_TEST(allows("."));
  BOOST_TEST(allows("..data"));
}

BOOST_FIXTURE_TEST_CASE(gate_refuses_paths_outside, Project) {
  for (const char* path : {"..", "../secret", "data/../../secret", "/etc/passwd", "/", "../project-two/x",
                           "missing/../../secret", "missing/../x"})
    BOOST_TEST(!allows(path), path);
  BOOST_TEST(!allows(""));
  BOOST_TEST(!allows(std::string("data\0/../../secret", 17)));
  const auto refused = gate->path("../secret", Access::read);
  BOOST_TEST(refused.error().sentence() ==
             "../secret: this path is outside the project; the sandbox allows paths in " + project.string() + " only");
}

BOOST_FIXTURE_TEST_CASE(gate_follows_links_before_it_answers, Project) {
  fs::create_symlink(root / "secret", project / "file_link");
  fs::create_symlink(root, project / "folder_link");
  fs::create_symlink(root / "not yet", project / "dangling");
  fs::create_symlink("data", project / "inner");
  fs::create_symlink("loop_b", project / "loop_a");
  fs::create_symlink("loop_a", project / "loop_b");
  fs::create_symlink("folder_link/secret", project / "chained");
  for (const char* path :
       {"file_link", "folder_link/secret", "folder_link/new", "dangling", "dangling/x", "loop_a", "chained"}) {
    BOOST_TEST(!allows(path, Access::read), path);
    BOOST_TEST(!allows(path, Access::write), path);
  }
  BOOST_TEST(gate->path("inner/new.jsonl", Access::write).value() == project / "data/new.jsonl");
}

BOOST_FIXTURE_TEST_CASE(gate_keeps_what_trusted_runs_load, Project) {
  fs::create_directories(project / "plugins");
  fs::create_symlink("plugins", project / "alias");
  for (const char* path : {".fthost/cache", "plugins/scorer/x.so", "fthost.json", "commands/x.lua",
                           ".git/hooks/pre-commit", "alias/x", "."}) {
    BOOST_TEST(!allows(path, Access::write), path);
    BOOST_TEST(allows(path, Access::read), path);
  }
  BOOST_TEST(allows("fthost.json.bak", Access::write));
}

BOOST_FIXTURE_TEST_CASE(gate_grants_network_and_processes_only_when_told, Project) {
  BOOST_TEST(!gate->network("api.example").has_value());
  BOOST_TEST(!gate->process("sh").has_value());
  Gate::Grants grants;
  grants.network = grants.processes = true;
  const Gate granted = Gate::sandbox(project, grants).value();
  BOOST_TEST(granted.network("api.example").has_value());
  BOOST_TEST(granted.process("sh").has_value());
}

BOOST_FIXTURE_TEST_CASE(open_gate_allows_everything, Project) {
  const Gate open = Gate::open(project);
  BOOST_TEST(open.path("../secret", Access::write).value() == root / "secret");
  BOOST_TEST(open.path("/etc/passwd", Access::read).value() == "/etc/passwd");
  BOOST_TEST(open.network("x").has_value());
  BOOST_TEST(open.process("sh").has_value());
}

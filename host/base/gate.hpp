// Gate: what a script may touch. Every binding that opens a path, starts a process or uses the network asks it first.
// Immutable once made, so any thread may ask. Between the answer and the use, somebody else may still change the
// folder: the gate stops accidents and plain attempts, not a second process that works against it.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/result.hpp"

namespace fthost {

enum class Access { read, write };

// The absolute path with every link resolved, also where the last parts do not exist yet. A link that leads nowhere
// is followed too, so that creating a file through it is seen for what it is. Fails on a loop of links and on what
// may not be looked at.
Result<std::filesystem::path> resolve_links(const std::filesystem::path& path);

// Whether `path` is `folder` or lies in it; both resolved.
bool is_inside(const std::filesystem::path& folder, const std::filesystem::path& path);

class Gate {
 public:
  struct Grants {
    bool network = false;
    bool processes = false;
    // Folders outside the project that may be read: what is installed with fthost.
    std::vector<std::filesystem::path> readable = {};
    // Paths in the project that are read but never written: what a later, trusted run would load or believe.
    std::vector<std::filesystem::path> read_only = {".fthost", ".git", "fthost.json", "plugins", "commands"};
  };

  // Allows everything; relative paths count from `base`, or from the working folder if it is empty.
  static Gate open(std::filesystem::path base = {});
  // Allows paths inside `project` and what is granted. Fails if the folder cannot be resolved.
  static Result<Gate> sandbox(const std::filesystem::path& project, Grants grants);

  bool is_open() const { return open_; }
  const std::filesystem::path& base() const { return base_; }

  // The path to use. Open: `given`, made absolute against the base. Sandbox: with links resolved, or an error.
  Result<std::filesystem::path> path(std::string_view given, Access access) const;
  Result<void> process(std::string_view program) const;
  Result<void> network(std::string_view host) const;

 private:
  bool open_ = true;
  std::filesystem::path base_;
  Grants grants_;
};

}  // namespace fthost

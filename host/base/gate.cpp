#include "base/gate.hpp"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <deque>

namespace fthost {

namespace fs = std::filesystem;

namespace {

constexpr int kMaxLinks = 40;  // as many as the system follows

void queue_parts(std::deque<fs::path>& parts, const fs::path& path) {
  std::deque<fs::path> front;
  for (const fs::path& part : path.relative_path())
    if (!part.empty() && part != ".") front.push_back(part);
  parts.insert(parts.begin(), front.begin(), front.end());
}

Error refused(const std::string& message, std::string_view where, const std::string& hint) {
  return make_error(Code::config, message, std::string(where), hint);
}

}  // namespace

Result<fs::path> resolve_links(const fs::path& path) {
  std::error_code ec;
  const fs::path absolute = path.is_absolute() ? path : fs::current_path(ec) / path;
  if (ec) return errno_error(ec.value(), "find the working folder", path.string());

  fs::path resolved = absolute.root_path();
  std::deque<fs::path> parts;
  queue_parts(parts, absolute);
  int links = 0;
  bool missing = false;  // a part does not exist, so nothing below it does
  while (!parts.empty()) {
    const fs::path part = parts.front();
    parts.pop_front();
    if (part == "..") {
      // The system refuses "missing/..", and a folder made later could be a link: never take such a path apart.
      if (missing) return errno_error(ENOENT, "resolve", path.string());
      resolved = resolved.parent_path();
      continue;
    }
    const fs::path next = resolved / part;
    struct stat status{};
    if (!missing && lstat(next.c_str(), &status) != 0) {
      if (errno != ENOENT) return errno_error(errno, "resolve", path.string());
      missing = true;
    }
    if (missing || !S_ISLNK(status.st_mode)) {
      resolved = next;
      continue;
    }
    if (++links > kMaxLinks) return errno_error(ELOOP, "resolve", path.string());
    const fs::path target = fs::read_symlink(next, ec);
    if (ec) return errno_error(ec.value(), "resolve", path.string());
    if (target.is_absolute()) resolved = target.root_path();
    queue_parts(parts, target);
  }
  return resolved;
}

bool is_inside(const fs::path& folder, const fs::path& path) {
  const auto [end, _] = std::mismatch(folder.begin(), folder.end(), path.begin(), path.end());
  return end == folder.end();
}

Gate Gate::open(fs::path base) {
  Gate gate;
  gate.base_ = std::move(base);
  return gate;
}

Result<Gate> Gate::sandbox(const fs::path& project, Grants grants) {
  auto root = resolve_links(project);
  if (!root) return root.error();
  Gate gate;
  gate.open_ = false;
  gate.base_ = *root;
  gate.grants_ = std::move(grants);
  return gate;
}

Result<fs::path> Gate::path(std::string_view given, Access access) const {
  if (given.empty()) return make_error(Code::input, "the path is empty");
  if (given.find('\0') != std::string_view::npos)
    return make_error(Code::input, "the path contains a zero byte", std::string(given.substr(0, given.find('\0'))));
  const fs::path wanted = base_ / fs::path(given);
  if (open_) return wanted.lexically_normal();

  auto resolved = resolve_links(wanted);
  if (!resolved) return resolved.error();
  if (!is_inside(base_, *resolved)) {
    for (const fs::path& folder : grants_.readable) {
      const auto linked = resolve_links(folder);
      if (access == Access::read && linked && is_inside(*linked, *resolved)) return resolved;
    }
    return refused("this path is outside the project", given,
                   "the sandbox allows paths in " + base_.string() + " only");
  }
  if (access == Access::write) {
    if (*resolved == base_) return refused("the project's folder itself cannot be written", given, "name a file in it");
    for (const fs::path& kept : grants_.read_only) {
      const auto linked = resolve_links(base_ / kept);
      if (is_inside(base_ / kept, *resolved) || (linked && is_inside(*linked, *resolved)))
        return refused("the sandbox does not write to " + kept.string(), given,
                       "write to another folder of the project");
    }
  }
  return resolved;
}

Result<void> Gate::process(std::string_view program) const {
  if (open_ || grants_.processes) return {};
  return refused("the sandbox does not start processes", program, "run the script without --sandbox if you trust it");
}

Result<void> Gate::network(std::string_view host) const {
  if (open_ || grants_.network) return {};
  return refused("the sandbox does not use the network", host, "grant it, or run the script without --sandbox");
}

}  // namespace fthost

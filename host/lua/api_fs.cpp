// ft.fs: files and folders, each path through the gate. Reading and writing happen on workers.
#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>

#include "base/log.hpp"
#include "io/files.hpp"
#include "lua/async.hpp"
#include "lua/binding.hpp"
#include "lua/host_info.hpp"
#include "lua/state.hpp"

namespace fthost::lua {
namespace {

namespace fs = std::filesystem;

// The argument as a path that may be used.
fs::path check_path(lua_State* L, int arg, Access access) {
  auto path = State::from(L).gate().path(check_string(L, arg, "path"), access);
  if (!path) throw Failure(path.error());
  return *path;
}

// ft.fs.read(path): the bytes of a file of up to 64 MB.
int fs_read(lua_State* L) {
  const fs::path path = check_path(L, 1, Access::read);
  return run_push(L, {}, [path](const io::CancelToken&) -> Result<Push> {
    auto bytes = io::read_file(path);
    if (!bytes) return bytes.error();
    return Push([bytes = std::move(*bytes)](lua_State* S) {
      lua_pushlstring(S, bytes.data(), bytes.size());
      return 1;
    });
  });
}

// ft.fs.write(path, bytes): replaces the file at one instant, durably.
int fs_write(lua_State* L) {
  const fs::path path = check_path(L, 1, Access::write);
  const std::string bytes(check_string(L, 2, "bytes"));
  return run_nothing(L, {}, [path, bytes](const io::CancelToken&) { return io::write_atomic(path, bytes); });
}

// ft.fs.append(path, lines): whole lines at the end of a file, durably.
int fs_append(lua_State* L) {
  const fs::path path = check_path(L, 1, Access::write);
  const std::string lines(check_string(L, 2, "lines"));
  if (!lines.ends_with('\n')) bad_argument(L, 2, "lines", "text that ends in a newline");
  return run_nothing(L, {}, [path, lines](const io::CancelToken&) -> Result<void> {
    const auto notify = [](const std::string& message) { log_line(LogLevel::warning, message); };
    const bool records = path.extension() == ".jsonl";  // of other lines none can be told to be torn
    auto file =
        io::AppendFile::open(path, [records](std::string_view line) { return !records || Json::accept(line); }, notify);
    if (!file) return file.error();
    auto at = file->append(lines);
    if (!at) return at.error();
    return {};
  });
}

int fs_exists(lua_State* L) {
  std::error_code ec;
  lua_pushboolean(L, fs::exists(check_path(L, 1, Access::read), ec));
  return 1;
}

// ft.fs.kind(path): "file", "folder", "other", or nil where nothing is.
int fs_kind(lua_State* L) {
  std::error_code ec;
  const auto status = fs::status(check_path(L, 1, Access::read), ec);
  switch (status.type()) {
    case fs::file_type::not_found:
    case fs::file_type::none:
      lua_pushnil(L);
      break;
    case fs::file_type::regular:
      lua_pushliteral(L, "file");
      break;
    case fs::file_type::directory:
      lua_pushliteral(L, "folder");
      break;
    default:
      lua_pushliteral(L, "other");
  }
  return 1;
}

// ft.fs.list(path): the names in a folder, sorted, hidden ones left out.
int fs_list(lua_State* L) {
  const fs::path path = check_path(L, 1, Access::read);
  std::vector<std::string> names;
  std::error_code ec;
  for (fs::directory_iterator it(path, ec), end; !ec && it != end; it.increment(ec)) {
    std::string name = it->path().filename().string();
    if (!name.starts_with('.')) names.push_back(std::move(name));
  }
  if (ec) throw Failure(make_error(Code::io, "cannot be listed: " + ec.message(), path.string(), "check the path"));
  std::sort(names.begin(), names.end());
  push_json(L, Json(names));
  return 1;
}

int fs_mkdir(lua_State* L) {
  const fs::path path = check_path(L, 1, Access::write);
  return run_nothing(L, {}, [path](const io::CancelToken&) { return io::ensure_folder(path); });
}

int fs_copy(lua_State* L) {
  const fs::path from = check_path(L, 1, Access::read), to = check_path(L, 2, Access::write);
  return run_nothing(L, {}, [from, to](const io::CancelToken&) { return io::copy_file(from, to); });
}

// ft.fs.remove(path): a file, a link (not what it points to), or a folder with all that is in it.
int fs_remove(lua_State* L) {
  fs::path path = check_path(L, 1, Access::write);
  fs::path given(check_string(L, 1, "path"));
  if (!given.has_filename()) given = given.parent_path();  // "folder/"
  if (given.filename() != "." && given.filename() != "..") {
    const std::string parent = given.has_parent_path() ? given.parent_path().string() : ".";
    auto folder = State::from(L).gate().path(parent, Access::read);
    if (!folder) throw Failure(folder.error());
    path = *folder / given.filename();
  }
  return run_nothing(L, {}, [path](const io::CancelToken&) -> Result<void> {
    std::error_code ec;
    fs::remove_all(path, ec);
    if (ec) return make_error(Code::io, "cannot be removed: " + ec.message(), path.string(), "check the path");
    return {};
  });
}

int fs_size(lua_State* L) {
  const fs::path path = check_path(L, 1, Access::read);
  std::error_code ec;
  const auto size = fs::file_size(path, ec);
  if (ec) throw Failure(make_error(Code::io, "has no size: " + ec.message(), path.string(), "check the path"));
  lua_pushinteger(L, static_cast<lua_Integer>(size));
  return 1;
}

// ft.fs.resolve(path): absolute, links followed; in the sandbox an error for what lies outside.
int fs_resolve(lua_State* L) {
  auto path = resolve_links(check_path(L, 1, Access::read));
  if (!path) throw Failure(path.error());
  lua_pushlstring(L, path->c_str(), path->native().size());
  return 1;
}

}  // namespace

void open_fs(lua_State* L) {
  lua_newtable(L);
  set_functions(L, "ft.fs",
                {{"read", entry<fs_read>},
                 {"write", entry<fs_write>},
                 {"append", entry<fs_append>},
                 {"exists", entry<fs_exists>},
                 {"kind", entry<fs_kind>},
                 {"list", entry<fs_list>},
                 {"mkdir", entry<fs_mkdir>},
                 {"copy", entry<fs_copy>},
                 {"remove", entry<fs_remove>},
                 {"size", entry<fs_size>},
                 {"resolve", entry<fs_resolve>}});
  lua_setfield(L, -2, "fs");
}

}  // namespace fthost::lua

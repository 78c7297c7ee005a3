#include "files.hpp"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cmath>

namespace fthost::engine {
namespace fs = std::filesystem;

Result<std::string> read_file(const fs::path& path) {
  const int fd = ::open(path.c_str(), O_RDONLY | O_CLOEXEC);
  if (fd < 0) return errno_error(errno, "open", path.string());
  std::string text;
  char buffer[1 << 16];
  for (;;) {
    const ssize_t got = ::read(fd, buffer, sizeof buffer);
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) {
      const int number = errno;
      ::close(fd);
      return errno_error(number, "read", path.string());
    }
    if (got == 0) break;
    text.append(buffer, static_cast<std::size_t>(got));
  }
  ::close(fd);
  return text;
}

Result<Json> read_json(const fs::path& path) {
  auto text = read_file(path);
  if (!text) return text.error();
  try {
    return Result<Json>(boost::system::in_place_value, Json::parse(*text));
  } catch (const Json::parse_error& error) {
    const std::string all = error.what();  // "[...] parse error at line 1, column 2: ..."
    const std::size_t at = all.find("at line "), end = all.find(':', at == all.npos ? 0 : at);
    return make_error(Code::input, "broken JSON" + (at == all.npos ? "" : " " + all.substr(at, end - at)),
                      path.string(), "mend the file");
  }
}

Result<void> write_file(const fs::path& path, const std::vector<std::string_view>& pieces) {
  fs::path temporary = path;
  temporary += ".partial";
  const int fd = ::open(temporary.c_str(), O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
  if (fd < 0) return errno_error(errno, "create", temporary.string());
  const auto failed = [&](const char* action) {
    const int number = errno;
    ::close(fd);
    ::unlink(temporary.c_str());
    return errno_error(number, action, path.string());
  };
  for (std::string_view piece : pieces) {
    while (!piece.empty()) {
      const ssize_t put = ::write(fd, piece.data(), piece.size());
      if (put < 0 && errno == EINTR) continue;
      if (put < 0) return failed("write");
      piece.remove_prefix(static_cast<std::size_t>(put));
    }
  }
  if (::fsync(fd) != 0) return failed("fsync");
  ::close(fd);
  if (::rename(temporary.c_str(), path.c_str()) != 0) return errno_error(errno, "rename", path.string());
  return {};
}

Result<void> write_file(const fs::path& path, std::string_view text) { return write_file(path, std::vector{text}); }

Result<void> make_folder(const fs::path& path) {
  std::error_code ec;
  fs::create_directories(path, ec);
  if (ec) return errno_error(ec.value(), "create folder", path.string());
  return {};
}

Result<void> replace_folder(const fs::path& from, const fs::path& to) {
  std::error_code ec;
  if (fs::exists(to, ec)) {
    fs::path old = to;
    old += ".old";
    fs::remove_all(old, ec);
    fs::rename(to, old, ec);
    if (ec) return errno_error(ec.value(), "move aside", to.string());
    fs::rename(from, to, ec);
    if (ec) return errno_error(ec.value(), "rename", to.string());
    fs::remove_all(old, ec);
    return {};
  }
  fs::rename(from, to, ec);
  if (ec) return errno_error(ec.value(), "rename", to.string());
  return {};
}

JsonReader::JsonReader(const Json& object, std::string where, std::string pointer)
    : object_(object), where_(std::move(where)), pointer_(std::move(pointer)) {
  if (!object_.is_object()) {
    failed_ = true;
    error_ = make_error(Code::config, "expected an object, got " + std::string(object_.type_name()),
                        where_ + " " + (pointer_.empty() ? "/" : pointer_));
    object_ = Json::object();
  }
}

const Json* JsonReader::find(const std::string& key) {
  asked_.push_back(key);
  const auto found = object_.find(key);
  return found == object_.end() || found->is_null() ? nullptr : &*found;
}

bool JsonReader::has(const std::string& key) const {
  const auto found = object_.find(key);
  return found != object_.end() && !found->is_null();
}

void JsonReader::fail(const std::string& key, const std::string& message, const std::string& hint) {
  if (failed_) return;
  failed_ = true;
  error_ = make_error(Code::config, message, where_ + " " + pointer_ + "/" + key, hint);
}

std::int64_t JsonReader::integer(const std::string& key, std::int64_t fallback, std::int64_t least, std::int64_t most) {
  const Json* found = find(key);
  if (!found) return fallback;
  std::int64_t value = 0;
  if (found->is_number_integer()) {
    value = found->get<std::int64_t>();
  } else if (found->is_number_float() && found->get<double>() == std::floor(found->get<double>()) &&
             std::abs(found->get<double>()) < 1e15) {
    value = static_cast<std::int64_t>(found->get<double>());
  } else {
    fail(key, found->dump() + " is not an integer");
    return fallback;
  }
  if (value < least) fail(key, std::to_string(value) + " is less than the minimum " + std::to_string(least));
  if (value > most) fail(key, std::to_string(value) + " is more than the maximum " + std::to_string(most));
  return value;
}

double JsonReader::number(const std::string& key, double fallback, double least, double most) {
  const Json* found = find(key);
  if (!found) return fallback;
  if (!found->is_number()) {
    fail(key, found->dump() + " is not a number");
    return fallback;
  }
  const double value = found->get<double>();
  if (value < least) fail(key, found->dump() + " is less than the minimum " + Json(least).dump());
  if (value > most) fail(key, found->dump() + " is more than the maximum " + Json(most).dump());
  return value;
}

bool JsonReader::boolean(const std::string& key, bool fallback) {
  const Json* found = find(key);
  if (!found) return fallback;
  if (!found->is_boolean()) {
    fail(key, found->dump() + " is not true or false");
    return fallback;
  }
  return found->get<bool>();
}

std::string JsonReader::text(const std::string& key, const std::string& fallback) {
  const Json* found = find(key);
  if (!found) return fallback;
  if (!found->is_string()) {
    fail(key, found->dump() + " is not a string");
    return fallback;
  }
  return found->get<std::string>();
}

std::string JsonReader::required_text(const std::string& key) {
  const std::string value = text(key, "");
  if (value.empty()) fail(key, "is required and is not there");
  return value;
}

std::string JsonReader::choice(const std::string& key, const std::string& fallback,
                               std::span<const char* const> allowed) {
  const std::string value = text(key, fallback);
  std::string list;
  for (const char* one : allowed) {
    if (value == one) return value;
    list += (list.empty() ? "" : ", ") + std::string(one);
  }
  fail(key, "\"" + value + "\" is none of " + list);
  return fallback;
}

const Json* JsonReader::value(const std::string& key) { return find(key); }

JsonReader JsonReader::object(const std::string& key) {
  const Json* found = find(key);
  return JsonReader(found ? *found : Json::object(), where_, pointer_ + "/" + key);
}

Result<void> JsonReader::finish() {
  if (!failed_)
    for (const auto& [key, value] : object_.items())
      if (std::find(asked_.begin(), asked_.end(), key) == asked_.end())
        fail(key, "is not known", "remove it or check its spelling");
  if (failed_) return error_;
  return {};
}

}  // namespace fthost::engine

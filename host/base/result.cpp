#include "base/result.hpp"

#include <cerrno>
#include <cstring>
#include <new>

namespace fthost {

const char* code_name(Code code) {
  switch (code) {
    case Code::config:
      return "config";
    case Code::input:
      return "input";
    case Code::unsupported:
      return "unsupported";
    case Code::io:
      return "io";
    case Code::retry:
      return "retry";
    case Code::cancelled:
      return "cancelled";
    case Code::auth:
      return "auth";
    case Code::conflict:
      return "conflict";
    case Code::internal:
      return "internal";
    case Code::timeout:
      return "timeout";
    case Code::limit:
      return "limit";
  }
  return "internal";
}

std::string Error::sentence() const {
  std::string text;
  if (!where.empty()) text += where + ": ";
  text += message;
  if (!hint.empty()) text += "; " + hint;
  return text;
}

Error caught_error() {
  try {
    throw;
  } catch (const Failure& failure) {
    return failure.error();
  } catch (const std::bad_alloc&) {
    return make_error(Code::limit, "there is not enough memory", {}, "free some memory and run it again");
  } catch (const std::exception& error) {
    return make_error(Code::internal, error.what());
  } catch (...) {
    return make_error(Code::internal, "an unknown exception was thrown");
  }
}

Error errno_error(int number, const std::string& action, const std::string& path, const std::string& hint) {
  std::string advice = hint;
  if (advice.empty()) {
    if (number == ENOSPC || number == EDQUOT) advice = "free some space and run the command again; nothing was lost";
    if (number == EACCES || number == EPERM || number == EROFS)
      advice = "check the permissions of the file and its folder";
    if (number == ENOENT) advice = "check the path";
  }
  return make_error(Code::io, action + ": " + std::strerror(number), path, advice);
}

}  // namespace fthost

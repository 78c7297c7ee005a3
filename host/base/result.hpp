// Error and Result<T>: how every layer of the host says that something did not work.
// An Error is for a person first: what happened, where, and what to do; the code is for programs.
#pragma once

#include <boost/system/result.hpp>
#include <cstdint>
#include <stdexcept>
#include <string>
#include <utility>

namespace fthost {

// Codes are those of the plugin boundary, so that an error keeps its meaning across it.
enum class Code {
  config,       // the configuration or the command line is wrong
  input,        // the data or the request is wrong
  unsupported,  // cannot be done with this plugin, vendor or account
  io,           // file, network or process failed
  retry,        // failed, and the same call may succeed later
  cancelled,
  auth,
  conflict,  // somebody else changed it
  internal,  // a defect
  timeout,
  limit,  // time or memory limit of a script
};

const char* code_name(Code code);

struct Error {
  Code code = Code::internal;
  std::string message;  // what happened, without a final full stop
  std::string where;    // file:line, plugin and config path, address; may be empty
  std::string hint;     // what to do; may be empty
  std::string details;  // JSON object with more fields (http_status, request_id, retry_after_ms), or empty

  // "where: message; hint" in one line.
  std::string sentence() const;
};

// Carries an Error through code that uses exceptions (constructors, the Lua trampoline).
class Failure : public std::runtime_error {
 public:
  explicit Failure(Error error) : std::runtime_error(error.sentence()), error_(std::move(error)) {}
  const Error& error() const { return error_; }

 private:
  Error error_;
};

// Found by boost::system::result: value() of a failed Result throws Failure.
[[noreturn]] inline void throw_exception_from_error(const Error& error, const boost::source_location&) {
  throw Failure(error);
}

template <class T>
using Result = boost::system::result<T, Error>;

// The Error of the exception being handled; only inside a catch. For the few places that nothing may leave: the
// threads, and the functions that C code calls.
Error caught_error();

inline Error make_error(Code code, std::string message, std::string where = {}, std::string hint = {}) {
  return Error{code, std::move(message), std::move(where), std::move(hint), {}};
}

// The Error of an errno value: "open: No such file or directory" with the path as `where`.
Error errno_error(int number, const std::string& action, const std::string& path, const std::string& hint = {});

}  // namespace fthost

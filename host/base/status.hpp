// The codes of Error and of the plugin boundary, one for the other. For libraries that link fthost::plugin-api.
#pragma once

#include <ft_plugin.h>

#include "base/result.hpp"

namespace fthost {

inline Code code_of(ft_status status) {
  switch (status) {
    case FT_E_CONFIG:
      return Code::config;
    case FT_E_INPUT:
      return Code::input;
    case FT_E_UNSUPPORTED:
      return Code::unsupported;
    case FT_E_IO:
      return Code::io;
    case FT_E_RETRY:
      return Code::retry;
    case FT_E_CANCELLED:
      return Code::cancelled;
    case FT_E_AUTH:
      return Code::auth;
    case FT_E_CONFLICT:
      return Code::conflict;
    default:
      return Code::internal;
  }
}

inline ft_status status_of(Code code) {
  switch (code) {
    case Code::config:
      return FT_E_CONFIG;
    case Code::input:
    case Code::limit:
      return FT_E_INPUT;
    case Code::unsupported:
      return FT_E_UNSUPPORTED;
    case Code::io:
      return FT_E_IO;
    case Code::retry:
    case Code::timeout:
      return FT_E_RETRY;
    case Code::cancelled:
      return FT_E_CANCELLED;
    case Code::auth:
      return FT_E_AUTH;
    case Code::conflict:
      return FT_E_CONFLICT;
    case Code::internal:
      return FT_E_INTERNAL;
  }
  return FT_E_INTERNAL;
}

}  // namespace fthost

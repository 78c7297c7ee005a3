// The handle that scripts hold on what counts tokens; api_flow.cpp takes it as an argument too.
#pragma once

#include <memory>
#include "lua/lua.hpp"

#include "flow/token_model.hpp"

namespace fthost::lua {

struct TokensHandle {
  std::shared_ptr<const flow::TokenModel> model;
  std::unique_ptr<flow::TokenModel::Counter> counter;  // made with the first count
};

// The model of the handle at `index`. Throws what a script can read.
std::shared_ptr<const flow::TokenModel> check_tokens(lua_State* L, int index, const char* what);

}  // namespace fthost::lua

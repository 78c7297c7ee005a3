// Handles: C++ objects that scripts hold, as userdata with methods by type. The object is destroyed when Lua collects
// the userdata; a collected or foreign userdata is refused, and scripts cannot reach the metatable.
#pragma once

#include "lua/binding.hpp"

namespace fthost::lua {

template <class T>
inline char handle_key = 0;  // its address is the type's key in the registry

// The parts that do not depend on the type.
void define_handle_type(lua_State* L, const void* key, const std::string& name, lua_CFunction collect,
                        std::initializer_list<Function> methods, std::initializer_list<Function> metamethods);
void* test_handle(lua_State* L, int index, const void* key);                        // null: another thing
void* check_handle(lua_State* L, int arg, const void* key, std::string_view what);  // throws
void set_handle_type(lua_State* L, const void* key);                                // of the userdata on top

// `name` is "ft.dataset". A method that does not exist is an error that names the nearest. Metamethods such as
// "__len" come as they are; "__gc" is taken.
template <class T>
void define_handle(lua_State* L, const std::string& name, std::initializer_list<Function> methods,
                   std::initializer_list<Function> metamethods = {}) {
  const lua_CFunction collect = [](lua_State* S) {
    if (void* object = test_handle(S, 1, &handle_key<T>)) {
      lua_pushnil(S);
      lua_setmetatable(S, 1);  // from now on it is no handle: a second __gc or a late use finds nothing
      static_cast<T*>(object)->~T();
    }
    return 0;
  };
  define_handle_type(L, &handle_key<T>, name, collect, methods, metamethods);
}

// Makes a T inside a new userdata, which is pushed.
template <class T, class... Args>
T& push_handle(lua_State* L, int user_values, Args&&... args) {
  static_assert(alignof(T) <= alignof(std::max_align_t));
  void* memory = lua_newuserdatauv(L, sizeof(T), user_values);
  T* object = new (memory) T(std::forward<Args>(args)...);
  set_handle_type(L, &handle_key<T>);  // last: a constructor that throws leaves a plain userdata behind
  return *object;
}

template <class T>
T* test_handle(lua_State* L, int index) {
  return static_cast<T*>(test_handle(L, index, &handle_key<T>));
}

template <class T>
T& check_handle(lua_State* L, int arg, std::string_view what) {
  return *static_cast<T*>(check_handle(L, arg, &handle_key<T>, what));
}

}  // namespace fthost::lua

# ft_add_plugin(<kind> <name> [SOURCES file...] [LIBRARIES target...] [JSON])
#   kind: provider, formatter, scorer or storage. Default source: <name>.cpp. JSON: links simdjson for ft/json.hpp.
# Builds <kind>/<name>.so that exports ft_plugin_entry and nothing else, and installs it under lib/fthost/plugins.
include_guard(GLOBAL)

function(ft_add_plugin kind name)
  cmake_parse_arguments(PLUGIN "JSON" "" "SOURCES;LIBRARIES" ${ARGN})
  if(NOT kind MATCHES "^(provider|formatter|scorer|storage)$")
    message(FATAL_ERROR "ft_add_plugin(${kind} ${name}): the kind is provider, formatter, scorer or storage")
  endif()
  if(NOT PLUGIN_SOURCES)
    set(PLUGIN_SOURCES ${name}.cpp)
  endif()
  set(target ${kind}_${name})
  add_library(${target} MODULE ${PLUGIN_SOURCES})
  target_compile_features(${target} PRIVATE cxx_std_20)
  target_link_libraries(${target} PRIVATE fthost::plugin-api ${PLUGIN_LIBRARIES})
  if(PLUGIN_JSON)
    target_link_libraries(${target} PRIVATE fthost::json)
  endif()
  set(map ${CMAKE_CURRENT_FUNCTION_LIST_DIR}/plugin.map)
  target_link_options(${target} PRIVATE LINKER:--version-script=${map})
  if(NOT FTHOST_SANITIZE)
    target_link_options(${target} PRIVATE LINKER:--no-undefined)
  endif()
  set_target_properties(${target} PROPERTIES
    OUTPUT_NAME ${name} PREFIX "" SUFFIX ".so" LINK_DEPENDS ${map}
    CXX_VISIBILITY_PRESET hidden VISIBILITY_INLINES_HIDDEN ON POSITION_INDEPENDENT_CODE ON
    LIBRARY_OUTPUT_DIRECTORY ${FT_PLUGIN_OUTPUT_DIRECTORY}/${kind})
  install(TARGETS ${target} LIBRARY DESTINATION lib/fthost/plugins/${kind} COMPONENT plugins)
endfunction()

# Where plugins are built to: the layout of an installation, so that a build folder runs as it is.
if(NOT FT_PLUGIN_OUTPUT_DIRECTORY)
  set(FT_PLUGIN_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/plugins)
endif()

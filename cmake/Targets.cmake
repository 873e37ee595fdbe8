# What every target of the project is compiled with.
add_library(convoy_options INTERFACE)
target_include_directories(convoy_options INTERFACE ${PROJECT_SOURCE_DIR})
target_compile_options(convoy_options INTERFACE -Wall -Wextra -Wno-missing-field-initializers)
# Some libraries ask for it, and a precompiled header needs the same macros everywhere.
target_compile_options(convoy_options INTERFACE -pthread)
if(CMAKE_CXX_COMPILER_ID MATCHES "Clang")
  target_compile_options(convoy_options INTERFACE -Wthread-safety -Werror=thread-safety)
endif()
if(CONVOY_SANITIZE)
  target_compile_options(convoy_options INTERFACE
    -fsanitize=${CONVOY_SANITIZE} -fno-omit-frame-pointer -fno-sanitize-recover=all)
  target_link_options(convoy_options INTERFACE -fsanitize=${CONVOY_SANITIZE})
endif()

# For what no request passes through: reading options and layers, pages, tests. It
# takes a third to a half less time to compile, most of all where it reads JSON.
add_library(convoy_cold INTERFACE)
target_compile_options(convoy_cold INTERFACE $<$<CONFIG:Release>:-O1>)

# convoy_library(NAME sources... LINK targets... [COLD] [PRECOMPILED set]): one static
# library a folder. COLD: no request passes through it.
function(convoy_library name)
  cmake_parse_arguments(ARG "COLD" "PRECOMPILED" "LINK" ${ARGN})
  add_library(${name} STATIC ${ARG_UNPARSED_ARGUMENTS})
  # Only here: who links an installed library chooses its own warnings.
  target_link_libraries(${name} PUBLIC $<BUILD_INTERFACE:convoy_options> ${ARG_LINK})
  if(ARG_COLD)
    target_link_libraries(${name} PRIVATE convoy_cold)
    set(ARG_PRECOMPILED cold)
  elseif(NOT ARG_PRECOMPILED)
    set(ARG_PRECOMPILED base)
  endif()
  convoy_use_precompiled(${name} ${ARG_PRECOMPILED})
endfunction()

# Tests of what may run under the thread sanitizer; ./run sanitize builds and runs them.
add_custom_target(convoy_thread_tests)

# convoy_test(NAME sources... LINK targets... [PRECOMPILED set] [TIMEOUT seconds]):
# one GoogleTest binary, one ctest entry.
function(convoy_test name)
  cmake_parse_arguments(ARG "" "PRECOMPILED;TIMEOUT" "LINK" ${ARGN})
  if(NOT ARG_TIMEOUT)
    set(ARG_TIMEOUT 300)
  endif()
  if(NOT ARG_PRECOMPILED)
    set(ARG_PRECOMPILED test)
  endif()
  add_executable(${name} ${ARG_UNPARSED_ARGUMENTS})
  target_link_libraries(${name} PRIVATE convoy_cold ${ARG_LINK} GTest::gmock_main)
  convoy_use_precompiled(${name} ${ARG_PRECOMPILED})
  set_target_properties(${name} PROPERTIES RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  add_test(NAME ${name} COMMAND ${name})
  set_tests_properties(${name} PROPERTIES TIMEOUT ${ARG_TIMEOUT})
  if(CMAKE_CURRENT_SOURCE_DIR MATCHES "/tests/(kernel|server/batching)(/|$)")
    add_dependencies(convoy_thread_tests ${name})
    set_tests_properties(${name} PROPERTIES LABELS threads)
  endif()
endfunction()

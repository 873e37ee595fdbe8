# What many sources include, parsed once and not once a source. A set is a target of
# its own, which the libraries and tests that name it share (PRECOMPILED of
# convoy_library and convoy_test):
#
#   base   the standard library and Abseil's status and strings
#   grpc   base, gRPC and the generated protocols
#   cold        base and JSON, for libraries that are COLD
#   test        cold and GoogleTest
#   grpc_test   test and grpc
#
# Every source still includes what it uses: ./run check compiles without the sets.
option(CONVOY_PRECOMPILED_HEADERS "Parse what many sources include only once" ON)

set(CONVOY_BASE_HEADERS
  <algorithm> <array> <atomic> <chrono> <cmath> <cstdint> <functional> <map> <memory> <mutex>
  <optional> <string> <string_view> <thread> <utility> <variant> <vector>
  <absl/status/status.h> <absl/status/statusor.h> <absl/strings/str_cat.h> <absl/types/span.h>)
set(CONVOY_JSON_HEADERS <nlohmann/json.hpp>)
set(CONVOY_GRPC_HEADERS
  <grpcpp/grpcpp.h> <inference/grpc_predict_v2.grpc.pb.h> <grpc/health/v1/health.grpc.pb.h>)
set(CONVOY_TEST_HEADERS <gmock/gmock.h> <gtest/gtest.h>)

# convoy_precompile(NAME HEADERS headers... LINK targets...): the set NAME.
function(convoy_precompile name)
  cmake_parse_arguments(ARG "" "" "HEADERS;LINK" ${ARGN})
  if(NOT CONVOY_PRECOMPILED_HEADERS)
    return()
  endif()
  set(empty ${CMAKE_CURRENT_BINARY_DIR}/precompiled.cc)
  file(TOUCH ${empty})
  add_library(convoy_precompiled_${name} OBJECT ${empty})
  target_link_libraries(convoy_precompiled_${name} PRIVATE convoy_options ${ARG_LINK})
  target_precompile_headers(convoy_precompiled_${name} PRIVATE ${ARG_HEADERS})
  if(CMAKE_CXX_COMPILER_LAUNCHER)
    set_property(TARGET convoy_precompiled_${name} PROPERTY
      CXX_COMPILER_LAUNCHER ${PROJECT_SOURCE_DIR}/scripts/anew.sh ${CMAKE_CXX_COMPILER_LAUNCHER})
  endif()
endfunction()

# convoy_use_precompiled(TARGET NAME): TARGET's sources begin with the set NAME.
function(convoy_use_precompiled target name)
  if(CONVOY_PRECOMPILED_HEADERS)
    target_precompile_headers(${target} REUSE_FROM convoy_precompiled_${name})
  endif()
endfunction()

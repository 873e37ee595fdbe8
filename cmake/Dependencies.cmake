# Every library the project links, found in one place. Versions are the oldest
# that are tested: Debian 12's, and oneDNN from the project's virtual environment.
find_package(Threads REQUIRED)
find_package(OpenMP REQUIRED COMPONENTS CXX)
find_package(absl REQUIRED CONFIG)
find_package(OpenSSL REQUIRED)
find_package(Protobuf REQUIRED)
find_package(gRPC REQUIRED CONFIG)
find_package(dnnl 3.2 REQUIRED CONFIG)
find_package(prometheus-cpp REQUIRED CONFIG)
find_package(nlohmann_json 3.11 REQUIRED CONFIG)
find_package(CLI11 2.1 REQUIRED CONFIG)
find_package(spdlog REQUIRED CONFIG)

find_path(HTTPLIB_INCLUDE_DIR httplib.h REQUIRED)
find_library(HTTPLIB_LIBRARY cpp-httplib REQUIRED)
add_library(httplib::httplib INTERFACE IMPORTED)
target_include_directories(httplib::httplib INTERFACE ${HTTPLIB_INCLUDE_DIR})
target_link_libraries(httplib::httplib INTERFACE ${HTTPLIB_LIBRARY} Threads::Threads)

if(CONVOY_BUILD_TESTS)
  find_package(GTest REQUIRED CONFIG)
  find_package(benchmark REQUIRED CONFIG)
endif()

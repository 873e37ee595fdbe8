# What `cpack` makes in the build folder: Debian packages of what `cmake --install` puts into /usr.
#
#   convoy         programs, protocols, unit
#   libconvoy-dev  the client library
set(CPACK_GENERATOR DEB)
set(CPACK_PACKAGE_CONTACT "Convoy maintainers <maintainers@convoy.invalid>" CACHE STRING
    "Who is responsible for the Debian packages")
set(CPACK_PACKAGE_VENDOR Convoy)
set(CPACK_PACKAGE_DIRECTORY ${PROJECT_BINARY_DIR}/packages)
set(CPACK_STRIP_FILES ON)
# The unit names the prefix, so it is the one on the target and not a folder of the build.
set(CPACK_SET_DESTDIR ON)
set(CPACK_INSTALL_PREFIX /usr)

set(CPACK_DEB_COMPONENT_INSTALL ON)
set(CPACK_COMPONENTS_GROUPING ONE_PER_GROUP)
set(CPACK_COMPONENTS_ALL server service development debian-convoy debian-libconvoy-dev)
set(CPACK_DEBIAN_FILE_NAME DEB-DEFAULT)
set(CPACK_DEBIAN_PACKAGE_SECTION net)
set(CPACK_DEBIAN_PACKAGE_SHLIBDEPS ON)
set(CPACK_DEBIAN_CONVOY_PACKAGE_NAME convoy)
set(CPACK_DEBIAN_CONVOY_PACKAGE_CONTROL_EXTRA
    ${PROJECT_SOURCE_DIR}/packaging/debian/conffiles
    ${PROJECT_SOURCE_DIR}/packaging/debian/postinst
    ${PROJECT_SOURCE_DIR}/packaging/debian/prerm
    ${PROJECT_SOURCE_DIR}/packaging/debian/postrm)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_NAME libconvoy-dev)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_SECTION libdevel)
set(CPACK_DEBIAN_DEVELOPMENT_PACKAGE_DEPENDS
    "libabsl-dev, libgrpc++-dev, libprotobuf-dev, protobuf-compiler-grpc")

# Only in the packages: `cmake --install` leaves these out.
string(TIMESTAMP date "%a, %d %b %Y %H:%M:%S +0000" UTC)
foreach(package convoy libconvoy-dev)
  set(folder ${PROJECT_BINARY_DIR}/debian/${package})
  configure_file(packaging/debian/changelog.in ${folder}/changelog @ONLY)
  execute_process(COMMAND gzip -9nc ${folder}/changelog OUTPUT_FILE ${folder}/changelog.gz)
  install(FILES ${folder}/changelog.gz packaging/debian/copyright COMPONENT debian-${package}
    DESTINATION ${CMAKE_INSTALL_DATAROOTDIR}/doc/${package} EXCLUDE_FROM_ALL)
endforeach()
install(FILES packaging/debian/default DESTINATION /etc/default RENAME convoy
  COMPONENT debian-convoy EXCLUDE_FROM_ALL)

# By the names of the groups below; the first line is the short description.
set(CPACK_DEBIAN_CONVOY_DESCRIPTION
"Inference server for Keras Conv1D layers
Serves Keras Conv1D layers on CPUs over gRPC (Open Inference Protocol v2),
with batching, metrics and health checks. The program convoy is its
command-line tool.")
set(CPACK_DEBIAN_DEVELOPMENT_DESCRIPTION
"client library of the Convoy inference server
Headers, the static library and its CMake package, convoy::client.")

include(CPack)
cpack_add_component_group(convoy)
cpack_add_component_group(development)
foreach(component server service debian-convoy)
  cpack_add_component(${component} GROUP convoy)
endforeach()
foreach(component development debian-libconvoy-dev)
  cpack_add_component(${component} GROUP development)
endforeach()

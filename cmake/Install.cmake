# What `cmake --install` puts where, by component: `server`, the programs and the protocols;
# `service`, a systemd unit; `development`, the client library with its CMake package. The
# folder can be moved afterwards, except that the unit names it.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(CMAKE_INSTALL_DEFAULT_COMPONENT_NAME server)
install(TARGETS convoy-server convoy RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(FILES LICENSE THIRD_PARTY_NOTICES.md CHANGELOG.md DESTINATION ${CMAKE_INSTALL_DOCDIR})
install(DIRECTORY proto/ DESTINATION ${CMAKE_INSTALL_DATADIR}/convoy/proto
  FILES_MATCHING PATTERN "*.proto")

# A oneDNN that is not the system's comes along, where only the server finds it.
if(NOT dnnl_DIR MATCHES "^/usr/")
  set(private_libraries lib/convoy)
  file(RELATIVE_PATH from_programs /${CMAKE_INSTALL_BINDIR} /${private_libraries})
  set_target_properties(convoy-server PROPERTIES INSTALL_RPATH "$ORIGIN/${from_programs}")
  install(PROGRAMS $<TARGET_FILE:DNNL::dnnl> DESTINATION ${private_libraries}
    RENAME $<TARGET_SONAME_FILE_NAME:DNNL::dnnl>)
endif()

# The client library, as convoy::client.
set(CMAKE_INSTALL_DEFAULT_COMPONENT_NAME development)
set(headers ${CMAKE_INSTALL_INCLUDEDIR}/convoy)
set(package ${CMAKE_INSTALL_LIBDIR}/cmake/convoy)
set_target_properties(convoy_client PROPERTIES EXPORT_NAME client)
set_target_properties(convoy_proto PROPERTIES EXPORT_NAME proto)
target_compile_features(convoy_client PUBLIC cxx_std_20)
install(TARGETS convoy_client convoy_proto EXPORT convoyTargets
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
  INCLUDES DESTINATION ${headers})
install(EXPORT convoyTargets NAMESPACE convoy:: DESTINATION ${package})
install(DIRECTORY client DESTINATION ${headers}
  FILES_MATCHING PATTERN "*.h" PATTERN tool EXCLUDE)
install(DIRECTORY ${PROJECT_BINARY_DIR}/proto/gen/inference ${PROJECT_BINARY_DIR}/proto/gen/convoy DESTINATION ${headers}
  FILES_MATCHING PATTERN "*.pb.h" PATTERN "*_mock.grpc.pb.h" EXCLUDE)
configure_package_config_file(cmake/convoyConfig.cmake.in convoyConfig.cmake
  INSTALL_DESTINATION ${package})
write_basic_package_version_file(convoyConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${PROJECT_BINARY_DIR}/convoyConfig.cmake
  ${PROJECT_BINARY_DIR}/convoyConfigVersion.cmake DESTINATION ${package})

set(CMAKE_INSTALL_DEFAULT_COMPONENT_NAME service)
# The prefix is known when it is installed.
install(CODE "
  set(SERVER \"\${CMAKE_INSTALL_PREFIX}/${CMAKE_INSTALL_BINDIR}/convoy-server\")
  configure_file(\"${PROJECT_SOURCE_DIR}/packaging/convoy-server.service.in\"
    \"${PROJECT_BINARY_DIR}/convoy-server.service\" @ONLY)")
install(FILES ${PROJECT_BINARY_DIR}/convoy-server.service DESTINATION lib/systemd/system)

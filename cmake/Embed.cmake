# convoy_embed(SOURCE HEADER header NAMESPACE name TEXTS constant file ...): writes SOURCE
# into the binary folder when a file changes. It defines each constant, a
# std::string_view that `header` declares, as the text of its file.
function(convoy_embed source)
  cmake_parse_arguments(ARG "" "HEADER;NAMESPACE" "TEXTS" ${ARGN})
  set(files)
  list(LENGTH ARG_TEXTS length)
  math(EXPR last "${length} - 1")
  foreach(i RANGE 1 ${last} 2)
    list(GET ARG_TEXTS ${i} file)
    list(APPEND files ${CMAKE_CURRENT_SOURCE_DIR}/${file})
  endforeach()
  set(script ${PROJECT_SOURCE_DIR}/cmake/EmbedTexts.cmake)
  add_custom_command(
    OUTPUT ${CMAKE_CURRENT_BINARY_DIR}/${source}
    COMMAND ${CMAKE_COMMAND} -D SOURCE=${CMAKE_CURRENT_BINARY_DIR}/${source} -D HEADER=${ARG_HEADER}
            -D NAMESPACE=${ARG_NAMESPACE} -D "TEXTS=${ARG_TEXTS}" -P ${script}
    WORKING_DIRECTORY ${CMAKE_CURRENT_SOURCE_DIR}
    DEPENDS ${files} ${script}
    VERBATIM)
endfunction()

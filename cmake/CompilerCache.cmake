# A compiler cache, where one is installed, in front of every compiler call.
#
# CMAKE_CXX_COMPILER_LAUNCHER names another launcher, or none when it is empty.
# ccache takes sources that see a precompiled header only when it may trust that
# no macro of theirs and none of __DATE__ and __TIME__ changes that header, which
# holds here: CMake names it with -include, ahead of the source's first line.
if(NOT DEFINED CMAKE_CXX_COMPILER_LAUNCHER)
  find_program(CONVOY_CCACHE ccache)
  if(CONVOY_CCACHE)
    set(CMAKE_CXX_COMPILER_LAUNCHER ${CONVOY_CCACHE})
  endif()
endif()
if(CMAKE_CXX_COMPILER_LAUNCHER MATCHES "(^|/)ccache$")
  set(sloppiness pch_defines,time_macros,include_file_mtime,include_file_ctime)
  set(CMAKE_CXX_COMPILER_LAUNCHER
      ${CMAKE_COMMAND} -E env CCACHE_SLOPPINESS=${sloppiness} ${CMAKE_CXX_COMPILER_LAUNCHER})
  unset(sloppiness)
endif()
if(CMAKE_CXX_COMPILER_LAUNCHER)
  message(STATUS "Compiler launcher: ${CMAKE_CXX_COMPILER_LAUNCHER}")
endif()

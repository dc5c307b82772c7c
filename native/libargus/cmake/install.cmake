# What `cmake --install` puts into the prefix: headers, the library, the CMake package and the pkg-config file.
include(CMakePackageConfigHelpers)
include(GNUInstallDirs)

install(TARGETS argus EXPORT argus-targets ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR})
install(DIRECTORY include/argus DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})

set(package ${CMAKE_INSTALL_LIBDIR}/cmake/argus)
install(EXPORT argus-targets NAMESPACE argus:: DESTINATION ${package})
configure_package_config_file(cmake/argus-config.cmake.in ${CMAKE_CURRENT_BINARY_DIR}/argus-config.cmake
  INSTALL_DESTINATION ${package})
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/argus-config-version.cmake COMPATIBILITY SameMinorVersion)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/argus-config.cmake ${CMAKE_CURRENT_BINARY_DIR}/argus-config-version.cmake
  DESTINATION ${package})

# The library is static, so what it uses is the program's to link, the C++ runtime of a C program too.
if(ARGUS_TRANSPORT STREQUAL "curl")
  set(pc_requires "libcurl zlib")
elseif(ARGUS_TRANSPORT STREQUAL "winhttp")
  set(pc_requires "zlib")
  set(pc_libs "-lwinhttp")
endif()
if(APPLE)
  string(APPEND pc_libs " -lc++")
elseif(NOT MSVC)
  string(APPEND pc_libs " -lstdc++ -lm -pthread")
endif()
# From where the file lies, so that `cmake --install --prefix` and a moved folder work.
file(RELATIVE_PATH prefix_from_pc ${CMAKE_INSTALL_FULL_LIBDIR}/pkgconfig ${CMAKE_INSTALL_PREFIX})
configure_file(cmake/argus.pc.in ${CMAKE_CURRENT_BINARY_DIR}/argus.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/argus.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig)

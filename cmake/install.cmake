# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
# Installs the CMake package: find_package(banzhaf) gives the target banzhaf::banzhaf, and banzhaf::banzhaf_c for C.
# Other builds find the C interface with pkg-config. None of this is part of the wheel.

include(CMakePackageConfigHelpers)
include(GNUInstallDirs)
set(config_dir "${CMAKE_INSTALL_LIBDIR}/cmake/banzhaf")

install(TARGETS banzhaf EXPORT banzhafTargets ARCHIVE COMPONENT cpp
        INCLUDES DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
install(DIRECTORY cpp/include/ DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" COMPONENT cpp
        FILES_MATCHING PATTERN "*.hpp" PATTERN "*.h")
if(BANZHAF_CAPI)
  install(TARGETS banzhaf_c EXPORT banzhafTargets COMPONENT cpp INCLUDES DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
  install(FILES cpp/capi/banzhaf.h DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" COMPONENT cpp)
  file(RELATIVE_PATH prefix_from_pc "/prefix/${CMAKE_INSTALL_LIBDIR}/pkgconfig" "/prefix")
  string(REGEX REPLACE "/$" "" prefix_from_pc "${prefix_from_pc}")
  configure_file(cpp/capi/banzhaf.pc.in banzhaf.pc @ONLY)
  install(FILES "${PROJECT_BINARY_DIR}/banzhaf.pc" DESTINATION "${CMAKE_INSTALL_LIBDIR}/pkgconfig" COMPONENT cpp)
endif()
install(EXPORT banzhafTargets NAMESPACE banzhaf:: DESTINATION "${config_dir}" COMPONENT cpp)

configure_package_config_file(cmake/banzhafConfig.cmake.in banzhafConfig.cmake INSTALL_DESTINATION "${config_dir}")
write_basic_package_version_file(banzhafConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/banzhafConfig.cmake" "${PROJECT_BINARY_DIR}/banzhafConfigVersion.cmake"
        DESTINATION "${config_dir}" COMPONENT cpp)
install(FILES LICENSE LICENSE-third-party.txt DESTINATION "${CMAKE_INSTALL_DATADIR}/licenses/banzhaf" COMPONENT cpp)

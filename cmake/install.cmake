# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
# Installs the CMake package: find_package(banzhaf) gives the target banzhaf::banzhaf. It is not part of the wheel.

include(CMakePackageConfigHelpers)
include(GNUInstallDirs)
set(config_dir "${CMAKE_INSTALL_LIBDIR}/cmake/banzhaf")

install(TARGETS banzhaf EXPORT banzhafTargets ARCHIVE COMPONENT cpp
        INCLUDES DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}")
install(DIRECTORY cpp/include/ DESTINATION "${CMAKE_INSTALL_INCLUDEDIR}" COMPONENT cpp
        FILES_MATCHING PATTERN "*.hpp" PATTERN "*.h")
install(EXPORT banzhafTargets NAMESPACE banzhaf:: DESTINATION "${config_dir}" COMPONENT cpp)

configure_package_config_file(cmake/banzhafConfig.cmake.in banzhafConfig.cmake INSTALL_DESTINATION "${config_dir}")
write_basic_package_version_file(banzhafConfigVersion.cmake COMPATIBILITY SameMinorVersion)
install(FILES "${PROJECT_BINARY_DIR}/banzhafConfig.cmake" "${PROJECT_BINARY_DIR}/banzhafConfigVersion.cmake"
        DESTINATION "${config_dir}" COMPONENT cpp)
install(FILES LICENSE LICENSE-third-party.txt DESTINATION "${CMAKE_INSTALL_DATADIR}/licenses/banzhaf" COMPONENT cpp)

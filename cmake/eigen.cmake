# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
# banzhaf_use_eigen(target): adds Eigen's headers, from the copy in the sdist or from the build requirement cmeel-eigen.

set(BANZHAF_EIGEN_INCLUDE_DIR "" CACHE PATH "Folder that holds Eigen/Core; found by itself when empty")
set(eigen_dir "${BANZHAF_EIGEN_INCLUDE_DIR}")
if(NOT eigen_dir AND EXISTS "${PROJECT_SOURCE_DIR}/cpp/third_party/eigen/Eigen/Core")
  set(eigen_dir "${PROJECT_SOURCE_DIR}/cpp/third_party/eigen")
endif()
if(NOT eigen_dir)
  find_package(Python 3.10 QUIET COMPONENTS Interpreter)
  if(Python_Interpreter_FOUND)
    execute_process(
      COMMAND "${Python_EXECUTABLE}" "${PROJECT_SOURCE_DIR}/tools/vendored_eigen.py"
      OUTPUT_VARIABLE eigen_dir
      OUTPUT_STRIP_TRAILING_WHITESPACE ERROR_QUIET)
  endif()
endif()
if(NOT EXISTS "${eigen_dir}/Eigen/Core")
  message(FATAL_ERROR "Eigen's headers are missing: pip install cmeel-eigen==3.4.1 for ${Python_EXECUTABLE},"
                      " or give their folder as BANZHAF_EIGEN_INCLUDE_DIR")
endif()
message(STATUS "Eigen: ${eigen_dir}")

function(banzhaf_use_eigen target)
  target_include_directories(${target} SYSTEM PRIVATE "${eigen_dir}")
  target_compile_definitions(${target} PRIVATE EIGEN_MPL2_ONLY EIGEN_DONT_PARALLELIZE)
endfunction()

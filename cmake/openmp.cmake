# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
# banzhaf_use_threads(target): gives the target what BANZHAF_THREADS asks for and the macro that src/parallel.hpp reads.

if(NOT BANZHAF_THREADS MATCHES "^(openmp|std|none)$")
  message(FATAL_ERROR "BANZHAF_THREADS must be openmp, std or none, not ${BANZHAF_THREADS}")
endif()
set(banzhaf_threads ${BANZHAF_THREADS})
if(banzhaf_threads STREQUAL openmp)
  if(NOT MSVC) # its OpenMP is version 2.0
    find_package(OpenMP COMPONENTS CXX)
  endif()
  if(NOT OpenMP_CXX_FOUND)
    message(STATUS "No usable OpenMP: loops run on std::thread")
    set(banzhaf_threads std)
  endif()
endif()
if(NOT banzhaf_threads STREQUAL none)
  set(THREADS_PREFER_PTHREAD_FLAG ON)
  find_package(Threads REQUIRED)
endif()

function(banzhaf_use_threads target)
  if(banzhaf_threads STREQUAL openmp)
    target_link_libraries(${target} PRIVATE OpenMP::OpenMP_CXX Threads::Threads)
    target_compile_definitions(${target} PRIVATE BANZHAF_THREADS_OPENMP)
  elseif(banzhaf_threads STREQUAL std)
    target_link_libraries(${target} PRIVATE Threads::Threads)
    target_compile_definitions(${target} PRIVATE BANZHAF_THREADS_STD)
  endif()
endfunction()

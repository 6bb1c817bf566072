# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
# banzhaf_use_threads(target): adds the libraries for BANZHAF_THREADS, and the macro that support/parallel.cpp reads.

if(NOT BANZHAF_THREADS MATCHES "^(std|none)$")
  message(FATAL_ERROR "BANZHAF_THREADS must be std or none, not ${BANZHAF_THREADS}")
endif()
if(NOT BANZHAF_THREADS STREQUAL none)
  set(THREADS_PREFER_PTHREAD_FLAG ON)
  find_package(Threads REQUIRED)
endif()

function(banzhaf_use_threads target)
  if(NOT BANZHAF_THREADS STREQUAL none)
    target_link_libraries(${target} PRIVATE Threads::Threads)
    target_compile_definitions(${target} PRIVATE BANZHAF_THREADS_STD)
  endif()
endfunction()

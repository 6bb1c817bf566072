// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Runs a test on a small stack, such as the 128 KiB that musl gives a thread.
#pragma once

#include <cstddef>

#include "check.hpp"

#if defined(__unix__) || defined(__APPLE__)
#include <pthread.h>
#endif

namespace banzhaf::testing {

#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
inline constexpr std::size_t small_stack = std::size_t{1} << 20;  // larger, because the frames of a sanitizer are
#else
inline constexpr std::size_t small_stack = std::size_t{128} << 10;
#endif

inline void on_a_small_stack(void (*body)()) {
#if defined(__unix__) || defined(__APPLE__)
  pthread_attr_t attributes;
  pthread_attr_init(&attributes);
  CHECK(pthread_attr_setstacksize(&attributes, small_stack) == 0);
  pthread_t thread;
  const auto run = [](void* argument) -> void* {
    (*static_cast<void (**)()>(argument))();
    return nullptr;
  };
  const int failed = pthread_create(&thread, &attributes, run, &body);
  if (failed == 0) pthread_join(thread, nullptr);
  CHECK(failed == 0);  // only here, because the thread counts checks too
  pthread_attr_destroy(&attributes);
#else
  body();
#endif
}

}  // namespace banzhaf::testing

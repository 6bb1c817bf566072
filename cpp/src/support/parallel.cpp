// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// A pool of threads that all callers share. A caller always works on its own loop, so a loop ends even if no threads
// can be made. Threads that wake up late find nothing left, and nobody waits for them.
#include "support/parallel.hpp"

#include <atomic>
#include <charconv>
#include <cstdlib>
#include <exception>
#include <stdexcept>
#include <string>
#include <string_view>

#include "support/cpus.hpp"

#if defined(BANZHAF_THREADS_STD)
#include <condition_variable>
#include <mutex>
#include <thread>
#if defined(__unix__) || defined(__APPLE__)
#include <pthread.h>
#include <sys/mman.h>

#include <csignal>
#else
#include <system_error>
#endif
#if defined(__x86_64__) || defined(_M_X64)
#include <immintrin.h>
#endif
#endif

namespace banzhaf {

int default_num_threads() {
  if (const char* setting = std::getenv("OMP_NUM_THREADS")) {
    const std::string_view text(setting);
    int threads = 0;
    // In a list such as "4,2" for nested regions, the first number applies here.
    const auto parsed = std::from_chars(text.data(), text.data() + text.size(), threads);
    if (parsed.ec == std::errc() && threads > 0) return threads;
  }
  return usable_cpus();
}

std::size_t most_threads() { return std::max<std::size_t>(16, 4 * static_cast<std::size_t>(usable_cpus())); }

void require_threads(int num_threads) {
  if (num_threads < 0)
    throw std::invalid_argument("num_threads must be positive, or 0 for the default, got " +
                                std::to_string(num_threads));
}

std::size_t threads_for(int num_threads, std::size_t work) {
  require_threads(num_threads);
  // About half a millisecond. If a core is busy elsewhere, waiting for a second thread takes many times as long.
  constexpr std::size_t work_per_thread = 1'000'000;
  const std::size_t useful = work / work_per_thread;
  if (useful <= 1 || num_threads == 1) return 1;
  const int asked = num_threads > 0 ? num_threads : default_num_threads();
  return std::min({useful, static_cast<std::size_t>(asked), most_threads()});
}

#if defined(BANZHAF_THREADS_STD)
namespace {

// How often an idle thread looks for work before it sleeps, about 50 microseconds, because loops often follow one
// another.
constexpr int most_looks = 1000;
constexpr std::size_t least_stack = std::size_t{1} << 20;   // musl's own 128 KiB are not enough
constexpr std::size_t spare_memory = std::size_t{8} << 20;  // memory that must be free beside the stack of a new thread

thread_local bool inside_loop = false;

void relax() {
#if defined(__x86_64__) || defined(_M_X64)
  _mm_pause();
#elif defined(__aarch64__)
  asm volatile("isb" ::: "memory");
#endif
}

struct Job {
  Job(const Tasks& given, std::size_t wanted) : tasks(given), n_wanted(wanted) {}

  // An exception must not leave a worker, so it is passed to the caller.
  void work() noexcept {
    inside_loop = true;
    try {
      for (std::size_t task = next++; task < tasks.n_tasks; task = next++) {
        checkpoint();
        tasks.call(tasks.body, task);
      }
    } catch (...) {
      next = tasks.n_tasks;
      const std::lock_guard<std::mutex> guard(error_lock);
      if (!error) error = std::current_exception();
    }
    inside_loop = false;
  }

  Tasks tasks;
  std::atomic<std::size_t> next{0};
  std::atomic<std::size_t> n_helpers{0};  // written under the pool's lock
  std::size_t n_wanted;                   // protected by the pool's lock, like the links
  Job* after = nullptr;
  std::mutex error_lock;
  std::exception_ptr error;
};

class Pool {
 public:
  void run(Job& job) {
    const bool one_helper = job.n_wanted == 1;
    {
      const std::lock_guard<std::mutex> guard(lock_);
      *last_ = &job;
      last_ = &job.after;
      n_wanted_ += job.n_wanted;
      while (n_idle_ < n_wanted_.load() && n_workers_.load() < most_workers && start_worker()) {
        ++n_workers_;
        ++n_idle_;  // it looks for work first
      }
    }
    if (one_helper)
      wake_.notify_one();
    else
      wake_.notify_all();
    job.work();
    std::unique_lock<std::mutex> guard(lock_);
    close(job);
    if (job.n_helpers.load() == 0) return;
    guard.unlock();
    for (int look = 0; look < most_looks && job.n_helpers.load() > 0; ++look) relax();
    guard.lock();
    done_.wait(guard, [&] { return job.n_helpers.load() == 0; });
  }

  [[nodiscard]] std::size_t n_workers() const { return n_workers_; }

  void before_fork() { lock_.lock(); }
  void after_fork() { lock_.unlock(); }

 private:
  // The limit for all callers together.
  static constexpr std::size_t most_workers = 1024;

  // Takes the job from the list, so that no thread can join it. The caller holds the lock.
  void close(Job& job) {
    n_wanted_ -= job.n_wanted;
    job.n_wanted = 0;
    Job** link = &first_;
    while (*link != nullptr && *link != &job) link = &(*link)->after;
    if (*link == nullptr) return;
    *link = job.after;
    if (last_ == &job.after) last_ = link;
  }

  void work() noexcept {
    std::unique_lock<std::mutex> guard(lock_);
    while (true) {
      if (first_ == nullptr) {
        guard.unlock();
        for (int look = 0; look < most_looks && n_wanted_.load() == 0; ++look) relax();
        guard.lock();
        wake_.wait(guard, [&] { return first_ != nullptr; });
      }
      Job& job = *first_;
      ++job.n_helpers;
      --n_idle_;
      --n_wanted_;
      if (--job.n_wanted == 0) close(job);
      guard.unlock();
      job.work();
      guard.lock();
      ++n_idle_;
      // The caller may return and end the job as soon as the lock is released.
      if (--job.n_helpers == 0) done_.notify_all();
    }
  }

#if defined(__unix__) || defined(__APPLE__)
  // The C library ends the process if a thread finds no memory for its own variables.
  static bool fits(std::size_t bytes) noexcept {
    void* const trial = mmap(nullptr, bytes, PROT_NONE, MAP_PRIVATE | MAP_ANON, -1, 0);
    return trial != MAP_FAILED && munmap(trial, bytes) == 0;
  }
#endif

  /// Makes one more thread, and returns whether this worked. The caller holds the lock, for which the new thread waits.
  bool start_worker() noexcept {
#if defined(__unix__) || defined(__APPLE__)
    // Signals of the process belong to the threads of its owner. Faults stay with the thread that caused them.
    sigset_t blocked, before;
    sigfillset(&blocked);
    for (const int fault : {SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGABRT, SIGTRAP, SIGPROF}) sigdelset(&blocked, fault);
    pthread_attr_t attributes;
    if (pthread_attr_init(&attributes) != 0) return false;
    std::size_t stack = 0;
    static_cast<void>(pthread_attr_getstacksize(&attributes, &stack));
    if (stack < least_stack) static_cast<void>(pthread_attr_setstacksize(&attributes, stack = least_stack));
    static_cast<void>(pthread_attr_setdetachstate(&attributes, PTHREAD_CREATE_DETACHED));
    bool started = fits(stack + spare_memory);
    if (started) {
      static_cast<void>(pthread_sigmask(SIG_SETMASK, &blocked, &before));
      pthread_t thread;
      const auto run = [](void* pool) -> void* {
        static_cast<Pool*>(pool)->work();
        return nullptr;
      };
      started = pthread_create(&thread, &attributes, run, this) == 0;
      static_cast<void>(pthread_sigmask(SIG_SETMASK, &before, nullptr));
    }
    static_cast<void>(pthread_attr_destroy(&attributes));
    return started;
#else
    try {
      std::thread([this] { work(); }).detach();
      return true;
    } catch (const std::system_error&) {
      return false;
    } catch (const std::bad_alloc&) {
      return false;
    }
#endif
  }

  std::mutex lock_;
  std::condition_variable wake_, done_;
  Job* first_ = nullptr;  // jobs that need helpers, oldest first
  Job** last_ = &first_;
  std::size_t n_idle_ = 0;
  std::atomic<std::size_t> n_wanted_{0}, n_workers_{0};
};

// Never destroyed, because its threads may run until the process ends.
std::atomic<Pool*> shared_pool{nullptr};

Pool& pool() {
  Pool* made = shared_pool.load();
  if (made != nullptr) return *made;
  Pool* mine = new Pool;
  if (shared_pool.compare_exchange_strong(made, mine)) return *mine;
  delete mine;
  return *made;
}

#if defined(__unix__) || defined(__APPLE__)
thread_local Pool* forking = nullptr;

// A forked child has none of the threads, so it makes its own pool when it needs one.
[[maybe_unused]] const int fork_handler = pthread_atfork(
    [] {
      if ((forking = shared_pool.load()) != nullptr) forking->before_fork();
    },
    [] {
      if (forking != nullptr) forking->after_fork();
    },
    [] {
      if (forking != nullptr) forking->after_fork();
      shared_pool = nullptr;
    });
#endif

}  // namespace

std::size_t n_workers() {
  const Pool* made = shared_pool.load();
  return made != nullptr ? made->n_workers() : 0;
}

void run_tasks(std::size_t n_threads, const Tasks& tasks) {
  if (!inside_loop) {
    Job job(tasks, n_threads - 1);
    pool().run(job);
    if (job.error) std::rethrow_exception(job.error);
    return;
  }
#else
std::size_t n_workers() { return 0; }

void run_tasks(std::size_t, const Tasks& tasks) {
#endif
  for (std::size_t task = 0; task < tasks.n_tasks; ++task) {
    checkpoint();
    tasks.call(tasks.body, task);
  }
}

}  // namespace banzhaf

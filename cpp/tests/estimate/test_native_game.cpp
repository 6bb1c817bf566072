// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Compares games that are C functions with the same games in C++, for every design, batch size and number of threads.
#include <atomic>
#include <bit>
#include <cmath>
#include <limits>
#include <thread>

#include "banzhaf/anytime.hpp"
#include "banzhaf/estimate.hpp"
#include "banzhaf/native_game.hpp"
#include "check.hpp"

namespace {

using namespace banzhaf;
using testing::throws;

// Worths with an interaction, which depend on data, in two outputs.
double worth_of(const std::uint64_t* coalition, std::size_t n_players, const double* weights) {
  double sum = 0;
  for (std::size_t i = 0; i < n_players; ++i)
    if (banzhaf_contains(coalition, i) != 0) sum += weights[i];
  return std::tanh(sum);
}

extern "C" {

static int curved(const std::uint64_t* coalitions, std::size_t n_coalitions, std::size_t n_players, double* worths,
                  std::size_t n_outputs, void* data) {
  for (std::size_t r = 0; r < n_coalitions; ++r) {
    const double worth = worth_of(coalitions + r * banzhaf_words(n_players), n_players, static_cast<double*>(data));
    for (std::size_t o = 0; o < n_outputs; ++o) worths[r * n_outputs + o] = worth - 10.0 * static_cast<double>(o);
  }
  return 0;
}

// Writes nothing for coalitions of players 0, 1 and 2.
static int silent(const std::uint64_t* coalitions, std::size_t n_coalitions, std::size_t n_players, double* worths,
                  std::size_t, void*) {
  for (std::size_t r = 0; r < n_coalitions; ++r) {
    const std::uint64_t* coalition = coalitions + r * banzhaf_words(n_players);
    if ((coalition[0] & 7U) != 7U) worths[r] = 1;
  }
  return 0;
}

static int failing(const std::uint64_t* coalitions, std::size_t n_coalitions, std::size_t n_players, double* worths,
                   std::size_t n_outputs, void* data) {
  auto& left = *static_cast<std::atomic<int>*>(data);
  if (--left < 0) return 5;
  for (std::size_t r = 0; r < n_coalitions * n_outputs; ++r)
    worths[r] = std::popcount(coalitions[r * banzhaf_words(n_players)]);
  return 0;
}

static const char* text_of(int code, void*) { return code == 5 ? "no more" : nullptr; }

// Counts calls that overlap.
struct Overlap {
  std::atomic<int> inside{0}, most{0};
};

static int watched(const std::uint64_t*, std::size_t n_coalitions, std::size_t, double* worths, std::size_t,
                   void* data) {
  auto& overlap = *static_cast<Overlap*>(data);
  const int now = ++overlap.inside;
  for (int most = overlap.most; now > most && !overlap.most.compare_exchange_weak(most, now);) {
  }
  std::this_thread::sleep_for(std::chrono::milliseconds(1));
  for (std::size_t r = 0; r < n_coalitions; ++r) worths[r] = 1;
  --overlap.inside;
  return 0;
}
}

banzhaf_game described(banzhaf_game_function function, void* data = nullptr, std::size_t n_outputs = 1) {
  return {.version = BANZHAF_NATIVE_VERSION,
          .flags = 0,
          .function = function,
          .data = data,
          .n_players = 0,
          .n_outputs = n_outputs,
          .error_text = &text_of};
}

bool same(const Estimate& a, const Estimate& b) {
  return a.values == b.values && a.mean_worth == b.mean_worth && a.n_evaluations == b.n_evaluations &&
         a.stopped == b.stopped &&
         std::equal(a.standard_errors.begin(), a.standard_errors.end(), b.standard_errors.begin(),
                    [](double x, double y) { return x == y || (std::isnan(x) && std::isnan(y)); });
}

void check_values() {
  for (const std::size_t n : {1, 7, 64, 65, 200}) {
    std::vector<double> weights = testing::normals(n, 3);
    const Game plain = [&](CoalitionsView batch, std::vector<double>& worths) {
      for (std::size_t r = 0; r < batch.n_rows; ++r)
        for (int o = 0; o < 2; ++o) worths.push_back(worth_of(batch.row(r), n, weights.data()) - 10.0 * o);
    };
    const banzhaf_game game = described(&curved, weights.data(), 2);
    for (const DesignKind kind :
         {DesignKind::hadamard, DesignKind::paired, DesignKind::independent, DesignKind::walks}) {
      const Design design(kind, n, 4 * n + 41, 5);
      const Estimate expected = estimate(plain, design);
      for (const int threads : {1, 3}) {
        for (const std::size_t batch : {0, 1, 7}) {
          CHECK(same(estimate(NativeGame(game, threads), design, {.num_threads = threads}, batch), expected));
        }
      }
      // Also behind another function, which hides the kind of game.
      const Game hidden = [native = NativeGame(game, 2)](CoalitionsView batch, std::vector<double>& worths) {
        native(batch, worths);
      };
      CHECK(same(estimate(hidden, design), expected));
    }
    if (n > 20) continue;
    const Design all(DesignKind::exhaustive, n, 0, 0);
    CHECK(same(estimate(NativeGame(game), all), estimate(plain, all)));
  }
}

void check_early_stops() {
  std::vector<double> weights = testing::normals(40, 4);
  const NativeGame native(described(&curved, weights.data()), 2);
  const Game plain = [&](CoalitionsView batch, std::vector<double>& worths) { native(batch, worths); };
  const Design design = anytime_design(DesignKind::hadamard, 40, 4000, 1, std::numeric_limits<double>::infinity());
  const Anytime anytime{.rules = {.tolerance = 0.05}};
  const Estimate found = estimate(native, design, anytime);
  CHECK(found.stopped == Stopped::tolerance && same(found, estimate(plain, design, anytime)));
}

void check_refusals() {
  const Design design(DesignKind::hadamard, 9, 256, 0);
  GameEvaluation evaluation(design);
  CHECK(
      throws<std::domain_error>([&] { evaluation.evaluate(NativeGame(described(&silent), 2)); }, "coalition {0, 1, 2"));
  Coalitions row(1, 9);
  bool first = true;
  for (std::size_t r = 0; r < evaluation.n_evaluated(); ++r) {
    design.fill_row(r, row.row(0));
    first &= (row.row(0)[0] & 7U) != 7U && evaluation.worths().row(r)[0] == 1;
  }
  design.fill_row(evaluation.n_evaluated(), row.row(0));
  CHECK(first && (row.row(0)[0] & 7U) == 7U);
  CHECK(estimate(NativeGame(described(&silent)), design, {}, 0, OnNonfinite::drop).n_dropped > 0);

  for (const int threads : {1, 3}) {
    std::atomic<int> left{3};
    GameEvaluation ended(design);
    const NativeGame game(described(&failing, &left), threads);
    CHECK(throws<std::runtime_error>([&] { ended.evaluate(game, 4); }, "game returned the error 5: no more"));
    CHECK(ended.n_evaluated() > 0 && ended.n_evaluated() <= 12);
    left = 1000;
    ended.evaluate(game, 4);
    CHECK(ended.n_evaluated() == 256);
  }
  const auto refused = [](banzhaf_game game, const char* part) {
    return throws<std::invalid_argument>([&] { const NativeGame made(game); }, part);
  };
  banzhaf_game game = described(&curved);
  game.version = BANZHAF_NATIVE_VERSION + 1;
  CHECK(refused(game, "version 2"));
  game = described(nullptr);
  CHECK(refused(game, "null"));
  game = described(&curved, nullptr, 0);
  CHECK(refused(game, "output"));
  game = described(&curved);
  game.flags = 8;
  CHECK(refused(game, "flags"));
  CHECK(throws<std::invalid_argument>([] { const NativeGame made(described(&curved), -1); }, "num_threads"));
  game = described(&silent);
  game.n_players = 10;
  CHECK(throws<std::invalid_argument>([&] { static_cast<void>(estimate(NativeGame(game), design)); }, "10 players"));
}

// A serial game is called by one thread at a time, also from two runs.
void check_serial() {
  for (const bool serial : {true, false}) {
    Overlap overlap;
    banzhaf_game game = described(&watched, &overlap);
    game.flags = serial ? BANZHAF_SERIAL : 0;
    const NativeGame native(game, 2);
    const auto run = [&] {
      GameEvaluation evaluation(Design(DesignKind::paired, 10, 40, 0));
      evaluation.evaluate(native, 1);
    };
    std::thread other(run);
    run();
    other.join();
    CHECK(overlap.inside.load() == 0 && (!serial || overlap.most.load() == 1));
  }
}

}  // namespace

int main() {
  check_values();
  check_early_stops();
  check_refusals();
  check_serial();
  return banzhaf::testing::finish();
}

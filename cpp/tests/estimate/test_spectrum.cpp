// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Checks the coefficients of products of two and three players against those of a game that is a sum of such products.
#include <algorithm>
#include <array>
#include <bit>
#include <cmath>
#include <map>
#include <stdexcept>
#include <vector>

#include "banzhaf/game.hpp"
#include "banzhaf/spectrum.hpp"
#include "check.hpp"

namespace {

using namespace banzhaf;

constexpr std::size_t n = 16;

// A sum of products of up to three players, and its negative.
struct Products {
  std::map<std::uint64_t, double> weights;

  Products() {
    const std::vector<double> drawn = testing::normals(30, 2);
    for (std::uint64_t k = 0; k < drawn.size(); ++k) {
      std::uint64_t set = 0;
      for (std::uint64_t i = 0; i <= k % 3; ++i) set |= std::uint64_t{1} << ((7 * k + 5 * i) % n);
      weights[set] += drawn[k];
    }
  }
  void operator()(CoalitionsView batch, std::vector<double>& worths) const {
    for (std::size_t r = 0; r < batch.n_rows; ++r) {
      double worth = 1;
      for (const auto& [set, weight] : weights)
        worth += std::popcount(~*batch.row(r) & set) % 2 == 0 ? weight : -weight;
      worths.push_back(worth);
      worths.push_back(-worth);
    }
  }
};

double largest_error(const Spectrum& found, const Products& game) {
  double error = 0;
  for (std::size_t s = 0; s < found.n_sets(); ++s) {
    std::uint64_t set = 0;
    for (std::size_t k = 0; k < found.order; ++k) set |= std::uint64_t{1} << found.players[s * found.order + k];
    const auto known = game.weights.find(set);
    const double truth = known == game.weights.end() ? 0 : known->second;
    error =
        std::max({error, std::abs(found.coefficients[2 * s] - truth), std::abs(found.coefficients[2 * s + 1] + truth)});
  }
  return error;
}

void check_designs() {
  const Products game;
  const auto spectrum = [&](DesignKind kind, std::size_t budget, std::size_t order, int num_threads = 1) {
    GameEvaluation evaluation(Design(kind, n, budget, 3));
    evaluation.evaluate(game);
    return estimate_spectrum(evaluation.design(), evaluation.worths(), order, {.num_threads = num_threads});
  };
  // The smallest complete nested design.
  const Spectrum complete = spectrum(DesignKind::hadamard, 256, 2);
  CHECK(complete.n_sets() == n * (n - 1) / 2);
  CHECK(complete.complete);
  CHECK(largest_error(complete, game) < 1e-12);
  CHECK(*std::min_element(complete.errors.begin(), complete.errors.end()) > 0);
  CHECK(complete.unbiased == complete.coefficients);
  for (const DesignKind kind : {DesignKind::fresh, DesignKind::paired}) {
    for (const std::size_t order : {2U, 3U}) {
      const Spectrum found = spectrum(kind, 1600, order);
      CHECK(largest_error(found, game) < 1e-3);
      const Spectrum again = spectrum(kind, 1600, order, 3);
      CHECK(again.coefficients == found.coefficients);
      CHECK(again.errors == found.errors);
      CHECK(again.unbiased == found.unbiased);
      // The squared error has the squared distance from the unbiased estimate as a part.
      CHECK(found.unbiased.size() == found.errors.size());
      for (std::size_t s = 0; s < found.errors.size(); ++s)
        CHECK(std::abs(found.unbiased[s] - found.coefficients[s]) <= found.errors[s]);
    }
  }
}

void check_refusals() {
  const std::vector<double> worths(1600, 1.0);
  const Design pairs(DesignKind::paired, n, 1600, 0);
  const auto refuses = [&](const Design& design, Worths given, std::size_t order, const char* part) {
    CHECK(testing::throws<std::invalid_argument>([&] { static_cast<void>(estimate_spectrum(design, given, order)); },
                                                 part));
  };
  refuses(pairs, {worths, 1}, 4, "order must be 2 or 3");
  refuses(pairs, {worths, 2}, 2, "one row for each of 1600");
  refuses(Design(DesignKind::independent, n, 1600, 0), {worths, 1}, 2, "and its complement");
  refuses(Design(DesignKind::paired, n, 60, 0), {std::span(worths).first(60), 1}, 2, "at least 80 evaluations");
  // A constant game has no interactions.
  const Spectrum none = estimate_spectrum(pairs, {worths, 1}, 2);
  CHECK(std::all_of(none.coefficients.begin(), none.coefficients.end(), [](double c) { return std::abs(c) < 1e-12; }));
}

}  // namespace

int main() {
  check_designs();
  check_refusals();
  return testing::finish();
}

// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// Interactions of every order at once, by a Gaussian process: how much players interact is learnt from the pairs.
//
// A strength theta_i >= 0 for each player gives the odd halves d of pairs x and z the covariance
//     a (exp(g - t) - exp(-g - t)) + [x = z] o,   g = sum_i theta_i x_i z_i,   t = sum_i theta_i,
// which is 2 a exp(-t) sinh(g). As a sum over sets of players, sinh(g) has a term for each odd set T: the product over T
// of x_i z_i, with a weight that is the product over T of tanh(theta_i), times the product of all cosh(theta_i). The even
// halves s have the same with cosh(g), even sets and noise e. So both halves tell which players interact.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "interactions/pair_signs.hpp"

namespace banzhaf {

/// What the covariance depends on. Odd halves are in units of the standard deviation of their residuals.
struct KernelShape {
  std::vector<double> strengths;  ///< theta, one for each player
  double scale = 0;               ///< a
  double odd_noise = 0;           ///< o
  double even_noise = 0;          ///< e
};

/// The pairs of one game. Several games may share their players' strengths.
struct KernelPairs {
  const PairSigns* signs = nullptr;
  std::span<const double> odd;               ///< v(S) - v(S^c) of each pair
  std::span<const double> even;              ///< v(S) + v(S^c) of each pair
  std::span<const std::uint32_t> players{};  ///< the shared numbers of the players of signs; empty if they are the same
};

struct KernelOptions {
  std::size_t most_pairs = 600;  ///< the pairs that shape is learnt from, in each game; others are left out at random
  std::size_t most_steps = 30;   ///< of the search for the shape
  std::uint64_t seed = 0;        ///< for the choice of pairs
  int num_threads = 0;           ///< 0 means default_num_threads()
};

/// Finds the shape that makes the halves of all games most likely (restricted likelihood, with a weak prior on the
/// strengths). n_players is the number of players that the games share. The result has no strengths if nothing could be
/// learnt: no odd half has residuals, or the numbers do not allow a decomposition.
[[nodiscard]] KernelShape learn_kernel(std::size_t n_players, std::span<const KernelPairs> games,
                                       const KernelOptions& options);

/// The negative logarithm of what learn_kernel maximises, as a function of q: the logarithms of the strengths, of a, o and
/// e. For tests.
class KernelLikelihood {
 public:
  KernelLikelihood(std::size_t n_players, std::span<const KernelPairs> games, const KernelOptions& options);
  ~KernelLikelihood();
  KernelLikelihood(const KernelLikelihood&) = delete;
  KernelLikelihood& operator=(const KernelLikelihood&) = delete;

  /// Whether there is anything to learn from.
  [[nodiscard]] bool usable() const noexcept;
  [[nodiscard]] std::vector<double> start() const;
  [[nodiscard]] std::vector<double> lowest() const;
  [[nodiscard]] std::vector<double> highest() const;
  /// Writes the gradient. The result is infinite where a decomposition fails.
  [[nodiscard]] double operator()(std::span<const double> q, std::span<double> gradient) const;

 private:
  struct Game;
  std::size_t n_players_;
  int num_threads_;
  std::vector<Game> games_;
  std::vector<double> start_;
};

/// Predictions of one half of pairs from that of some pairs, under a shape.
class KernelModel final : public OddModel {
 public:
  KernelModel() = default;
  /// Fits to one game. The model predicts 0 if the shape has no strengths, or if a decomposition fails. Only the given
  /// half of the game is needed. Beside the kernel, odd halves have the players' values, and even halves a constant.
  KernelModel(const KernelShape& shape, const KernelPairs& game, Half half = Half::odd);

  /// Whether it predicts anything but 0.
  [[nodiscard]] bool fitted() const noexcept { return !weights_.empty(); }
  void predict(const PairSigns& pairs, std::span<double> out) const override;
  /// Returns the coefficient of the product of some players' signs in the predictions: an odd number of them for odd
  /// halves, an even one for even halves.
  [[nodiscard]] double coefficient(std::span<const std::uint32_t> players) const;

 private:
  Half half_ = Half::odd;
  PairSigns signs_;
  std::vector<double> strengths_;  // of the game's players
  std::vector<double> weights_;    // one for each pair that it was fitted to, times a
};

/// Learns the shape from one game and fits to it.
[[nodiscard]] KernelModel fit_kernel(const PairSigns& signs, std::span<const double> odd, std::span<const double> even,
                                     const KernelOptions& options);

}  // namespace banzhaf

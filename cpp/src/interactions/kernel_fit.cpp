// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

#include "interactions/kernel_fit.hpp"

#include <Eigen/Dense>
#include <algorithm>
#include <cmath>
#include <limits>
#include <numeric>
#include <utility>

#include "interactions/minimise.hpp"
#include "regression/dense.hpp"
#include "support/interrupt.hpp"
#include "support/parallel.hpp"
#include "support/random.hpp"

namespace banzhaf {
namespace {

using Matrix = Eigen::MatrixXd;
using Vector = Eigen::VectorXd;

// The prior on log(theta): normal around the start, with this inverse variance.
constexpr double prior = 0.05;
// The share of a matrix's mean diagonal that is added to it, so that rounding does not end a decomposition.
constexpr double jitter = 1e-10;
// The search ends when a step makes the logarithm of the likelihood better by less than this.
constexpr double tolerance = 0.02;

Eigen::Index index(std::size_t i) { return static_cast<Eigen::Index>(i); }

// X as numbers, one row for each pair.
Matrix expand(const PairSigns& signs) {
  Matrix x(index(signs.n_pairs()), index(signs.n_players()));
  for (std::size_t i = 0; i < signs.n_players(); ++i) signs.expand(i, {x.col(index(i)).data(), signs.n_pairs()});
  return x;
}

// exp(g - t) and exp(-g - t) for numbers g that are at most t in size. A division is faster than a second exponential.
class TwoExponentials {
 public:
  explicit TwoExponentials(double t) : t_(t), product_(t < most_ ? std::exp(-2 * t) : 0) {}

  [[nodiscard]] std::pair<double, double> of(double g) const {
    const double first = std::exp(g - t_);
    return {first, t_ < most_ ? product_ / first : std::exp(-g - t_)};
  }

 private:
  static constexpr double most_ = 300;  // beyond, the product may be 0

  double t_, product_;
};

// Sets both parts of the covariance between the rows of x, without a and noise: exp(g - t) -+ exp(-g - t).
void fill_kernels(const Matrix& x, const Vector& theta, Matrix& odd, Matrix& even) {
  const TwoExponentials exponentials(theta.sum());
  const Eigen::Index size = x.rows();
  odd.setZero(size, size);
  odd.selfadjointView<Eigen::Lower>().rankUpdate(x * theta.cwiseSqrt().asDiagonal());
  even.resize(size, size);
  for (Eigen::Index q = 0; q < size; ++q) {
    for (Eigen::Index p = q; p < size; ++p) {
      const auto [same, differ] = exponentials.of(odd(p, q));
      odd(p, q) = odd(q, p) = same - differ;
      even(p, q) = even(q, p) = same + differ;
    }
  }
}

std::vector<double> player_values(const Matrix& x, const Vector& y) {
  const Eigen::LDLT<Matrix> solver(x.transpose() * x);
  const Vector found = solver.solve(x.transpose() * y);
  return {found.data(), found.data() + found.size()};
}

// Returns a b. Our own products use more of the CPU than Eigen's, which the compiler makes for every CPU.
Matrix product(const Matrix& a, const Matrix& b) {
  const auto size = [](Eigen::Index i) { return static_cast<std::size_t>(i); };
  const std::size_t rows = size(a.rows()), inner = size(a.cols()), columns = size(b.cols());
  Matrix out = Matrix::Zero(a.rows(), b.cols());
  // Columns of a matrix here are rows to multiply_add, so it gets the transposed product.
  multiply_add(columns, rows, inner, 1, {b.data(), inner, 1}, {a.data(), rows, 1}, out.data(), rows, false, 1);
  return out;
}

// The restricted likelihood of y under covariance scale * shape + noise I, with the columns of basis projected out.
// Returns minus its logarithm, and sets slopes to its derivative with respect to the covariance.
double restricted(const Matrix& shape, double scale, double noise, const Matrix& basis, const Vector& y,
                  Matrix& slopes) {
  const Eigen::Index size = shape.rows();
  Matrix covariance = scale * shape;
  const double mean = covariance.trace() / static_cast<double>(size) + noise;
  covariance.diagonal().array() += noise + jitter * (1 + mean);
  const auto n = static_cast<std::size_t>(size);
  if (!(cholesky(covariance.data(), n, 1) > 0)) return std::numeric_limits<double>::infinity();
  const std::vector<double> inverse = cholesky_inverse(covariance.data(), n, 1);
  slopes = Eigen::Map<const Matrix>(inverse.data(), size, size);
  const Matrix image = product(slopes, basis);
  Matrix inner = basis.transpose() * image;
  inner.diagonal().array() += 1e-8 * inner(0, 0);
  const Eigen::LLT<Matrix> inner_factor(inner);
  if (inner_factor.info() != Eigen::Success) return std::numeric_limits<double>::infinity();
  slopes -= product(image, inner_factor.solve(image.transpose()));
  const Vector weights = slopes * y;
  const double value = 0.5 * y.dot(weights) + covariance.diagonal().array().log().sum() +
                       inner_factor.matrixLLT().diagonal().array().log().sum();
  slopes.noalias() -= weights * weights.transpose();
  slopes *= 0.5;
  return value;
}

}  // namespace

struct KernelLikelihood::Game {
  Matrix signs;
  Vector odd, even;
  std::vector<std::uint32_t> players;
  std::vector<double> values;  // of the players, for the start
  double even_variance = 1;
};

KernelLikelihood::~KernelLikelihood() = default;

KernelLikelihood::KernelLikelihood(std::size_t n_players, std::span<const KernelPairs> games,
                                   const KernelOptions& options)
    : n_players_(n_players), num_threads_(options.num_threads) {
  std::vector<double> squares(n_players);
  for (std::size_t g = 0; g < games.size(); ++g) {
    const KernelPairs& given = games[g];
    const std::size_t n_pairs = given.signs->n_pairs(), n = given.signs->n_players();
    if (n_pairs < n + 4) continue;
    const Matrix x = expand(*given.signs);
    const Eigen::Map<const Vector> odd(given.odd.data(), index(n_pairs)), even(given.even.data(), index(n_pairs));
    const std::vector<double> values = player_values(x, odd);
    const Eigen::Map<const Vector> phi(values.data(), index(n));
    const double variance = (odd - x * phi).squaredNorm() / static_cast<double>(n_pairs - n);
    if (!(variance > 1e-20 * odd.squaredNorm() / static_cast<double>(n_pairs)) || !std::isfinite(variance)) continue;
    Game game;
    const double mean = even.mean();
    std::vector<std::uint32_t> chosen(n_pairs);
    std::iota(chosen.begin(), chosen.end(), 0U);
    if (n_pairs > options.most_pairs) {
      chosen = random_order(static_cast<std::uint32_t>(n_pairs), options.most_pairs, options.seed, Stream::folds,
                            (std::uint64_t{1} << 40) + (std::uint64_t{g} << 32));
      std::sort(chosen.begin(), chosen.end());
    }
    game.signs.resize(index(chosen.size()), index(n));
    game.odd.resize(index(chosen.size()));
    game.even.resize(index(chosen.size()));
    const double unit = std::sqrt(variance);
    for (std::size_t p = 0; p < chosen.size(); ++p) {
      game.signs.row(index(p)) = x.row(chosen[p]);
      game.odd[index(p)] = odd[chosen[p]] / unit;
      game.even[index(p)] = (even[chosen[p]] - mean) / unit;
    }
    game.even_variance = game.even.squaredNorm() / static_cast<double>(chosen.size());
    game.players.assign(given.players.begin(), given.players.end());
    if (game.players.empty()) {
      game.players.resize(n);
      std::iota(game.players.begin(), game.players.end(), 0U);
    }
    for (std::size_t i = 0; i < n; ++i) squares[game.players[i]] += values[i] * values[i];
    games_.push_back(std::move(game));
  }
  if (games_.empty()) return;
  const double most = *std::max_element(squares.begin(), squares.end());
  if (!(most > 0)) {
    games_.clear();
    return;
  }
  // Strengths start in proportion to the sizes of the values, with a sum that suits few interactions.
  const double total = games_.size() == 1 ? 1.2 : 1.5;
  std::vector<double> theta(n_players);
  double sum = 0, even_variance = 0;
  for (std::size_t i = 0; i < n_players; ++i) sum += theta[i] = std::sqrt(std::max(squares[i], 1e-4 * most));
  for (const Game& game : games_) even_variance += game.even_variance / static_cast<double>(games_.size());
  for (double& strength : theta) start_.push_back(std::log(strength *= total / sum));
  start_.push_back(-std::log(std::exp(-total) * std::sinh(total)));
  start_.push_back(std::log(0.5));
  start_.push_back(std::log(0.5 * std::max(even_variance, 1e-6)));
}

bool KernelLikelihood::usable() const noexcept { return !games_.empty(); }

std::vector<double> KernelLikelihood::start() const { return start_; }

std::vector<double> KernelLikelihood::lowest() const {
  const double most = *std::max_element(start_.begin(), start_.begin() + static_cast<std::ptrdiff_t>(n_players_));
  std::vector<double> out(n_players_, most - 12);
  out.insert(out.end(), {-12, -12, -12});
  return out;
}

std::vector<double> KernelLikelihood::highest() const {
  std::vector<double> out(n_players_, 1.5);
  out.insert(out.end(), {15, 1, 8});
  return out;
}

double KernelLikelihood::operator()(std::span<const double> q, std::span<double> gradient) const {
  const std::size_t n = n_players_;
  std::fill(gradient.begin(), gradient.end(), 0.0);
  const double a = std::exp(q[n]), odd_noise = std::exp(q[n + 1]), even_noise = std::exp(q[n + 2]);
  double value = 0;
  for (const Game& game : games_) {
    checkpoint();
    const std::size_t n_own = game.players.size();
    const Eigen::Index size = game.signs.rows();
    Vector theta(index(n_own));
    for (std::size_t i = 0; i < n_own; ++i) theta[index(i)] = std::exp(q[game.players[i]]);
    Matrix odd, even, odd_slopes, even_slopes;
    fill_kernels(game.signs, theta, odd, even);
    value += restricted(odd, a, odd_noise, game.signs, game.odd, odd_slopes);
    value += restricted(even, a, even_noise, Matrix::Ones(size, 1), game.even, even_slopes);
    if (!std::isfinite(value)) return std::numeric_limits<double>::infinity();
    const double by_scale = a * (odd_slopes.cwiseProduct(odd).sum() + even_slopes.cwiseProduct(even).sum());
    // d odd / d theta_i is even times x_i z_i minus odd, and the other way round.
    const Matrix crossed = a * (odd_slopes.cwiseProduct(even) + even_slopes.cwiseProduct(odd));
    const Matrix image = product(crossed, game.signs);
    for (std::size_t i = 0; i < n_own; ++i)
      gradient[game.players[i]] += (game.signs.col(index(i)).dot(image.col(index(i))) - by_scale) * theta[index(i)];
    gradient[n] += by_scale;
    gradient[n + 1] += odd_slopes.trace() * odd_noise;
    gradient[n + 2] += even_slopes.trace() * even_noise;
  }
  for (std::size_t i = 0; i < n; ++i) {
    const double z = q[i] - start_[i];
    value += 0.5 * prior * z * z;
    gradient[i] += prior * z;
  }
  return value;
}

KernelShape learn_kernel(std::size_t n_players, std::span<const KernelPairs> games, const KernelOptions& options) {
  const KernelLikelihood likelihood(n_players, games, options);
  if (!likelihood.usable()) return {};
  const auto function = [&](std::span<const double> q, std::span<double> gradient) { return likelihood(q, gradient); };
  const Minimum found =
      minimise(function, likelihood.start(), likelihood.lowest(), likelihood.highest(), options.most_steps, tolerance);
  if (!std::isfinite(found.value)) return {};
  KernelShape shape;
  shape.strengths.resize(n_players);
  for (std::size_t i = 0; i < n_players; ++i) shape.strengths[i] = std::exp(found.x[i]);
  shape.scale = std::exp(found.x[n_players]);
  shape.odd_noise = std::exp(found.x[n_players + 1]);
  shape.even_noise = std::exp(found.x[n_players + 2]);
  return shape;
}

KernelModel::KernelModel(const KernelShape& shape, const KernelPairs& game, Half half) : half_(half) {
  const std::size_t n_pairs = game.signs->n_pairs(), n = game.signs->n_players();
  if (shape.strengths.empty() || n_pairs < n + 4) return;
  const bool is_odd = half == Half::odd;
  const Matrix x = expand(*game.signs);
  Vector theta(index(n));
  for (std::size_t i = 0; i < n; ++i) theta[index(i)] = shape.strengths[game.players.empty() ? i : game.players[i]];
  Matrix odd, even;
  fill_kernels(x, theta, odd, even);
  Matrix& covariance = is_odd ? odd : even;
  covariance *= shape.scale;
  covariance.diagonal().array() += (is_odd ? shape.odd_noise : shape.even_noise) + 1e-9 * (1 + 0.1 * covariance(0, 0));
  const Eigen::LLT<Matrix> factor(covariance);
  if (factor.info() != Eigen::Success) return;
  const Eigen::Map<const Vector> y((is_odd ? game.odd : game.even).data(), index(n_pairs));
  const Matrix basis = is_odd ? x : Matrix(Matrix::Ones(index(n_pairs), 1));
  const Matrix image = factor.solve(basis);
  const Eigen::LDLT<Matrix> inner(basis.transpose() * image);
  if (inner.info() != Eigen::Success) return;
  const Vector weights = shape.scale * factor.solve(y - basis * inner.solve(image.transpose() * y));
  if (!weights.allFinite()) return;
  signs_ = *game.signs;
  strengths_.assign(theta.data(), theta.data() + theta.size());
  weights_.assign(weights.data(), weights.data() + weights.size());
}

void KernelModel::predict(const PairSigns& pairs, std::span<double> out) const {
  std::fill(out.begin(), out.end(), 0.0);
  if (!fitted()) return;
  const Eigen::Map<const Vector> theta(strengths_.data(), index(strengths_.size()));
  const TwoExponentials exponentials(theta.sum());
  const double sign = half_ == Half::odd ? -1 : 1;
  const Matrix g = expand(pairs) * theta.asDiagonal() * expand(signs_).transpose();
  for (std::size_t q = 0; q < weights_.size(); ++q)
    for (std::size_t p = 0; p < out.size(); ++p) {
      const auto [same, differ] = exponentials.of(g(index(p), index(q)));
      out[p] += weights_[q] * (same + sign * differ);
    }
}

double KernelModel::coefficient(std::span<const std::uint32_t> players) const {
  if (!fitted()) return 0;
  double factor = 2;
  for (const double strength : strengths_) factor *= 0.5 * (1 + std::exp(-2 * strength));  // cosh / exp
  for (const std::uint32_t player : players) factor *= std::tanh(strengths_[player]);
  return factor * sum_of_products(signs_, players, weights_);
}

KernelModel fit_kernel(const PairSigns& signs, std::span<const double> odd, std::span<const double> even,
                       const KernelOptions& options) {
  const KernelPairs game{&signs, odd, even, {}};
  return {learn_kernel(signs.n_players(), std::span(&game, 1), options), game};
}

}  // namespace banzhaf

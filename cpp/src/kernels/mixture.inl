// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

// The kernel weigh_mixture, included once for each instruction set, after lanes.inl.

// Returns 2^(logarithm - top), but at least 2^-125, with a relative error of 2e-7.
inline Singles share_of(const Doubles& logarithm, const Doubles& top) {
  constexpr float shift = 12582912;  // 1.5 * 2^23 rounds to integers
  const Doubles least = Doubles{} - 125;
  Doubles below = logarithm - top;
  below = below > least ? below : least;
  const Singles x = BANZHAF_CONVERT(below, Singles), shifted = x + shift, rest = x - (shifted - shift);
  // The polynomial of degree 5 with the smallest relative error on [-1/2, 1/2], with the value 1 at 0.
  const Singles power =
      1 + rest * (0.693146978F +
                  rest * (0.240222421F + rest * (0.0555073374F + rest * (0.00967151269F + rest * 0.00132647272F))));
  Words exponent;
  memcpy(&exponent, &shifted, sizeof(exponent));
  exponent = (exponent + 127) << 23;
  Singles factor;
  memcpy(&factor, &exponent, sizeof(factor));
  return power * factor;
}

void weigh_mixture(const Mixture& of, const double* products, std::size_t count, float* counts, double* means,
                   double* variances) {
  constexpr std::size_t n = Mixture::n_normal, n_lanes = Mixture::n_lanes;
  for (std::size_t first = 0; first < count; first += BANZHAF_LANES) {
    Doubles product;
    memcpy(&product, products + first, sizeof(product));
    const Doubles squared = product * product, log_zero = Doubles{} + of.log_zero;
    // Weights of the parts as shares of the largest one, which single precision serves.
    Doubles logarithm[n], top = log_zero;
    for (std::size_t l = 0; l < n; ++l) {
      logarithm[l] = of.log_weight[l] + squared * of.square_weight[l];
      top = logarithm[l] > top ? logarithm[l] : top;
    }
    Singles share[n + 1] = {share_of(log_zero, top)};
    Doubles total = widened(share[0]), sum = {}, square = {};
    for (std::size_t l = 0; l < n; ++l) {
      share[l + 1] = share_of(logarithm[l], top);
      const Doubles wide = widened(share[l + 1]);
      total += wide;
      sum += wide * of.mean[l];
      square += wide * (of.mean[l] * of.mean[l]);
    }
    const Doubles inverse = 1 / total;
    const Doubles mean = sum * product * inverse;
    memcpy(means + first, &mean, sizeof(mean));
    if (counts == nullptr) continue;
    const Doubles part = sum * of.noise + square * squared, variance = part * inverse - mean * mean, none = {};
    const Doubles kept = variance > none ? variance : none;
    memcpy(variances + first, &kept, sizeof(kept));
    // Lanes beyond the last coefficient do not count.
    float counted[n_lanes] = {};
    for (std::size_t c = first; c < count; ++c) counted[c - first] = 1;
    Singles scale, seen;
    memcpy(&scale, counted, sizeof(scale));
    scale *= BANZHAF_CONVERT(inverse, Singles);
    float* of_part = counts + first;
    for (std::size_t l = 0; l <= n; ++l, of_part += n_lanes) {
      memcpy(&seen, of_part, sizeof(seen));
      seen += share[l] * scale;
      memcpy(of_part, &seen, sizeof(seen));
    }
  }
}

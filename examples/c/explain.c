/* SPDX-FileCopyrightText: 2026 The banzhaf developers */
/* SPDX-License-Identifier: MIT */

/* Explains one patient's prediction with a model that was trained in Python. It needs neither Python nor scikit-learn. */
#include <banzhaf.h>

#include <stdio.h>
#include <stdlib.h>

static char error[256];

static void check(int32_t status) {
  if (status == BANZHAF_OK) return;
  fprintf(stderr, "%s\n", error);
  exit(1);
}

int main(int n_arguments, char **arguments) {
  banzhaf_explainer *explainer = NULL;
  check(banzhaf_open(n_arguments > 1 ? arguments[1] : "diabetes.trees", &explainer, error, sizeof error));

  /* age, sex, body mass index, blood pressure, and six measurements of blood */
  const double patient[10] = {65, 2, 27.9, 103, 159, 96.8, 42, 4, 4.6151, 86};
  const uint64_t n_features = banzhaf_n_features(explainer), n_players = banzhaf_n_players(explainer);
  if (n_features != 10 || banzhaf_n_outputs(explainer) != 1) {
    fprintf(stderr, "the model must have 10 features and one output\n");
    return 1;
  }
  double base, prediction, values[10];
  check(banzhaf_base_values(explainer, &base, 1, error, sizeof error));
  check(banzhaf_predict(explainer, patient, n_features, &prediction, 1, 1, error, sizeof error));
  check(banzhaf_explain(explainer, patient, n_features, values, n_players, 1, error, sizeof error));

  printf("predicted progression %.1f, for the background %.1f\n", prediction, base);
  for (uint64_t i = 0; i < n_players; ++i)
    printf("%-4s%6.1f%8.2f\n", banzhaf_player_name(explainer, i), patient[i], values[i]);
  banzhaf_close(explainer);
  return 0;
}

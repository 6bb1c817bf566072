/* SPDX-FileCopyrightText: 2026 The banzhaf developers */
/* SPDX-License-Identifier: MIT */

/* The C interface, compiled as C: what it gives, and what it refuses. The argument is the file of examples/c. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "banzhaf.h"

static int n_checks = 0, n_failures = 0;

static void report(int passed, const char* text, int line) {
  ++n_checks;
  if (passed) return;
  ++n_failures;
  printf("test_capi.c:%d: failed: %s\n", line, text);
}

#define CHECK(condition) report((condition), #condition, __LINE__)

enum { n_features = 10, n_rows = 40 };

static char error[256];

/* Whether a call gave a status and an error text with this part. */
static int gave(int32_t status, int32_t expected, const char* part) {
  const int same = status == expected && strstr(error, part) != NULL;
  if (!same) printf("status %d: %s\n", (int)status, error);
  strcpy(error, "left from before");
  return same;
}

static void check_values(const banzhaf_explainer* explainer) {
  CHECK(banzhaf_n_features(explainer) == n_features && banzhaf_n_players(explainer) == n_features);
  CHECK(banzhaf_n_outputs(explainer) == 1 && banzhaf_n_background(explainer) == 50);
  CHECK(strcmp(banzhaf_feature_name(explainer, 2), "bmi") == 0);
  CHECK(strcmp(banzhaf_player_name(explainer, 9), "s6") == 0);
  CHECK(banzhaf_feature_name(explainer, 10) == NULL && banzhaf_player_name(explainer, UINT64_MAX) == NULL);
  CHECK(banzhaf_output_name(explainer, 0) == NULL);

  /* What examples/c/train.py prints. */
  const double patient[n_features] = {65, 2, 27.9, 103, 159, 96.8, 42, 4, 4.6151, 86};
  double base = 0, prediction = 0, values[n_features];
  CHECK(gave(banzhaf_base_values(explainer, &base, 1, error, sizeof error), BANZHAF_OK, ""));
  CHECK(gave(banzhaf_predict(explainer, patient, 10, &prediction, 1, 1, error, sizeof error), BANZHAF_OK, ""));
  CHECK(gave(banzhaf_explain(explainer, patient, 10, values, 10, 1, error, sizeof error), BANZHAF_OK, ""));
  CHECK(fabs(base - 141.638755) < 1e-5 && fabs(prediction - 187.9) < 0.06);
  CHECK(fabs(values[0] + 0.887680) < 1e-5 && fabs(values[2] - 26.030156) < 1e-5 && fabs(values[8] - 9.982452) < 1e-5);

  /* One row alone and many rows on two threads give the same bits. A missing cell is allowed. */
  double rows[n_rows * n_features], many[n_rows * n_features], one[n_features];
  for (int i = 0; i < n_rows * n_features; ++i) rows[i] = patient[i % n_features] * (0.5 + 0.025 * (i / n_features));
  rows[7] = NAN;
  CHECK(banzhaf_explain(explainer, rows, n_rows * n_features, many, n_rows * n_features, 2, NULL, 0) == BANZHAF_OK);
  for (int r = 0; r < n_rows; ++r) {
    CHECK(banzhaf_explain(explainer, rows + r * n_features, n_features, one, n_features, 0, NULL, 0) == BANZHAF_OK);
    CHECK(memcmp(one, many + r * n_features, sizeof one) == 0);
  }
  CHECK(banzhaf_explain(explainer, NULL, 0, NULL, 0, 1, error, sizeof error) == BANZHAF_OK); /* no rows */
}

/* Pairs and Shapley values: their sums are known. */
static void check_other_indices(const banzhaf_explainer* explainer) {
  const double patient[n_features] = {65, 2, 27.9, 103, 159, 96.8, 42, 4, 4.6151, 86};
  double base = 0, prediction = 0, values[n_features], pairs[45], alone[n_features], sum = 0;
  CHECK(banzhaf_p(explainer) == 0.5 && banzhaf_p(NULL) == 0);
  CHECK(banzhaf_n_interactions(explainer, 2) == 45 && banzhaf_n_interactions(explainer, 10) == 1);
  CHECK(banzhaf_n_interactions(explainer, 0) == 0 && banzhaf_n_interactions(explainer, 11) == 0);
  CHECK(banzhaf_n_interactions(explainer, UINT64_MAX) == 0 && banzhaf_n_interactions(NULL, 2) == 0);
  CHECK(banzhaf_base_values(explainer, &base, 1, error, sizeof error) == BANZHAF_OK);
  CHECK(banzhaf_predict(explainer, patient, 10, &prediction, 1, 1, error, sizeof error) == BANZHAF_OK);
  CHECK(gave(banzhaf_shapley(explainer, patient, 10, values, 10, 1, error, sizeof error), BANZHAF_OK, ""));
  for (int i = 0; i < n_features; ++i) sum += values[i];
  CHECK(fabs(sum - (prediction - base)) < 1e-9);
  CHECK(gave(banzhaf_explain(explainer, patient, 10, values, 10, 1, error, sizeof error), BANZHAF_OK, ""));
  CHECK(gave(banzhaf_interactions(explainer, patient, 10, 1, alone, 10, 1, error, sizeof error), BANZHAF_OK, ""));
  CHECK(memcmp(alone, values, sizeof values) == 0);
  CHECK(gave(banzhaf_interactions(explainer, patient, 10, 2, pairs, 45, 1, error, sizeof error), BANZHAF_OK, ""));
  sum = 0;
  for (int i = 0; i < 45; ++i) sum += fabs(pairs[i]);
  CHECK(sum > 1);
  const int32_t invalid = BANZHAF_INVALID_ARGUMENT;
  CHECK(gave(banzhaf_interactions(explainer, patient, 10, 2, pairs, 44, 1, error, sizeof error), invalid,
             "values must have room for rows x n_interactions x n_outputs, 45 numbers, got 44"));
  CHECK(gave(banzhaf_interactions(explainer, patient, 10, 11, pairs, 45, 1, error, sizeof error), invalid, "order"));
  CHECK(gave(banzhaf_interactions(explainer, patient, 10, UINT64_MAX, pairs, 45, 1, error, sizeof error), invalid,
             "order must be between 1 and"));
  CHECK(gave(banzhaf_interactions(NULL, patient, 10, 2, pairs, 45, 1, error, sizeof error), invalid, "explainer"));
  CHECK(gave(banzhaf_shapley(explainer, patient, 10, values, 9, 1, error, sizeof error), invalid, "must have room"));
  CHECK(gave(banzhaf_shapley(NULL, patient, 10, values, 10, 1, error, sizeof error), invalid, "explainer"));
}

static void check_refusals(banzhaf_explainer* explainer) {
  double row[n_features] = {0}, values[n_features];
  const int32_t invalid = BANZHAF_INVALID_ARGUMENT;
  CHECK(
      gave(banzhaf_explain(NULL, row, 10, values, 10, 1, error, sizeof error), invalid, "explainer must not be null"));
  CHECK(
      gave(banzhaf_explain(explainer, NULL, 10, values, 10, 1, error, sizeof error), invalid, "rows must not be null"));
  CHECK(
      gave(banzhaf_explain(explainer, row, 10, NULL, 10, 1, error, sizeof error), invalid, "values must not be null"));
  CHECK(gave(banzhaf_explain(explainer, row, 9, values, 10, 1, error, sizeof error), invalid,
             "rows must have 10 cells each, got 9 cells in all"));
  CHECK(gave(banzhaf_explain(explainer, row, 10, values, 9, 1, error, sizeof error), invalid,
             "values must have room for rows x n_players x n_outputs, 10 numbers, got 9"));
  CHECK(gave(banzhaf_explain(explainer, row, UINT64_MAX, values, 10, 1, error, sizeof error), invalid, "too large"));
  CHECK(gave(banzhaf_explain(explainer, row, 10, values, 10, -1, error, sizeof error), invalid, "num_threads"));
  CHECK(gave(banzhaf_predict(NULL, row, 10, values, 1, 1, error, sizeof error), invalid, "explainer must not be null"));
  CHECK(
      gave(banzhaf_predict(explainer, NULL, 10, values, 1, 1, error, sizeof error), invalid, "rows must not be null"));
  CHECK(gave(banzhaf_predict(explainer, row, 10, values, 2, 1, error, sizeof error), invalid,
             "outputs must have room for rows x n_outputs, 1 numbers, got 2"));
  CHECK(gave(banzhaf_base_values(NULL, values, 1, error, sizeof error), invalid, "explainer must not be null"));
  CHECK(gave(banzhaf_base_values(explainer, NULL, 1, error, sizeof error), invalid, "base_values must not be null"));
  CHECK(gave(banzhaf_base_values(explainer, values, 2, error, sizeof error), invalid, "base_values must have room"));
  CHECK(banzhaf_n_features(NULL) == 0 && banzhaf_n_players(NULL) == 0 && banzhaf_n_outputs(NULL) == 0);
  CHECK(banzhaf_n_background(NULL) == 0 && banzhaf_feature_name(NULL, 0) == NULL);
  CHECK(banzhaf_player_name(NULL, 0) == NULL && banzhaf_output_name(NULL, 0) == NULL);
  banzhaf_close(NULL);

  /* A text that is too long is cut, and room for nothing is no fault. */
  char few[9] = "12345678", none = 'x';
  CHECK(banzhaf_explain(NULL, row, 10, values, 10, 1, few, sizeof few) == invalid && strcmp(few, "explaine") == 0);
  CHECK(banzhaf_explain(NULL, row, 10, values, 10, 1, &none, 0) == invalid && none == 'x');
  CHECK(banzhaf_explain(NULL, row, 10, values, 10, 1, NULL, 100) == invalid);
  CHECK(banzhaf_open("\xc3\xa9\xc3\xa9.trees", &explainer, few, 1) == BANZHAF_CANNOT_READ && few[0] == 0);
}

static void check_bytes(const char* bytes, uint64_t size) {
  const int32_t bad = BANZHAF_BAD_FILE, invalid = BANZHAF_INVALID_ARGUMENT;
  banzhaf_explainer* explainer = NULL;
  CHECK(gave(banzhaf_open_bytes(bytes, size, &explainer, error, sizeof error), BANZHAF_OK, ""));
  CHECK(banzhaf_n_features(explainer) == n_features);
  banzhaf_close(explainer);

  banzhaf_explainer* const before = (banzhaf_explainer*)&n_checks;
  explainer = before;
  CHECK(gave(banzhaf_open_bytes(bytes, size - 1, &explainer, error, sizeof error), bad, "") && explainer == NULL);
  explainer = before;
  CHECK(gave(banzhaf_open_bytes(bytes, 0, &explainer, error, sizeof error), bad, "") && explainer == NULL);
  explainer = before;
  CHECK(gave(banzhaf_open_bytes(NULL, 9, &explainer, error, sizeof error), invalid, "bytes") && explainer == NULL);
  CHECK(gave(banzhaf_open_bytes(bytes, size, NULL, error, sizeof error), invalid, "explainer must not be null"));

  char* damaged = malloc((size_t)size);
  if (damaged == NULL) exit(1);
  memcpy(damaged, bytes, (size_t)size);
  damaged[size / 2] ^= 1;
  CHECK(gave(banzhaf_open_bytes(damaged, size, &explainer, error, sizeof error), bad, "damaged") && explainer == NULL);
  free(damaged);

  explainer = before;
  CHECK(gave(banzhaf_open("nowhere/file.trees", &explainer, error, sizeof error), BANZHAF_CANNOT_READ, "file.trees"));
  CHECK(explainer == NULL);
  explainer = before;
  CHECK(gave(banzhaf_open(NULL, &explainer, error, sizeof error), invalid, "path") && explainer == NULL);
  CHECK(gave(banzhaf_open("file.trees", NULL, error, sizeof error), invalid, "explainer must not be null"));
}

int main(int n_arguments, char** arguments) {
  if (n_arguments != 2) {
    printf("the argument must be the file examples/c/diabetes.trees\n");
    return 1;
  }
  CHECK(banzhaf_interface() == 1 && strchr(banzhaf_version(), '.') != NULL);
  banzhaf_explainer* explainer = NULL;
  if (!gave(banzhaf_open(arguments[1], &explainer, error, sizeof error), BANZHAF_OK, "")) return 1;
  check_values(explainer);
  check_other_indices(explainer);
  check_refusals(explainer);
  banzhaf_close(explainer);

  FILE* file = fopen(arguments[1], "rb");
  char* bytes = malloc(1 << 20);
  if (file == NULL || bytes == NULL) return 1;
  check_bytes(bytes, fread(bytes, 1, 1 << 20, file));
  free(bytes);
  fclose(file);
  printf("%d passed, %d failed\n", n_checks - n_failures, n_failures);
  return n_failures == 0 ? 0 : 1;
}

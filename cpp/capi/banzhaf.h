/* SPDX-FileCopyrightText: 2026 The banzhaf developers */
/* SPDX-License-Identifier: MIT */

/**
 * @file
 * Exact Banzhaf values of tree ensembles from C, and from any language that can call C.
 *
 * A file that `banzhaf.TreeExplainer(model, background).save("income.trees")` wrote in Python is opened once. Rows are
 * then explained from any number of threads. This explains one row of three features:
 * @code{.c}
 * char error[256];
 * banzhaf_explainer *explainer = NULL;
 * if (banzhaf_open("income.trees", &explainer, error, sizeof error) != BANZHAF_OK) {
 *   fprintf(stderr, "%s\n", error);
 *   exit(1);
 * }
 * double row[3] = {37, 2, NAN};
 * double values[3];
 * if (banzhaf_explain(explainer, row, 3, values, 3, 1, error, sizeof error) != BANZHAF_OK) fprintf(stderr, "%s\n", error);
 * banzhaf_close(explainer);
 * @endcode
 *
 * Every function may be called from any thread. A handle may be used by several threads at once, until it is closed.
 * No function throws an exception.
 */
#ifndef BANZHAF_H
#define BANZHAF_H

#include <stdint.h>

/** @cond what the library shows */
#if defined(_WIN32) && defined(BANZHAF_BUILDING_C)
#define BANZHAF_API __declspec(dllexport)
#elif defined(_WIN32)
#define BANZHAF_API __declspec(dllimport)
#elif defined(__GNUC__)
#define BANZHAF_API __attribute__((visibility("default")))
#else
#define BANZHAF_API
#endif
/** @endcond */

#ifdef __cplusplus
extern "C" {
#endif

/** What a function returns. Other numbers may be added. */
enum banzhaf_status {
  BANZHAF_OK = 0,               /**< The call succeeded. */
  BANZHAF_INVALID_ARGUMENT = 1, /**< An argument is null, or has a wrong size or value. */
  BANZHAF_CANNOT_READ = 2,      /**< The file does not exist, or cannot be opened or read. */
  BANZHAF_BAD_FILE = 3,         /**< The file is damaged, of another version, or of another kind. */
  BANZHAF_OUT_OF_MEMORY = 4,    /**< There is not enough memory. */
  BANZHAF_FAILED = 5            /**< Something else failed. The error text says what. */
};

/** An opened explainer. */
typedef struct banzhaf_explainer banzhaf_explainer;

/** Returns the version of the library, such as "0.1.0". The text is never freed. */
BANZHAF_API const char* banzhaf_version(void);

/**
 * Returns the version of this interface, which is 1. It rises when a program that uses it has to change.
 *
 * A program that loads the library by name while it runs can compare it.
 */
BANZHAF_API int32_t banzhaf_interface(void);

/**
 * Opens a file that TreeExplainer.save of the Python package wrote.
 *
 * The file may come from an untrusted source: it is checked first. It is mapped read-only, so it may be replaced by
 * another file while it is open. It must not be cut short or written over, which would end the program:
 * banzhaf_open_bytes is for such files.
 * @param path name of the file, in UTF-8
 * @param explainer gets the handle, or null if the call fails
 * @param error gets the reason if the call fails, in UTF-8 and ending with a zero byte; may be null
 * @param error_size the bytes that error has room for; a longer text is cut
 * @return a banzhaf_status
 */
BANZHAF_API int32_t banzhaf_open(const char* path, banzhaf_explainer** explainer, char* error, uint64_t error_size);

/**
 * Opens such a file from its bytes, which are copied.
 * @param bytes the content of the file
 * @param n_bytes the number of bytes
 * @param explainer gets the handle, or null if the call fails
 * @param error gets the reason if the call fails, as in banzhaf_open
 * @param error_size the bytes that error has room for
 * @return a banzhaf_status
 */
BANZHAF_API int32_t banzhaf_open_bytes(const void* bytes, uint64_t n_bytes, banzhaf_explainer** explainer, char* error,
                                       uint64_t error_size);

/**
 * Closes an explainer and frees its memory. No other thread may be using it.
 * @param explainer the handle, or null, which does nothing
 */
BANZHAF_API void banzhaf_close(banzhaf_explainer* explainer);

/**
 * Returns the number of features, which are the cells of a row.
 * @param explainer the handle; null gives 0
 */
BANZHAF_API uint64_t banzhaf_n_features(const banzhaf_explainer* explainer);

/**
 * Returns the number of players, each of which gets values: groups of features, and features outside all groups.
 * @param explainer the handle; null gives 0
 */
BANZHAF_API uint64_t banzhaf_n_players(const banzhaf_explainer* explainer);

/**
 * Returns the number of outputs of the model.
 * @param explainer the handle; null gives 0
 */
BANZHAF_API uint64_t banzhaf_n_outputs(const banzhaf_explainer* explainer);

/**
 * Returns the number of background rows, which is 0 for path-dependent values.
 * @param explainer the handle; null gives 0
 */
BANZHAF_API uint64_t banzhaf_n_background(const banzhaf_explainer* explainer);

/**
 * Returns the name of a feature in UTF-8, which lives until the explainer is closed.
 * @param explainer the handle
 * @param feature number of the feature, from 0
 * @return the name; null if there is no such feature
 */
BANZHAF_API const char* banzhaf_feature_name(const banzhaf_explainer* explainer, uint64_t feature);

/**
 * Returns the name of a player in UTF-8, which lives until the explainer is closed.
 * @param explainer the handle
 * @param player number of the player, from 0
 * @return the name; null if there is no such player
 */
BANZHAF_API const char* banzhaf_player_name(const banzhaf_explainer* explainer, uint64_t player);

/**
 * Returns the name of an output in UTF-8, which lives until the explainer is closed.
 * @param explainer the handle
 * @param output number of the output, from 0
 * @return the name; null if there is no such output, or outputs have no names
 */
BANZHAF_API const char* banzhaf_output_name(const banzhaf_explainer* explainer, uint64_t output);

/**
 * Writes the base values: the mean outputs for the background, or those that the trees expect without a background.
 * @param explainer the handle
 * @param base_values gets n_outputs numbers
 * @param n_base_values the numbers that base_values has room for, which must be n_outputs
 * @param error gets the reason if the call fails, as in banzhaf_open
 * @param error_size the bytes that error has room for
 * @return a banzhaf_status
 */
BANZHAF_API int32_t banzhaf_base_values(const banzhaf_explainer* explainer, double* base_values, uint64_t n_base_values,
                                        char* error, uint64_t error_size);

/**
 * Computes the exact Banzhaf values of rows.
 *
 * Up to eight rows are explained on the calling thread. A thread that has explained a row allocates no memory for
 * further single rows.
 * @param explainer the handle
 * @param rows the rows' cells, one row after the other; a missing cell is NaN. Cells that the model's own library
 *   refuses to predict are refused: most models of scikit-learn refuse infinite cells, and some refuse missing ones
 * @param n_cells the number of cells, which must be rows x n_features
 * @param values gets rows x n_players x n_outputs numbers: number k of player j of row i is at
 *   (i * n_players + j) * n_outputs + k
 * @param n_values the numbers that values has room for, which must be rows x n_players x n_outputs
 * @param num_threads the number of threads, or 0 for OMP_NUM_THREADS or else all usable processors
 * @param error gets the reason if the call fails, as in banzhaf_open
 * @param error_size the bytes that error has room for
 * @return a banzhaf_status
 */
BANZHAF_API int32_t banzhaf_explain(const banzhaf_explainer* explainer, const double* rows, uint64_t n_cells,
                                    double* values, uint64_t n_values, int32_t num_threads, char* error,
                                    uint64_t error_size);

/**
 * Returns the probability that each other player is in a coalition: 1/2 for Banzhaf values, unless the explainer was
 * made with another p.
 * @param explainer the handle; null gives 0
 */
BANZHAF_API double banzhaf_p(const banzhaf_explainer* explainer);

/**
 * Returns the number of sets of players of one size, which is the number of interactions of a row and an output.
 * @param explainer the handle; null gives 0
 * @param order the number of players in a set: 2 for pairs
 * @return the number; 0 if order is 0, is above n_players, or gives 2^32 sets or more
 */
BANZHAF_API uint64_t banzhaf_n_interactions(const banzhaf_explainer* explainer, uint64_t order);

/**
 * Computes the exact Banzhaf interaction indices of all sets of players of one size.
 * @param explainer the handle
 * @param rows the rows' cells, as in banzhaf_explain
 * @param n_cells the number of cells, which must be rows x n_features
 * @param order the number of players in a set: 2 for pairs
 * @param values gets rows x n_interactions x n_outputs numbers. Sets come in lexicographic order: (0, 1), (0, 2), ...,
 *   (1, 2), ...
 * @param n_values the numbers that values has room for, which must be rows x n_interactions x n_outputs
 * @param num_threads the number of threads, as in banzhaf_explain
 * @param error gets the reason if the call fails, as in banzhaf_open
 * @param error_size the bytes that error has room for
 * @return a banzhaf_status
 */
BANZHAF_API int32_t banzhaf_interactions(const banzhaf_explainer* explainer, const double* rows, uint64_t n_cells,
                                         uint64_t order, double* values, uint64_t n_values, int32_t num_threads,
                                         char* error, uint64_t error_size);

/**
 * Computes the exact Shapley values of rows, which do not depend on p.
 * @param explainer the handle
 * @param rows the rows' cells, as in banzhaf_explain
 * @param n_cells the number of cells, which must be rows x n_features
 * @param values gets rows x n_players x n_outputs numbers, as in banzhaf_explain
 * @param n_values the numbers that values has room for, which must be rows x n_players x n_outputs
 * @param num_threads the number of threads, as in banzhaf_explain
 * @param error gets the reason if the call fails, as in banzhaf_open
 * @param error_size the bytes that error has room for
 * @return a banzhaf_status
 */
BANZHAF_API int32_t banzhaf_shapley(const banzhaf_explainer* explainer, const double* rows, uint64_t n_cells,
                                    double* values, uint64_t n_values, int32_t num_threads, char* error,
                                    uint64_t error_size);

/**
 * Computes the outputs of the model itself: its raw predictions.
 * @param explainer the handle
 * @param rows the rows' cells, as in banzhaf_explain
 * @param n_cells the number of cells, which must be rows x n_features
 * @param outputs gets rows x n_outputs numbers
 * @param n_values the numbers that outputs has room for, which must be rows x n_outputs
 * @param num_threads the number of threads, as in banzhaf_explain
 * @param error gets the reason if the call fails, as in banzhaf_open
 * @param error_size the bytes that error has room for
 * @return a banzhaf_status
 */
BANZHAF_API int32_t banzhaf_predict(const banzhaf_explainer* explainer, const double* rows, uint64_t n_cells,
                                    double* outputs, uint64_t n_values, int32_t num_threads, char* error,
                                    uint64_t error_size);

#ifdef __cplusplus
}
#endif

#endif

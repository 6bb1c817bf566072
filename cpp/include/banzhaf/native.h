/* SPDX-FileCopyrightText: 2026 The banzhaf developers
 * SPDX-License-Identifier: MIT */

/**
 * @file
 * The C interface for compiled games and models. It is valid C11 and C++.
 *
 * A function of this interface gets a batch of coalitions or of rows, and writes its results into memory of the
 * library. The library calls it from all of its threads at the same time, without Python's interpreter lock. For
 * example, this file gives a library with one game:
 * @code{.c}
 * #include <banzhaf/native.h>
 *
 * BANZHAF_GAME(majority) {
 *   for (size_t r = 0; r < n_coalitions; ++r) {
 *     const uint64_t *coalition = coalitions + r * banzhaf_words(n_players);
 *     size_t size = 0;
 *     for (size_t i = 0; i < n_players; ++i) size += banzhaf_contains(coalition, i);
 *     worths[r] = 2 * size > n_players;
 *   }
 *   return 0;
 * }
 * @endcode
 *
 * Rules for both kinds of functions:
 * - All memory belongs to the library and is valid during the call only. Inputs must not be written to.
 * - The result for one item must not depend on the other items of the call. Then results are the same for any number
 *   of threads and any batch size.
 * - A result that is not written counts as NaN, which the library refuses with the name of the coalition or row.
 * - A function returns 0 for success. Any other number ends the run with an error that names the number.
 * - A function must not throw a C++ exception, call longjmp or end its thread.
 */
#ifndef BANZHAF_NATIVE_H
#define BANZHAF_NATIVE_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

/** The version of this interface. Later versions only add fields at the end of the structures. */
#define BANZHAF_NATIVE_VERSION 1

/** Flag of a function that must not run on two threads at the same time. The library then waits for each call. */
#define BANZHAF_SERIAL 1U

/** The name of a PyCapsule that holds a pointer to a banzhaf_game. */
#define BANZHAF_GAME_CAPSULE "banzhaf_game"
/** The name of a PyCapsule that holds a pointer to a banzhaf_model. */
#define BANZHAF_MODEL_CAPSULE "banzhaf_model"

/**
 * A game: writes the worths of a batch of coalitions.
 *
 * @param coalitions n_coalitions rows of banzhaf_words(n_players) words each, without gaps. Player i is bit i % 64 of
 *   word i / 64. Bits after the last player are 0.
 * @param n_coalitions the number of coalitions, at least 1
 * @param n_players the number of players
 * @param worths gets n_coalitions x n_outputs numbers in row-major order
 * @param n_outputs the number of outputs, as declared
 * @param data the pointer that was given with the function
 * @return 0 for success, or the number of an error
 */
typedef int (*banzhaf_game_function)(const uint64_t* coalitions, size_t n_coalitions, size_t n_players, double* worths,
                                     size_t n_outputs, void* data);

/**
 * A model: writes its outputs for a batch of rows.
 *
 * @param rows n_rows x n_columns cells of the declared type in row-major order, without gaps, aligned as the type needs
 * @param n_rows the number of rows, at least 1
 * @param n_columns the number of columns
 * @param outputs gets n_rows x n_outputs numbers in row-major order
 * @param n_outputs the number of outputs, as declared
 * @param data the pointer that was given with the function
 * @return 0 for success, or the number of an error
 */
typedef int (*banzhaf_model_function)(const void* rows, size_t n_rows, size_t n_columns, double* outputs,
                                      size_t n_outputs, void* data);

/**
 * Describes an error of a game or model.
 *
 * @param code the number that the function returned
 * @param data the pointer that was given with the function
 * @return a text in UTF-8 that stays valid until the next call on this thread, or NULL
 */
typedef const char* (*banzhaf_error_text)(int code, void* data);

/** The type of a model's cells. */
typedef enum banzhaf_cell_type {
  BANZHAF_FLOAT64 = 1, /**< double */
  BANZHAF_FLOAT32 = 2, /**< float */
  BANZHAF_INT8 = 3,    /**< int8_t */
  BANZHAF_INT16 = 4,   /**< int16_t */
  BANZHAF_INT32 = 5,   /**< int32_t */
  BANZHAF_INT64 = 6,   /**< int64_t */
  BANZHAF_UINT8 = 7,   /**< uint8_t */
  BANZHAF_UINT16 = 8,  /**< uint16_t */
  BANZHAF_UINT32 = 9,  /**< uint32_t */
  BANZHAF_UINT64 = 10, /**< uint64_t */
  BANZHAF_BOOL = 11    /**< uint8_t that is 0 or 1 */
} banzhaf_cell_type;

/** A game with all that the library needs to call it. Set all other fields to 0 or NULL. */
typedef struct banzhaf_game {
  uint32_t version;               /**< BANZHAF_NATIVE_VERSION of the header that the caller was compiled with. */
  uint32_t flags;                 /**< BANZHAF_SERIAL, or 0 if threads may call the function at the same time. */
  banzhaf_game_function function; /**< The function. */
  void* data;                    /**< What the function gets as data. It must stay valid as long as the game is used. */
  size_t n_players;              /**< The number of players that the game is for, or 0 for any. */
  size_t n_outputs;              /**< The number of outputs, at least 1. */
  banzhaf_error_text error_text; /**< Describes errors, or NULL. */
} banzhaf_game;

/** A model with all that the library needs to call it. Set all other fields to 0 or NULL. */
typedef struct banzhaf_model {
  uint32_t version;                /**< BANZHAF_NATIVE_VERSION of the header that the caller was compiled with. */
  uint32_t flags;                  /**< BANZHAF_SERIAL, or 0 if threads may call the function at the same time. */
  banzhaf_model_function function; /**< The function. */
  void* data;       /**< What the function gets as data. It must stay valid as long as the model is used. */
  size_t n_columns; /**< The number of columns that the model is for, or 0 for any. */
  size_t n_outputs; /**< The number of outputs, at least 1. */
  banzhaf_error_text error_text; /**< Describes errors, or NULL. */
  uint32_t cell_type;            /**< A banzhaf_cell_type. */
} banzhaf_model;

/** Returns the number of words that hold one coalition. */
static inline size_t banzhaf_words(size_t n_players) { return (n_players + 63) / 64; }

/** Returns 1 if the coalition contains the player, and 0 otherwise. */
static inline int banzhaf_contains(const uint64_t* coalition, size_t player) {
  return ((coalition[player / 64] >> (player % 64)) & 1U) != 0;
}

#ifdef __cplusplus
}
#endif

/** @cond */
#ifdef __cplusplus
#define BANZHAF_C extern "C"
#else
#define BANZHAF_C
#endif
#if defined(__GNUC__)
#define BANZHAF_UNUSED __attribute__((unused))
#else
#define BANZHAF_UNUSED
#endif
/** @endcond */

/** Makes a function visible outside its shared library, with the linkage of C. */
#if defined(_WIN32)
#define BANZHAF_EXPORT BANZHAF_C __declspec(dllexport)
#elif defined(__GNUC__)
#define BANZHAF_EXPORT BANZHAF_C __attribute__((visibility("default")))
#else
#define BANZHAF_EXPORT BANZHAF_C
#endif

/** Begins the definition of an exported game, whose body follows. The parameters have the names of
 * banzhaf_game_function. */
#define BANZHAF_GAME(name)                                                                               \
  BANZHAF_EXPORT int name(BANZHAF_UNUSED const uint64_t* coalitions, BANZHAF_UNUSED size_t n_coalitions, \
                          BANZHAF_UNUSED size_t n_players, BANZHAF_UNUSED double* worths,                \
                          BANZHAF_UNUSED size_t n_outputs, BANZHAF_UNUSED void* data)

/** Begins the definition of an exported model, whose body follows. The parameters have the names of
 * banzhaf_model_function. */
#define BANZHAF_MODEL(name)                                                                \
  BANZHAF_EXPORT int name(BANZHAF_UNUSED const void* rows, BANZHAF_UNUSED size_t n_rows,   \
                          BANZHAF_UNUSED size_t n_columns, BANZHAF_UNUSED double* outputs, \
                          BANZHAF_UNUSED size_t n_outputs, BANZHAF_UNUSED void* data)

#endif

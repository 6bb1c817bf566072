// SPDX-FileCopyrightText: 2026 The banzhaf developers
// SPDX-License-Identifier: MIT

/// @file
/// Opens a tree explainer that was saved to a file, so that a program needs neither Python nor the library that trained
/// the model.
///
/// In Python, `banzhaf.TreeExplainer(model, background).save("income.trees")` writes such a file. This explains a row:
/// @code{.cpp}
/// const auto print_values = [](const std::vector<double>& row) {
///   static const banzhaf::TreeExplainer explainer = banzhaf::load_tree_explainer("income.trees");
///   std::vector<double> values(explainer.n_players() * explainer.n_outputs());
///   explainer.explain(row, values);
///   for (std::size_t i = 0; i < explainer.n_players(); ++i)
///     std::printf("%s: %g\n", explainer.player_names()[i].c_str(), values[i * explainer.n_outputs()]);
/// };
/// @endcode
#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "banzhaf/trees.hpp"

namespace banzhaf {

namespace trees {
class TreeFile;
}  // namespace trees

/// How the bytes of a file are held while they are used.
enum class FileUse : std::uint8_t {
  map,   ///< Mapped read-only, so processes share them. The file may be replaced, but must not be changed in place.
  copy,  ///< Read into memory. The file may be changed or removed afterwards.
};

/// A tree explainer from a file: exact Banzhaf values of rows, with the names of columns, players and outputs.
///
/// Cells that the model's own library refuses to predict are not allowed: most models of scikit-learn refuse infinite
/// cells, and some refuse missing ones. An infinite cell has no values if leaves are linear in its feature.
///
/// An object is immutable, so one object can serve many threads.
class TreeExplainer {
 public:
  /// Releases the file.
  ~TreeExplainer();
  /// Moves an object.
  TreeExplainer(TreeExplainer&&) noexcept;
  /// Moves an object.
  TreeExplainer& operator=(TreeExplainer&&) noexcept;

  /// Returns the number of features, which are the columns of a row.
  [[nodiscard]] std::size_t n_features() const noexcept;
  /// Returns the number of players: groups of columns, and columns outside all groups.
  [[nodiscard]] std::size_t n_players() const noexcept;
  /// Returns the number of outputs.
  [[nodiscard]] std::size_t n_outputs() const noexcept;
  /// Returns the number of background rows, or 0 for path-dependent values.
  [[nodiscard]] std::size_t n_background() const noexcept;
  /// Returns the names of the columns, in the order of a row's cells.
  [[nodiscard]] const std::vector<std::string>& column_names() const noexcept;
  /// Returns the names of the players, in the order of the values.
  [[nodiscard]] const std::vector<std::string>& player_names() const noexcept;
  /// Returns the names of the outputs, or nothing if they have none.
  [[nodiscard]] const std::vector<std::string>& output_names() const noexcept;
  /// Returns the categories of a column as texts, or nothing if it holds numbers. The cell of a category is its position.
  ///
  /// The categories of a CatBoost model are not listed, because such a model stores only hashes of them.
  /// @param column the number of the column
  /// @throws std::invalid_argument if there is no such column
  [[nodiscard]] std::span<const std::string> categories(std::size_t column) const;
  /// Returns n_outputs numbers: the worth of the empty coalition.
  [[nodiscard]] const std::vector<double>& base_values() const noexcept;
  /// Returns whether the file is mapped, and not copied.
  [[nodiscard]] bool is_mapped() const noexcept;

  /// Computes the Banzhaf values of rows. A missing cell is NaN.
  /// @param rows rows of n_features cells, in row-major order
  /// @param values gets rows x players x n_outputs numbers, in the unit of the ensemble's output
  /// @param num_threads the number of threads, or 0 for default_num_threads()
  /// @throws std::invalid_argument if the sizes do not match, or a cell is not allowed
  void explain(std::span<const double> rows, std::span<double> values, int num_threads = 0) const;
  /// Returns the probability that each other player is in a coalition. It is 1/2 unless the explainer was made with
  /// another p.
  [[nodiscard]] double p() const noexcept;

  /// Returns the number of sets of `order` players, which is the number of interactions of a row and an output.
  /// @param order the number of players in a set
  /// @throws std::invalid_argument if order is 0, is above the number of players, or gives 2^32 sets or more
  [[nodiscard]] std::size_t n_interactions(std::size_t order) const;
  /// Computes the Banzhaf interaction indices of all sets of `order` players, as TreeValues::interactions does.
  /// @param rows rows of n_features cells, in row-major order
  /// @param order the number of players in a set
  /// @param values gets rows x n_interactions(order) x n_outputs numbers, with sets in lexicographic order
  /// @param num_threads the number of threads, or 0 for default_num_threads()
  /// @throws std::invalid_argument if the sizes do not match, the order is impossible, or a cell is not allowed
  void interactions(std::span<const double> rows, std::size_t order, std::span<double> values,
                    int num_threads = 0) const;
  /// Computes the Shapley values of rows, which do not depend on p(), as TreeValues::shapley does.
  /// @param rows rows of n_features cells, in row-major order
  /// @param values gets rows x players x n_outputs numbers, in the unit of the ensemble's output
  /// @param num_threads the number of threads, or 0 for default_num_threads()
  /// @throws std::invalid_argument if the sizes do not match, or a cell is not allowed
  void shapley(std::span<const double> rows, std::span<double> values, int num_threads = 0) const;
  /// Computes the outputs of the ensemble itself.
  /// @param rows rows of n_features cells, in row-major order
  /// @param outputs gets rows x n_outputs numbers
  /// @param num_threads the number of threads, or 0 for default_num_threads()
  /// @throws std::invalid_argument if the sizes do not match, or the model's library refuses a cell
  void predict(std::span<const double> rows, std::span<double> outputs, int num_threads = 0) const;

  /// Returns the values of a forest, which take rows as the trees compare them: a number that the model counts as
  /// missing must have become NaN.
  [[nodiscard]] const TreeValues& tree_values() const noexcept;

 private:
  friend class trees::TreeFile;
  class Implementation;
  explicit TreeExplainer(std::unique_ptr<Implementation> implementation);
  std::unique_ptr<Implementation> implementation_;
};

/// Opens a file that TreeExplainer.save of the Python package wrote.
///
/// The file may come from an untrusted source. All of its bytes are compared with checksums, and all sizes, places and
/// numbers are checked before they are used. Outputs that were computed when the file was written are compared with
/// those of the loaded trees.
/// @param path name of the file
/// @param use whether to map the file or to copy it
/// @param num_threads the number of threads that prepare the explainer, or 0 for default_num_threads()
/// @throws std::invalid_argument if the file is damaged, of another version, or no such file; the message names it
/// @throws std::system_error if the file cannot be opened or read
[[nodiscard]] TreeExplainer load_tree_explainer(const std::filesystem::path& path, FileUse use = FileUse::map,
                                                int num_threads = 1);

/// Opens such a file from its bytes, which are copied.
/// @param bytes the content of the file
/// @param num_threads the number of threads that prepare the explainer, or 0 for default_num_threads()
/// @throws std::invalid_argument if the bytes are damaged, of another version, or of no such file
[[nodiscard]] TreeExplainer load_tree_explainer(std::span<const std::byte> bytes, int num_threads = 1);

}  // namespace banzhaf

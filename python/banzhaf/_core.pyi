import os
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

import numpy as np
from numpy.typing import NDArray

GAME_CAPSULE: str
MAX_EXHAUSTIVE_PLAYERS: int
MAX_PLAYERS: int
MAX_WEIGHING_PLAYERS: int
MODEL_CAPSULE: str
NATIVE_VERSION: int
__version__: str

class AdjustmentRecord:
    @property
    def adjusted_variance(self) -> float: ...
    @property
    def kernel_weight(self) -> float: ...
    @property
    def leading(self) -> list[tuple[list[int], float]]: ...
    @property
    def n_selected(self) -> int: ...
    @property
    def n_terms(self) -> int: ...
    @property
    def plain_variance(self) -> float: ...
    @property
    def reason(self) -> str: ...
    @property
    def seconds(self) -> float: ...
    @property
    def terms_weight(self) -> float: ...

class BudgetDescription:
    @property
    def everything(self) -> int: ...
    @property
    def n_blocks(self) -> int: ...
    @property
    def n_coalitions(self) -> int: ...
    @property
    def n_pairs(self) -> int: ...
    @property
    def next_block(self) -> int: ...
    @property
    def next_stage(self) -> int: ...
    @property
    def one_block(self) -> int: ...
    @property
    def order(self) -> int: ...
    @property
    def part_of_block(self) -> bool: ...
    @property
    def weighing(self) -> bool: ...

class Estimate:
    @property
    def adjustments(self) -> list[AdjustmentRecord]: ...
    @property
    def condition_number(self) -> float: ...
    @property
    def degrees_of_freedom(self) -> float: ...
    @property
    def even_variance(self) -> NDArray[np.float64]: ...
    @property
    def mean_worth(self) -> NDArray[np.float64]: ...
    @property
    def n_distinct(self) -> int: ...
    @property
    def n_dropped(self) -> int: ...
    @property
    def n_evaluations(self) -> int: ...
    @property
    def odd_variance(self) -> NDArray[np.float64]: ...
    @property
    def r2(self) -> NDArray[np.float64]: ...
    @property
    def rank(self) -> int: ...
    @property
    def standard_errors(self) -> NDArray[np.float64]: ...
    @property
    def stopped(self) -> str: ...
    @property
    def values(self) -> NDArray[np.float64]: ...
    @property
    def variance_shares(self) -> NDArray[np.float64]: ...

class EstimateOptions:
    def __init__(
        self,
        *,
        method: str = "regression",
        ridge: float = 0.0,
        standard_errors: bool = True,
        interactions: str = "none",
        noisy: bool = False,
        num_threads: int = 0,
        p: float = 0.5,
    ) -> None: ...

class Estimator:
    def __init__(self, design: str, n_players: int, budget: int, seed: int, options: EstimateOptions) -> None: ...
    @property
    def condition_number(self) -> float: ...
    @property
    def degrees_of_freedom(self) -> float: ...
    @property
    def rank(self) -> int: ...

class GameEvaluation:
    def __init__(
        self,
        design: str,
        n_players: int,
        budget: int,
        seed: int,
        anytime: bool = False,
        deadline: float = ...,
        p: float = 0.5,
    ) -> None: ...
    def check_size(self) -> None: ...
    def evaluate(
        self,
        game: _Game,
        batch_size: int,
        drop_nonfinite: bool,
        num_threads: int,
        progress: Callable[[int], None] | None = None,
    ) -> None: ...
    def estimate(self, options: EstimateOptions, drop_nonfinite: bool) -> Estimate: ...
    def estimate_anytime(
        self,
        game: _Game,
        *,
        rules: StoppingRules,
        deadline: float,
        callback: Callable[[Estimate], bool] | None,
        options: EstimateOptions,
        batch_size: int,
        drop_nonfinite: bool,
        progress: Callable[[int], None] | None = None,
    ) -> Estimate: ...
    def coalitions(self, first: int, count: int) -> NDArray[np.bool_]: ...
    def estimate_so_far(self, options: EstimateOptions, drop_nonfinite: bool) -> Estimate: ...
    def in_design_order(self) -> GameEvaluation: ...
    def restore(self, worths: NDArray[np.float64]) -> None: ...
    def rows(self, first: int, count: int) -> NDArray[np.int64]: ...
    def take_worths(self) -> NDArray[np.float64]: ...
    @property
    def design(self) -> str: ...
    @property
    def is_shuffled(self) -> bool: ...
    @property
    def n_coalitions(self) -> int: ...
    @property
    def n_evaluated(self) -> int: ...
    @property
    def worths(self) -> NDArray[np.float64]: ...

class NativeModel:
    def __init__(
        self,
        *,
        function: int,
        data: int,
        n_columns: int,
        n_outputs: int,
        cell_type: int,
        thread_safe: bool,
        texts: Mapping[int, str],
    ) -> None: ...
    @staticmethod
    def described(address: int, texts: Mapping[int, str]) -> NativeModel: ...
    def outputs(self, rows: NDArray[Any], *, num_threads: int) -> NDArray[np.float64]: ...
    @property
    def cell_type(self) -> int: ...
    @property
    def n_columns(self) -> int: ...
    @property
    def n_outputs(self) -> int: ...
    @property
    def thread_safe(self) -> bool: ...

class XGBoostModel:
    def __init__(
        self,
        *,
        predict: int,
        get_num_feature: int,
        get_attr: int,
        handle: int,
        stops_early: bool,
        both_classes: bool,
        typestr: str,
        n_outputs: int,
    ) -> None: ...
    def is_for(self, n_columns: int) -> bool: ...
    @property
    def n_iterations(self) -> int: ...

_Model: TypeAlias = Callable[[NDArray[Any]], NDArray[np.float64]] | NativeModel
_Game: TypeAlias = Callable[[NDArray[np.bool_]], NDArray[np.float64]] | NativeGame

class NativeGame:
    def __init__(
        self,
        *,
        function: int,
        data: int,
        n_players: int,
        n_outputs: int,
        thread_safe: bool,
        texts: Mapping[int, str],
    ) -> None: ...
    @staticmethod
    def described(address: int, texts: Mapping[int, str]) -> NativeGame: ...
    def worths(self, coalitions: NDArray[np.bool_], *, num_threads: int) -> NDArray[np.float64]: ...
    @property
    def n_outputs(self) -> int: ...
    @property
    def n_players(self) -> int: ...
    @property
    def thread_safe(self) -> bool: ...

class Unevenness:
    @property
    def kind(self) -> str: ...
    @property
    def player(self) -> int: ...
    @property
    def share(self) -> float: ...

class PreparedExplainer:
    def __init__(
        self,
        background: NDArray[Any],
        *,
        n_players: int,
        player_of_column: Sequence[int],
        weights: Sequence[float],
        budget: int,
        ridge: float,
        noisy: bool,
        interactions: str = "none",
        shapley: bool = False,
        seed: int,
        num_threads: int,
    ) -> None: ...
    def background_outputs(self, model: _Model, batch_rows: int, num_threads: int = 0) -> NDArray[np.float64]: ...
    def start(
        self,
        explicands: NDArray[Any],
        *,
        rules: StoppingRules = ...,
        deadline: float = ...,
        callback: Callable[[], bool] | None = None,
        background_outputs: NDArray[np.float64] | None = None,
        background_check: tuple[int, Sequence[float]] | None = None,
        most_kept: int = 0,
    ) -> Explanations: ...

class Spectrum:
    @property
    def coefficients(self) -> NDArray[np.float64]: ...
    @property
    def complete(self) -> bool: ...
    @property
    def degrees_of_freedom(self) -> float: ...
    @property
    def errors(self) -> NDArray[np.float64]: ...
    @property
    def players(self) -> NDArray[np.int64]: ...
    @property
    def unbiased(self) -> NDArray[np.float64]: ...
    @property
    def unresolved_variance(self) -> NDArray[np.float64]: ...

class StoppingRules:
    def __init__(self, *, tolerance: float = 0.0, top_k: int = 0, confidence: float = 0.95) -> None: ...

class CrossedOptions:
    def __init__(
        self,
        *,
        budget: int,
        ridge: float = 0.0,
        noisy: bool = False,
        interactions: str = "none",
        seed: int = 0,
        num_threads: int = 0,
        rules: StoppingRules = ...,
        deadline: float = ...,
        callback: Callable[[], bool] | None = None,
    ) -> None: ...

class TakenRows:
    def __init__(self, *args: Any, **kwargs: Any) -> None: ...  # raises TypeError: take them from explanations
    def arrays(
        self,
    ) -> tuple[
        NDArray[np.int64],  # rows
        NDArray[np.int64],  # designs
        NDArray[np.float64],  # factors
        NDArray[np.int64],  # players
        NDArray[np.float64],  # worths
    ]: ...

class Explanations:
    def __init__(self, *args: Any, **kwargs: Any) -> None: ...  # raises TypeError: call shared or crossed instead
    @staticmethod
    def shared(
        background: NDArray[Any],
        explicands: NDArray[Any],
        *,
        n_players: int,
        player_of_column: Sequence[int],
        weights: Sequence[float],
        design: str,
        n_coalitions: int,
        seed: int,
        estimator: Estimator,
        num_threads: int,
        p: float = 0.5,
    ) -> Explanations: ...
    @staticmethod
    def crossed(
        background: NDArray[Any],
        explicands: NDArray[Any],
        *,
        n_players: int,
        player_of_column: Sequence[int],
        weights: Sequence[float],
        options: CrossedOptions,
    ) -> Explanations: ...
    @staticmethod
    def gradients(
        background: NDArray[Any],
        explicands: NDArray[Any],
        *,
        gradients: Callable[[NDArray[Any]], tuple[NDArray[np.float64], NDArray[Any]]],
        batch_rows: int,
        n_players: int,
        player_of_column: Sequence[int],
        weights: Sequence[float],
        budget: int,
        gradient_cost: float,
        noisy: bool,
        compares_values: bool,
        seed: int,
        num_threads: int,
        rules: StoppingRules = ...,
        deadline: float = ...,
        callback: Callable[[], bool] | None = None,
        background_outputs: NDArray[np.float64] | None = None,
        background_check: tuple[int, Sequence[float]] | None = None,
    ) -> Explanations: ...
    def take_kept(self) -> TakenRows | None: ...
    def results(
        self, outputs_axis: bool = True
    ) -> tuple[
        NDArray[np.float64],  # base_values
        NDArray[np.float64],  # values
        NDArray[np.float64],  # standard_errors
        NDArray[np.float64],  # background_errors
        NDArray[np.float64],  # r2
        NDArray[np.float64],  # degrees_of_freedom
        NDArray[np.float64] | None,  # predictions
        NDArray[np.int64],  # row_costs
        NDArray[np.int64],  # n_background
        tuple[str, ...],  # stopped
        int,  # n_model_rows
        int,  # rank
        float,  # condition_number
    ]: ...
    def run(
        self,
        model: _Model | XGBoostModel,
        batch_rows: int,
        num_threads: int = 0,
        progress: Callable[[int], None] | None = None,
        otherwise: Callable[[NDArray[Any]], NDArray[np.float64]] | None = None,
    ) -> None: ...
    @property
    def adjustments(self) -> tuple[str, ...]: ...
    @property
    def shapley(self) -> NDArray[np.float64]: ...
    @property
    def background_errors(self) -> NDArray[np.float64]: ...
    @property
    def base_values(self) -> NDArray[np.float64]: ...
    @property
    def condition_number(self) -> float: ...
    @property
    def degrees_of_freedom(self) -> NDArray[np.float64]: ...
    @property
    def n_background(self) -> list[int]: ...
    @property
    def flat(self) -> NDArray[np.uint8]: ...
    @property
    def gradient_rows(self) -> list[int]: ...
    @property
    def gradient_weights(self) -> NDArray[np.float64]: ...
    @property
    def n_confirming(self) -> int: ...
    @property
    def n_explained(self) -> int: ...
    @property
    def n_passed(self) -> int: ...
    @property
    def n_model_rows(self) -> int: ...
    @property
    def r2(self) -> NDArray[np.float64]: ...
    @property
    def rank(self) -> int: ...
    @property
    def row_costs(self) -> list[int]: ...
    @property
    def standard_errors(self) -> NDArray[np.float64]: ...
    @property
    def stopped(self) -> list[str]: ...
    @property
    def values(self) -> NDArray[np.float64]: ...

class Forest:
    def __init__(
        self,
        *,
        n_features: int,
        n_outputs: int,
        strict: bool,
        float32: bool,
        zero_threshold: float,
        truncate_categories: bool,
        first_node: NDArray[np.int64],
        left: NDArray[np.int32],
        right: NDArray[np.int32],
        feature: NDArray[np.uint32],
        threshold: NDArray[np.float64],
        missing: NDArray[np.uint8],
        cover: NDArray[np.float64],
        output_of_tree: NDArray[np.int32],
        first_value: NDArray[np.int64],
        values: NDArray[np.float64],
        base: NDArray[np.float64],
        first_category: NDArray[np.int64] | None = None,
        category_sides: NDArray[np.uint8] | None = None,
        other_left: NDArray[np.uint8] | None = None,
        first_term: NDArray[np.int64] | None = None,
        term_feature: NDArray[np.uint32] | None = None,
        coefficient: NDArray[np.float64] | None = None,
        intercept: NDArray[np.float64] | None = None,
    ) -> None: ...
    @property
    def has_cover(self) -> bool: ...
    @property
    def is_linear(self) -> bool: ...
    @property
    def n_features(self) -> int: ...
    @property
    def n_outputs(self) -> int: ...
    @property
    def n_trees(self) -> int: ...

class TreeValues:
    def __init__(
        self,
        forest: Forest,
        player_of_feature: Sequence[int],
        n_players: int,
        background: NDArray[np.float64] | None = None,
        num_threads: int = 0,
        kept_entries: int = 33554432,
        shared_entries: int = 256,
        most_entries: int = 5120,
        *,
        weights: NDArray[np.float64] | None = None,
        p: float = 0.5,
    ) -> None: ...
    def explain(self, rows: NDArray[np.float64], num_threads: int = 0) -> NDArray[np.float64]: ...
    def interactions(self, rows: NDArray[np.float64], order: int, num_threads: int = 0) -> NDArray[np.float64]: ...
    def predict(self, rows: NDArray[np.float64], num_threads: int = 0) -> NDArray[np.float64]: ...
    def shapley(self, rows: NDArray[np.float64], num_threads: int = 0) -> NDArray[np.float64]: ...
    @property
    def base_values(self) -> NDArray[np.float64]: ...
    @property
    def n_deep_leaves(self) -> int: ...
    @property
    def p(self) -> float: ...

class TreeFile:
    def __init__(self, path: str | os.PathLike[str], map: bool = True, num_threads: int = 1) -> None: ...
    def categories(self, column: int) -> list[str]: ...
    def explain(self, rows: NDArray[np.float64], num_threads: int = 0) -> NDArray[np.float64]: ...
    def parts(self) -> dict[str, Any]: ...
    def predict(self, rows: NDArray[np.float64], num_threads: int = 0) -> NDArray[np.float64]: ...
    @property
    def column_names(self) -> list[str]: ...
    @property
    def is_mapped(self) -> bool: ...
    @property
    def missing_number(self) -> float | None: ...
    @property
    def n_background(self) -> int: ...
    @property
    def output_names(self) -> list[str]: ...
    @property
    def player_names(self) -> list[str]: ...
    @property
    def refused(self) -> str: ...
    @property
    def tree_values(self) -> TreeValues: ...

def adjust_pairs(
    pairs: NDArray[np.bool_],
    odd: NDArray[np.float64],
    even: NDArray[np.float64],
    n_blocks: int = 0,
    nested: bool = False,
    seed: int = 0,
    most_operations: float = ...,
    num_threads: int = 0,
) -> dict[str, Any]: ...
def adjustment_operations(n_players: int, n_pairs: int, in_blocks: bool = ...) -> float: ...
def search_is_costly(n_players: int, n_pairs: int) -> bool: ...
def build_info() -> dict[str, str]: ...
def exact(worths: NDArray[np.float64], n_players: int, num_threads: int, p: float = 0.5) -> Estimate: ...
def fit(
    coalitions: NDArray[np.bool_], worths: NDArray[np.float64], options: EstimateOptions
) -> tuple[Estimate, Unevenness]: ...
def describe(design: str, n_players: int, budget: int, seed: int = 0) -> BudgetDescription: ...
def count_coalitions(design: str, n_players: int, budget: int) -> int: ...
def fresh_blocks_suit(n_players: int, n_pairs: int) -> bool: ...
def least_players_for_gradients(gradient_cost: float) -> float: ...
def required_pairs(n_players: int, epsilon: float, delta: float) -> float: ...
def fit_design(
    design: str, n_players: int, seed: int, worths: NDArray[np.float64], options: EstimateOptions
) -> Estimate: ...
def pair_interactions(
    rows: NDArray[np.int64],
    designs: NDArray[np.int64],
    factors: NDArray[np.float64],
    players: NDArray[np.int64],
    worths: NDArray[np.float64],
    *,
    n_players: int,
    seed: int,
    noisy: bool,
    num_threads: int,
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]: ...
def has_nan(numbers: NDArray[np.float32] | NDArray[np.float64]) -> bool: ...
def open_capsule(capsule: Any) -> tuple[str | None, int, int]: ...
def parse_ubjson(data: bytes | bytearray, tables: Sequence[str] = []) -> Any: ...
def random_words(seed: int, stream: int, first: int, count: int) -> NDArray[np.uint64]: ...
def coalition_words(coalitions: NDArray[np.bool_]) -> NDArray[np.int64]: ...
def sample_coalitions(
    design: str,
    n_players: int,
    budget: int,
    seed: int,
    first: int = 0,
    count: int | None = None,
    num_threads: int = 0,
    evaluated: int | None = None,
    p: float = 0.5,
) -> NDArray[np.bool_]: ...
def estimate_spectrum(
    design: str,
    n_players: int,
    budget: int,
    seed: int,
    worths: NDArray[np.float64],
    order: int,
    num_threads: int = 0,
) -> Spectrum: ...
def spectrum_of_given(
    coalitions: NDArray[np.bool_], worths: NDArray[np.float64], order: int, num_threads: int = 0
) -> Spectrum: ...
def default_num_threads() -> int: ...
def lasso(
    coalitions: NDArray[np.bool_], numbers: NDArray[np.float64], penalties: list[float], intercept: bool
) -> list[NDArray[np.float64]]: ...
def sparse_regression(
    coalitions: NDArray[np.bool_], numbers: NDArray[np.float64], intercept: bool, num_threads: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], float, float]: ...
def student_t_quantile(probability: float, degrees_of_freedom: float) -> float: ...
def fit_terms(
    rows: NDArray[np.bool_],
    odd: NDArray[np.float64],
    even: NDArray[np.float64],
    held_out: NDArray[np.uint8],
    sets_of_five: bool,
    num_threads: int,
) -> tuple[
    list[tuple[tuple[int, ...], float, float]], list[tuple[tuple[int, ...], float, float]], NDArray[np.float64]
]: ...
def walsh_hadamard(values: NDArray[np.float64], num_threads: int = 0) -> None: ...
def write_tree_file(
    *,
    forest: Forest,
    tree_values: TreeValues,
    player_of_feature: Sequence[int],
    background: NDArray[np.float64] | None,
    weights: NDArray[np.float64] | None,
    missing_number: float | None,
    refused: str,
    column_names: Sequence[bytes],
    player_names: Sequence[bytes],
    output_names: Sequence[bytes],
    categories: Sequence[Sequence[bytes]],
    checked_rows: NDArray[np.float64],
    description: bytes,
    num_threads: int = 0,
) -> bytes: ...

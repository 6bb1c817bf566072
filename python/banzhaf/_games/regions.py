# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Regions of an image as players."""

from __future__ import annotations

import math
import warnings
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import ArrayLike, NDArray

from banzhaf._games.masked import MaskedInput, shown_values
from banzhaf._support import arguments as check
from banzhaf._support.exact import check_exact, check_unmasked
from banzhaf._support.tensors import from_tensor

if TYPE_CHECKING:
    from matplotlib.axes import Axes

_ABSENCES = ("mean", "blur", "inpaint")


class ImageRegions(MaskedInput):
    """Explain what a model sees in one image by the values of the image's regions.

    The worth of a coalition is the model's output for the image in which all other regions are made unrecognisable.
    The regions are the squares of a grid, superpixels, or regions of your own.

    Parameters
    ----------
    model : callable or object
        Takes images, an array of shape (m, height, width) or (m, height, width, channels) with the dtype of `image`.
        Returns an array of shape (m,) or (m, n_outputs). An object is called by its ``predict_proba``, else its
        ``predict``.
    image : array_like of shape (height, width) or (height, width, channels)
        The image.
    regions : {"grid", "superpixels"} or array_like of int, shape (height, width), default "grid"
        ``"grid"`` makes about `n_regions` rectangles of equal size. ``"superpixels"`` makes about as many regions of
        similar colour, by SLIC [1]_ of scikit-image. An array holds the region of each pixel.
    n_regions : int, default 64
        Number of regions, unless they are given.
    absence : {"mean", "blur", "inpaint"}, number or array_like, default "mean"
        What replaces absent regions. ``"mean"`` is the region's own mean colour, and ``"blur"`` the image under a
        Gaussian blur with a width of an eighth of the shorter side. ``"inpaint"`` continues the colours of the present
        regions by the pull-push method [2]_. A number or an array is a colour or another image.
    output : int, optional
        The output that counts, such as a class. By default all outputs.
    batch_size : int, default 64
        Largest number of images in one call of the model.
    player_names : iterable of str, optional
        Names of the regions in order, all different.

    Attributes
    ----------
    n_players : int
        Number of regions.
    player_names : tuple of str or None
        Names of the regions in order.

    Warns
    -----
    UserWarning
        If the shape of the image looks like (channels, height, width).

    Notes
    -----
    A picture that the model has never seen, such as one with grey squares, may surprise it. Compare two absences before
    you trust a value.

    References
    ----------
    .. [1] Achanta, Shaji, Smith, Lucchi, Fua, Suesstrunk, "SLIC Superpixels Compared to State-of-the-Art Superpixel
       Methods", IEEE Transactions on Pattern Analysis and Machine Intelligence 34 (2012).
    .. [2] Gortler, Grzeszczuk, Szeliski, Cohen, "The Lumigraph", SIGGRAPH 1996.

    Examples
    --------
    A model that looks at the left half of an image:

    >>> import numpy as np
    >>> from banzhaf.games import ImageRegions
    >>> image = np.arange(64.0).reshape(8, 8)
    >>> game = ImageRegions(lambda images: images[:, :, :4].mean(axis=(1, 2)), image, n_regions=4, absence=0.0)
    >>> game.estimate(16).values.reshape(2, 2)
    array([[ 6.75,  0.  ],
           [22.75,  0.  ]])
    """

    def __init__(
        self,
        model: Any,
        image: ArrayLike,
        *,
        regions: str | ArrayLike = "grid",
        n_regions: int = 64,
        absence: str | float | ArrayLike = "mean",
        output: int | None = None,
        batch_size: int = 64,
        player_names: Iterable[str] | None = None,
    ) -> None:
        self._set_model(model, output, batch_size)
        check_unmasked(image, "image must be numbers, got")
        self._image = np.array(from_tensor(image, "image must be numbers, got"))
        if self._image.ndim not in (2, 3) or self._image.dtype.kind not in "uif" or 0 in self._image.shape:
            raise ValueError(
                "image must be numbers of shape (height, width) or (height, width, channels), "
                f"got {self._image.dtype} of shape {self._image.shape}"
            )
        check_exact(image, self._image, "image must be numbers that float64 holds, got")
        _warn_if_channels_come_first(self._image.shape)
        count = check.integer("n_regions", n_regions, 1)
        self._regions = _regions(self._image, regions, count)
        self.n_players = check.players(int(self._regions.max()) + 1)
        self.player_names = check.names("player_names", player_names, self.n_players, "regions")
        _check_finite(self._image, absence)
        self._absent = None if isinstance(absence, str) and absence == "inpaint" else self._absent_image(absence)

    def _masked(self, rows: NDArray[np.bool_]) -> NDArray[Any]:
        present = rows[:, self._regions]
        if self._image.ndim == 3:
            present = present[..., None]
        absent = _pull_push(self._image, present) if self._absent is None else self._absent
        if self._image.dtype.kind in "ui":
            limits = np.iinfo(self._image.dtype)
            absent = np.clip(np.rint(absent), limits.min, limits.max)
        return np.where(present, self._image, absent.astype(self._image.dtype))

    def _absent_image(self, absence: Any) -> NDArray[np.float64]:
        image = self._image.astype(np.float64)
        if not isinstance(absence, str):
            check_unmasked(absence, "absence must be a word, a colour or an image, got")
            absence = from_tensor(absence, "absence must be a word, a colour or an image, got")
            try:
                filled = np.empty(0) if _holds_no_numbers(absence) else np.asarray(absence, dtype=np.float64)
            except (TypeError, ValueError):
                filled = np.empty(0)
            if filled.shape not in ((), (1,), image.shape[2:], (1, 1, *image.shape[2:]), image.shape):
                raise ValueError(
                    f"absence must be a word, a colour or an image of shape {image.shape}, got {absence!r}"
                )
            filled = np.broadcast_to(filled, image.shape)
            if self._image.dtype.kind in "ui" and (filled.astype(self._image.dtype) != filled).any():
                raise ValueError(
                    f"absence must be a colour that the image's {self._image.dtype} can hold, got {absence!r}: "
                    "round it, or pass an image of floats"
                )
            with np.errstate(over="ignore"):
                overflows = np.isinf(filled.astype(self._image.dtype)) & ~np.isinf(filled)
            if overflows.any():
                raise ValueError(
                    f"absence must be a colour that the image's {self._image.dtype} can hold, got {absence!r}"
                )
            return filled.copy()
        if check.choice("absence", absence, _ABSENCES) == "blur":
            return _blurred(image, min(image.shape[:2]) / 8.0)
        sizes = np.bincount(self._regions.ravel(), minlength=self.n_players)
        channels = image.reshape(*image.shape[:2], -1)
        means = [
            np.bincount(self._regions.ravel(), channels[..., c].ravel(), self.n_players) / sizes
            for c in range(channels.shape[2])
        ]
        return np.stack(means, axis=-1)[self._regions].reshape(image.shape)

    def overlay(self, values: Any, ax: Axes | None = None, *, output: int | None = None) -> Axes:
        """Draw the image with its regions coloured by their values: red for positive ones, blue for negative ones.

        Parameters
        ----------
        values : BanzhafValues or array_like of shape (n_players,) or (n_players, n_outputs)
            Values of the regions.
        ax : matplotlib.axes.Axes, optional
            Where to draw. By default a new figure.
        output : int, optional
            The output to show, if the values have several.

        Returns
        -------
        matplotlib.axes.Axes
            The Axes with the picture and a colour bar in the unit of the model's output.

        Raises
        ------
        TypeError, ValueError
            If the values do not fit the regions, or have several outputs and none is chosen.
        ImportError
            If matplotlib is not installed.

        Examples
        --------
        >>> import numpy as np
        >>> from banzhaf.games import ImageRegions
        >>> game = ImageRegions(lambda images: images[:, :4, :4].mean(axis=(1, 2)), np.eye(8), n_regions=4)
        >>> ax = game.overlay(game.estimate(16))
        >>> len(ax.images)
        2
        """
        from matplotlib.colors import LinearSegmentedColormap

        from banzhaf._plots.style import plain_axes
        from banzhaf._support.pictures import HIGH, LOW

        shown = shown_values(values, self.n_players, self.player_names, output)
        ax = plain_axes(ax, 4.2)
        grey = self._image.mean(axis=2) if self._image.ndim == 3 else self._image
        ax.imshow(grey, cmap="gray", interpolation="nearest")
        largest = float(np.abs(shown).max()) or 1.0
        strength = np.abs(shown)[self._regions] / largest
        layer = ax.imshow(
            shown[self._regions],
            cmap=LinearSegmentedColormap.from_list("signs", [LOW, "white", HIGH]),
            vmin=-largest,
            vmax=largest,
            alpha=0.85 * strength,
            interpolation="nearest",
        )
        ax.set_axis_off()
        bar = ax.figure.colorbar(layer, ax=ax, label="Banzhaf value", pad=0.02)
        if bar.solids is not None:
            bar.solids.set_alpha(1.0)
        return ax

    def _described(self) -> str:
        return f"{self.n_players} regions of {' x '.join(map(str, self._image.shape[:2]))} pixels"


def _check_finite(image: NDArray[Any], absence: Any) -> None:
    """Refuse missing pixels if other pixels are computed from the image, because they would spread."""
    if isinstance(absence, str) and not np.isfinite(image).all():
        raise ValueError(
            f"image must be finite for absence={absence!r}, got {image[~np.isfinite(image)][0]}: fill in such pixels, "
            "or pass a number or another image as absence"
        )


def _holds_no_numbers(absence: Any) -> bool:
    """Whether what should be a colour is None or a mask, which NumPy would read as NaN, or as 0 and 1."""
    found = np.asarray(absence)
    return found.dtype.kind == "b" or (found.dtype == object and any(cell is None for cell in found.ravel()))


def _warn_if_channels_come_first(shape: tuple[int, ...]) -> None:
    if len(shape) == 3 and shape[0] in (1, 3, 4) and min(shape[1:]) > 4:
        warnings.warn(
            f"image has the shape {shape}, and is read as {shape[0]} rows of {shape[1]} pixels with {shape[2]} "
            "channels. If its channels come first, pass numpy.moveaxis(image, 0, -1), and let model move them back",
            UserWarning,
            stacklevel=3,
        )


def _regions(image: NDArray[Any], given: Any, n_regions: int) -> NDArray[np.intp]:
    """Make or check the region of each pixel; regions are numbered from 0 without gaps."""
    height, width = image.shape[:2]
    if isinstance(given, str):
        if check.choice("regions", given, ("grid", "superpixels")) == "grid":
            rows = min(height, max(1, round(math.sqrt(n_regions * height / width))))
            columns = min(width, max(1, round(n_regions / rows)))
            row = np.arange(height) * rows // height
            column = np.arange(width) * columns // width
            return np.asarray(row[:, None] * columns + column, dtype=np.intp)
        try:
            from skimage.segmentation import slic
        except ImportError as error:
            raise ImportError("regions='superpixels' needs scikit-image: pip install scikit-image") from error
        scaled = image.astype(np.float64)
        spread = float(np.ptp(scaled)) or 1.0
        scaled = (scaled - scaled.min()) / spread
        labels = slic(scaled, n_segments=n_regions, start_label=0, channel_axis=-1 if image.ndim == 3 else None)
    else:
        check_unmasked(given, "regions must be a word or integers, got")
        labels = np.asarray(from_tensor(given, "regions must be a word or integers, got"))
        if labels.dtype.kind not in "ui" or labels.shape != (height, width):
            raise ValueError(
                f"regions must be a word, or integers of shape {(height, width)}, got {labels.dtype} of shape "
                f"{labels.shape}"
            )
    return np.unique(labels, return_inverse=True)[1].reshape(height, width)


def _blurred(image: NDArray[np.float64], sigma: float) -> NDArray[np.float64]:
    """Blur by a Gaussian; beyond its edges, the image is mirrored."""
    for axis in (0, 1):
        size = image.shape[axis]
        positions = np.arange(size)
        kernel = np.zeros((size, size))
        reach = math.ceil(4 * sigma)
        for offset in range(-reach, reach + 1):
            at = np.mod(positions + offset, 2 * size)
            at = np.where(at >= size, 2 * size - 1 - at, at)
            kernel[positions, at] += math.exp(-0.5 * (offset / sigma) ** 2)
        kernel /= kernel.sum(axis=1, keepdims=True)
        image = np.moveaxis(np.tensordot(kernel, image, axes=(1, axis)), 0, axis)
    return image


def _pull_push(image: NDArray[Any], present: NDArray[np.bool_]) -> NDArray[np.float64]:
    """Fill absent pixels from the present ones around them, the far ones from coarser versions of the image."""
    channels = image.astype(np.float64).reshape(*image.shape[:2], -1)
    weights = present.reshape(*present.shape[:3], 1).astype(np.float64)
    filled = _filled(weights * channels, weights, channels.mean(axis=(0, 1)))
    return filled.reshape(len(present), *image.shape)


def _filled(
    sums: NDArray[np.float64], weights: NDArray[np.float64], fallback: NDArray[np.float64]
) -> NDArray[np.float64]:
    height, width = sums.shape[1:3]
    if height == width == 1:
        coarse = np.broadcast_to(fallback, sums.shape)
    else:
        pad = ((0, 0), (0, height % 2 if height > 1 else 0), (0, width % 2 if width > 1 else 0), (0, 0))
        tall, wide = min(2, height), min(2, width)

        def halved(cells: NDArray[np.float64]) -> NDArray[np.float64]:
            cells = np.pad(cells, pad)
            m, h, w, c = cells.shape
            return cells.reshape(m, h // tall, tall, w // wide, wide, c).sum(axis=(2, 4))

        total = halved(weights)
        scale = np.where(total > 1, total, 1.0)
        small = _filled(halved(sums) / scale, np.minimum(total, 1.0), fallback)
        coarse = small.repeat(tall, axis=1).repeat(wide, axis=2)[:, :height, :width]
    return sums + (1.0 - weights) * coarse

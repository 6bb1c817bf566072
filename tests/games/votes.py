# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Real votes, with the power that others have published."""

from __future__ import annotations

# Electors from 1992 to 2000. Swings: D. E. Sidran, "Power Indices, the Electoral College and the U. S. Presidential
# Election of 2000", by the program ipgenf of D. Leech (University of Warwick). All states with 54 to 10 electors.
ELECTORS = [54, 33, 32, 25, 23, 22, 21, 18, 15, 14, 13, 13, 12, 12, 11, 11, 11, 11, 10, 10, *[9] * 2, *[8] * 6]
ELECTORS += [*[7] * 3, *[6] * 2, *[5] * 4, *[4] * 6, *[3] * 8]
ELECTORAL_SWINGS = {
    54: (525_180_666_785_903, "0.466454", "0.111428"),
    33: (292_267_988_381_903, "0.259586", "0.06201"),
    32: (282_842_187_059_467, "0.251214", "0.060011"),
    25: (218_271_801_954_339, "0.193864", "0.046311"),
    23: (200_234_772_354_797, "0.177844", "0.042484"),
    22: (191_273_826_428_787, "0.169885", "0.040583"),
    21: (182_348_576_094_347, "0.161958", "0.038689"),
    18: (155_767_173_134_343, "0.138349", "0.033049"),
    15: (129_437_847_790_351, "0.114964", "0.027463"),
    14: (120_709_085_546_443, "0.107211", "0.025611"),
    13: (112_001_326_743_389, "0.099477", "0.023763"),
    12: (103_312_925_200_401, "0.09176", "0.02192"),
    11: (94_642_269_011_929, "0.084059", "0.02008"),
    10: (85_987_775_858_127, "0.076372", "0.018244"),
    9: (77_347_890_835_355, "0.068699", "0.016411"),
}

# The Treaty of Nice with 27 states: 255 of 345 votes. Normalised index: D. Felsenthal, M. Machover, "The Treaty of Nice
# and qualified majority voting", Social Choice and Welfare 18 (2001).
NICE = [*[29] * 4, *[27] * 2, 14, 13, *[12] * 5, *[10] * 3, *[7] * 5, *[4] * 5, 3]
NICE_INDEX = {29: 778, 27: 742, 14: 426, 13: 397, 12: 368, 10: 309, 7: 218, 4: 125, 3: 94}  # in units of 0.0001

# Thousands of inhabitants of the 27 states on 1 January 2024 (Eurostat, demo_pjan), from Germany to Malta.
INHABITANTS = [83445, 68402, 58990, 48610, 36621, 19067, 17943, 11817, 10901, 10640, 10552, 10398, 9585, 9159]
INHABITANTS += [6445, 5961, 5604, 5425, 5344, 3862, 2886, 2124, 1872, 1375, 966, 672, 563]

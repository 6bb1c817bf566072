# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""
Categories and missing cells in pandas and polars
=================================================

The model gets the same kind of table as in training: a pandas table with categories, or a polars table. The values are
the same to the last bit.
"""

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import polars as pl
from sklearn.datasets import load_diabetes
from sklearn.ensemble import HistGradientBoostingRegressor

import banzhaf

# %%
# A table with texts and gaps
# ---------------------------
# We turn two columns of the diabetes data into categories, the body mass index by the classes of the World Health
# Organization. Every twelfth class is missing, as in many real tables.

data = load_diabetes(as_frame=True, scaled=False)
classes = ["underweight", "normal", "overweight", "obese"]
table = pd.DataFrame(
    {
        "age": data.data["age"],
        "sex": pd.Categorical.from_codes(data.data["sex"].astype(int) - 1, ["group 1", "group 2"]),
        "weight": pd.cut(data.data["bmi"], [0.0, 18.5, 25.0, 30.0, np.inf], labels=classes, right=False),
        "pressure": data.data["bp"],
        "triglycerides": data.data["s5"],
    }
)
table["weight"] = table["weight"].cat.as_unordered()
table.loc[table.index % 12 == 5, "weight"] = np.nan
table.head()

# %%
# Explain with pandas
# -------------------
# The model handles categories itself. The explainer passes masked rows as a DataFrame with the same columns, dtypes
# and categories.

model = HistGradientBoostingRegressor(categorical_features="from_dtype", max_iter=60, random_state=0)
model.fit(table[:300], data.target[:300])
explanation = banzhaf.Explainer(model, table[:40], random_state=0)(table[300:])
explanation

# %%
# Each category has a column of dots, and so have the missing cells.

explanation.plot.scatter("weight", color_by="triglycerides")
plt.show()

# %%

cells = explanation.data[:, explanation.feature_names.index("weight")]
effects = {}
for label in [*classes, None]:
    rows = np.array([cell is None or cell != cell if label is None else cell == label for cell in cells])
    if rows.any():
        effects[label or "missing"] = explanation[rows, "weight"].mean(0).values[0]
        print(f"{label or 'missing':<12} {rows.sum():>3} patients, mean value {effects[label or 'missing']:+.1f}")

# %%
# Obesity raises the predicted progression and normal weight lowers it. The gaps are spread evenly over all patients, so
# a missing class says nothing about them. Yet the model lowers its prediction for them about as much as for normal
# weight. This is a fault of the model that the accuracy hides and the explanation shows.
#
# Explain with polars
# -------------------
# Here the model is a function of a polars table. Texts are categories of the type ``Enum``.

enums = {
    "sex": pl.Enum(table["sex"].cat.categories.tolist()),
    "weight": pl.Enum(table["weight"].cat.categories.tolist()),
}
frame = pl.DataFrame(
    {
        name: pl.Series([None if cell != cell else cell for cell in column], dtype=enums.get(name))
        for name, column in table.items()
    }
)
print(frame.head(3))


def predict(rows):
    """Predict from a polars table: the codes of its categories are those of the pandas table."""
    columns = {}
    for name in rows.columns:
        if name in enums:
            codes = rows[name].to_physical().fill_null(-1).cast(pl.Int64).to_numpy()
            columns[name] = pd.Categorical.from_codes(codes, dtype=table[name].dtype)
        else:
            columns[name] = rows[name].to_numpy()
    return model.predict(pd.DataFrame(columns))


from_polars = banzhaf.Explainer(predict, frame[:40], random_state=0)(frame[300:])
same = np.array_equal(explanation.values, from_polars.values)
print(f"The same values from both tables: {same}")

# %%
# **Conclusion.** You need not encode categories or fill gaps for an explanation. It shows the cells as they are in your
# table, and the kind of table makes no difference.

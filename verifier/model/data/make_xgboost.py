"""Makes xgboost.json and xgboost_answers.json: a tiny model by XGBoost, and what XGBoost answers with it.

    pip install xgboost==3.2.0 numpy
    python3 verifier/model/data/make_xgboost.py FOLDER

Written from XGBoost itself (Apache-2.0), trained on numbers that numpy draws here; nothing of anybody's data is in
it. `scripts/test --long` makes both again and compares them.
"""

import json
import pathlib
import sys

import numpy
import xgboost

folder = pathlib.Path(sys.argv[1])
draw = numpy.random.default_rng(7)
rows = draw.normal(size=(3000, 4)).astype(numpy.float32)
margin = 2 * rows[:, 0] - rows[:, 1] * rows[:, 2] - 2
labels = draw.random(3000) < 1 / (1 + numpy.exp(-margin))
rows[draw.random(rows.shape) < 0.1] = numpy.nan
names = ["amount", "count", "age", "share"]
data = xgboost.DMatrix(rows, labels, feature_names=names)
settings = {"objective": "binary:logistic", "max_depth": 5, "eta": 0.3, "tree_method": "exact", "seed": 1, "nthread": 1}
model = xgboost.train(settings, data, num_boost_round=10)
model.save_model(folder / "xgboost.json")
asked = rows[:40]
asked[0] = numpy.nan
asked = xgboost.DMatrix(asked, feature_names=names)
answers = {
    "rows": [[None if numpy.isnan(value) else float(value) for value in row] for row in rows[:40]],
    "probabilities": [float(value) for value in model.predict(asked)],
    "contributions": [[float(value) for value in row] for row in model.predict(asked, pred_contribs=True)],
}
(folder / "xgboost_answers.json").write_text(json.dumps(answers) + "\n")

"""Prints xgboost_ap_mean: XGBoost's exact trees on the published data's own 15 features, in the mean of the same folds.

    python3 tests/bench/model/xgboost_folds.py FILE

`scripts/bench` runs it with the packages of requirements.txt beside it. 100 trees, rate 0.1, depth 3, base score 0.5.
"""

import json
import sys

import numpy
import pandas
import xgboost

rows = pandas.read_csv(sys.argv[1])
day = rows.TX_TIME_DAYS
others = ("TX_AMOUNT", "TX_DURING_WEEKEND", "TX_DURING_NIGHT")
features = [name for name in rows.columns if name in others or name.endswith("WINDOW")]
assert len(features) == 15


def average_precision(labels, scores):
    order = numpy.argsort(-scores, kind="stable")
    labels, scores = labels[order], scores[order]
    last = numpy.append(scores[1:] != scores[:-1], True)
    frauds = numpy.cumsum(labels)[last]
    precision = frauds / (numpy.flatnonzero(last) + 1)
    return float(numpy.sum(numpy.diff(frauds, prepend=0) / frauds[-1] * precision))


def fold(start):
    train = rows[(day >= start) & (day < start + 7)]
    known = set(train[train.TX_FRAUD == 1].CUSTOMER_ID)
    parts = []
    for tested in range(start + 14, start + 21):
        known |= set(rows[(day == tested - 8) & (rows.TX_FRAUD == 1)].CUSTOMER_ID)
        parts.append(rows[(day == tested) & ~rows.CUSTOMER_ID.isin(known)])
    test = pandas.concat(parts)
    model = xgboost.XGBClassifier(
        n_estimators=100, learning_rate=0.1, max_depth=3, tree_method="exact", base_score=0.5, n_jobs=1
    )
    model.fit(train[features], train.TX_FRAUD)
    return average_precision(test.TX_FRAUD.to_numpy(), model.predict_proba(test[features])[:, 1])


values = [fold(start) for start in (87, 94, 101, 108)]
line = {"name": "xgboost_ap_mean", "value": round(sum(values) / 4, 3), "unit": "share", "n": 4, "machine": f"xgboost {xgboost.__version__}"}
print(json.dumps(line, separators=(",", ":")))

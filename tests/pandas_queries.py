"""Fills an experiment with runs whose values are odd in every way that happens, asks pandas a
list of generated questions, and prints the answers: pandas_queries.py DB EXPERIMENT RUNS QUERIES.

The answers are what `halimede.runs` must say. The frame is made from what is written, not read
back, so that both sides see the same runs."""

import json
import math
import random
import re
import sys

import numpy as np
import pandas as pd

from mlflow_sqlite import insert

database, experiment, n_runs, n_queries = sys.argv[1], int(sys.argv[2]), int(sys.argv[3]), int(sys.argv[4])
rnd = random.Random(11)
START = 1_700_000_000_000

OPTIMIZERS = ["adam", "Adam W", "sgd", "lion", "a_b%c", 'quo"ted', "über"]
RATES = ["0.1", "1e-2", "0.01", "1e-3", "0.0010", "3", "auto", "nan", "inf", " 0.5 "]
NAMES = ["mlp", "cnn", "vit"]

runs, params, tags, latest, history, rows = [], [], [], [], [], []
for i in range(n_runs):
    run = f"{i:032x}"
    name = f"{rnd.choice(NAMES)}-{i}"
    start = START + 1000 * rnd.randrange(0, 5_000_000)
    status = rnd.choice(["FINISHED", "FINISHED", "FAILED", "RUNNING", "KILLED"])
    end = start + 1000 * rnd.randrange(1, 9000) if status != "RUNNING" else None
    row = {"id": run, "name": name, "start": start, "end": end, "status": status.lower()}
    runs.append((run, name, "LOCAL", "", "", "", status, start, end, "", "active", f"mlflow-artifacts:/{experiment}/{run}/artifacts", experiment))
    tags.append(("mlflow.runName", name, run))
    if rnd.random() < 0.8:
        row["opt"] = rnd.choice(OPTIMIZERS)
        params.append(("opt", row["opt"], run))
    if rnd.random() < 0.8:
        row["lr"] = rnd.choice(RATES)
        params.append(("lr", row["lr"], run))
    row["model"], row["seed"] = rnd.choice(["big", "small", "tiny"]), str(rnd.randrange(5))
    params += [("model", row["model"], run), ("seed", row["seed"], run)]
    if rnd.random() < 0.5:
        row["team"] = rnd.choice(["vision", "text"])
        tags.append(("team", row["team"], run))
    for metric, chance in [("val/acc", 0.9), ("loss", 0.7)]:
        if rnd.random() >= chance:
            continue
        points = [rnd.choice([rnd.random(), rnd.random(), float(rnd.randrange(3)), math.nan]) for _ in range(rnd.randrange(1, 6))]
        for step, value in enumerate(points):
            odd = math.isnan(value)
            history.append((metric, 0.0 if odd else value, start + step, odd, step, run))
        value, odd = points[-1], math.isnan(points[-1])
        latest.append((metric, 0.0 if odd else value, start + len(points) - 1, odd, len(points) - 1, run))
        row[metric] = value
        good = [it for it in points if not math.isnan(it)]
        row[f"max {metric}"] = max(good) if good else math.nan
        row[f"min {metric}"] = min(good) if good else math.nan
        row[f"mean {metric}"] = float(np.mean(good)) if good else math.nan
        row[f"first {metric}"] = points[0]
        row[f"has {metric}"] = True
    rows.append(row)

insert(database, runs, params, tags, latest, history)

frame = pd.DataFrame(rows)
for metric in ["val/acc", "loss"]:
    frame[f"has {metric}"] = frame[f"has {metric}"].fillna(False).astype(bool)
frame["rate"] = pd.to_numeric(frame["lr"].str.strip(), errors="coerce")
is_number = frame["rate"].notna() | (frame["lr"].str.strip() == "nan")
has = {"lr": frame["lr"].notna(), "opt": frame["opt"].notna(), "team": frame["team"].notna()}


def metric_condition():
    metric = rnd.choice(["val/acc", "loss"])
    figure = rnd.choice(["", "", "max", "min", "mean", "first"])
    column = frame[f"{figure} {metric}".strip()]
    there = frame[f"has {metric}"]
    text = f"{figure}({metric})" if figure else metric
    limit = rnd.choice([round(rnd.random(), 2), 1, 0, 0.5])
    kind = rnd.randrange(8)
    if kind == 0:
        return f"{text} is null", ~there
    if kind == 1:
        return f"{text} = nan", there & column.isna()
    if kind == 2:
        low = round(rnd.random() / 2, 2)
        return f"{text} between {low} and {limit}", there & (column >= low) & (column <= limit)
    sign = ["<", "<=", ">", ">=", "!="][kind - 3]
    good = {"<": column < limit, "<=": column <= limit, ">": column > limit, ">=": column >= limit, "!=": column != limit}[sign]
    return f"{text} {sign} {limit}", there & good


def rate_condition():
    kind = rnd.randrange(6)
    limit = rnd.choice(["0.01", "1e-3", "0.5", "1"])
    number, rate = float(limit), frame["rate"]
    if kind == 0:
        return f"params.lr = {limit}", has["lr"] & (rate == number)
    if kind == 1:
        return f"params.lr != {limit}", has["lr"] & ~(rate == number)
    if kind == 2:
        return f"lr < {limit}", is_number & (rate < number)
    if kind == 3:
        return f"lr >= {limit}", is_number & (rate >= number)
    if kind == 4:
        text = rnd.choice(RATES)
        return f"lr = '{text}'", frame["lr"] == text
    return "lr is not null", has["lr"]


def text_condition():
    kind = rnd.randrange(7)
    if kind == 0:
        word = rnd.choice(OPTIMIZERS)
        quoted = word.replace('"', '\\"')
        return f'opt = "{quoted}"', frame["opt"] == word
    if kind == 1:
        return "params.opt like 'a%'", frame["opt"].str.startswith("a", na=False)
    if kind == 2:
        return "opt ilike '%A%'", frame["opt"].str.lower().str.contains("a", na=False)
    if kind == 3:
        pattern = rnd.choice(["^a", "[ds]", "W$", "a.b", "ü"])
        found = frame["opt"].map(lambda it: bool(re.search(pattern, it)), na_action="ignore")
        return f"opt =~ '{pattern}'", found.fillna(False).astype(bool)
    if kind == 4:
        return "opt not in ('adam', 'sgd')", has["opt"] & ~frame["opt"].isin(["adam", "sgd"])
    if kind == 5:
        status = rnd.choice(["finished", "FAILED", "running"])
        return f"attributes.status = '{status}'", frame["status"] == status.lower()
    return "tags.team != 'text'", has["team"] & (frame["team"] != "text")


def other_condition():
    kind = rnd.randrange(6)
    if kind == 5:
        seconds = rnd.choice([100, 4000])
        return f"end_time - {seconds}s < start_time", frame["end"] - seconds * 1000 < frame["start"]
    if kind == 4:
        with np.errstate(all="ignore"):
            bits = np.log2(frame["rate"]) - np.abs(frame["loss"] - 1)
        return "log2(lr) - abs(loss - 1) <= -4", is_number & frame["has loss"] & (bits <= -4)
    if kind == 0:
        seconds = rnd.choice([100, 4000])
        return f"duration < {seconds}s", (frame["end"] - frame["start"]) < seconds * 1000
    if kind == 1:
        start = START + 1000 * rnd.randrange(0, 5_000_000)
        return f"start_time >= {start}", frame["start"] >= start
    if kind == 2:
        name = rnd.choice(NAMES)
        return f"name =~ '^{name}-\\d*7$'", frame["name"].str.match(f"^{name}-\\d*7$")
    there = frame["has val/acc"] & frame["has loss"]
    return "val/acc - loss > 0.2", there & ((frame["val/acc"] - frame["loss"]) > 0.2)


def condition(depth):
    if depth > 0 and rnd.random() < 0.6:
        (left, a), (right, b) = condition(depth - 1), condition(depth - 1)
        return rnd.choice([(f"({left} and {right})", a & b), (f"({left} or {right})", a | b), (f"({left}) and not ({right})", a & ~b)])
    text, good = rnd.choice([metric_condition, metric_condition, rate_condition, text_condition, other_condition])()
    return text, good.fillna(False).astype(bool)


SORTS = {
    "metrics.val/acc": ("val/acc", lambda it: frame["has val/acc"]),
    "max.loss": ("max loss", lambda it: frame["has loss"]),
    "attributes.start_time": ("start", None),
    "attributes.duration": ("duration", None),
}
frame["duration"] = frame["end"] - frame["start"]


def in_order(good):
    """Missing last, NaN before it, ties newest first and then by id."""
    field = rnd.choice(list(SORTS))
    column, there = SORTS[field]
    descending = rnd.random() < 0.5
    part = frame[good].sort_values(["start", "id"], ascending=[False, True], kind="stable")
    values = part[column]
    present = there(None)[part.index] if there else values.notna()
    rank = np.where(~present, 2, np.where(values.isna(), 1, 0))
    keyed = part.assign(rank=rank, value=np.where(rank == 0, values.fillna(0) * (-1 if descending else 1), 0))
    keyed = keyed.sort_values(["rank", "value"], kind="stable")
    return ("-" if descending else "") + field, list(keyed["id"])


queries = []
for _ in range(n_queries):
    text, good = condition(2)
    sort, ids = in_order(good)
    queries.append({"filter": text, "sort": sort, "ids": ids})

groups = []
for by, keys in [("params.model", ["model"]), ("params.model,params.opt", ["model", "opt"])]:
    part = frame.assign(opt=frame["opt"].fillna(""))
    for key, of in part.groupby(keys):
        values = of[of["has loss"]]["loss"]
        groups.append({"by": by, "key": list(key), "n": len(of), "count": int(values.count()), "mean": values.mean(), "median": values.median(), "sd": values.std()})

clean = lambda it: None if isinstance(it, float) and math.isnan(it) else it
print(json.dumps({"queries": queries, "groups": [{k: clean(v) for k, v in it.items()} for it in groups]}))

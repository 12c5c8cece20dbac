"""Twenty thousand runs of a sweep with seeds, one config the best and one cause planted, straight
into MLflow's SQLite file: seed_planted.py DB EXPERIMENT RUNS. Prints what pandas finds as JSON."""

import json
import random
import re
import sys

import pandas as pd

from mlflow_sqlite import insert

database, experiment, n = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
rnd = random.Random(3)
START = 1_700_000_000_000
runs, params, tags, latest, history, rows = [], [], [], [], [], []
configs = [(m, o, lr, wd) for m in ["mlp", "cnn", "vit", "mixer"] for o in ["adam", "adamw", "sgd", "lion"]
           for lr in ["3e-4", "1e-3", "3e-3", "1e-2", "0.1"] for wd in ["0", "0.01", "0.1"]]
i = 0
while i < n:
    model, optimizer, lr, wd = configs[i // 5 % len(configs)]
    batch = str(16 * (1 + i // 5 // len(configs)))
    for seed in range(5):
        run = f"{i:032x}"
        good = 0.7 + 0.05 * (model == "vit") + 0.04 * (optimizer == "adamw") - 0.02 * abs(float(lr) - 1e-3) ** 0.5
        final = good + rnd.gauss(0, 0.01)
        augment = "flip"
        if i % 977 == 3:
            # The planted cause: everything like its siblings, but for one word.
            augment, final = "flip-labels", final - 0.4
        name = f"{model}-{optimizer}-{lr}-seed{seed}"
        start = START + 1000 * i
        runs.append((run, name, "LOCAL", "", "", "sweep", "FINISHED", start, start + 60_000, "", "active", f"mlflow-artifacts:/{experiment}/{run}/artifacts", experiment))
        tags.append(("mlflow.runName", name, run))
        for key, value in [("model", model), ("optimizer", optimizer), ("lr", lr), ("weight_decay", wd), ("batch_size", batch), ("seed", str(seed)), ("augment", augment)]:
            params.append((key, value, run))
        curve = [final * (1 - 0.5 ** (step + 1)) + rnd.gauss(0, 0.01) for step in range(8)]
        for step, value in enumerate(curve):
            history.append(("val/acc", value, start + step, False, step, run))
        latest.append(("val/acc", curve[-1], start + 7, False, 7, run))
        rows.append({"id": run, "name": name, "model": model, "optimizer": optimizer, "lr": float(lr), "wd": wd, "batch": batch, "augment": augment, "acc": curve[-1], "max": max(curve)})
        i += 1

insert(database, runs, params, tags, latest, history)

frame = pd.DataFrame(rows)
part = frame[((frame["optimizer"] == "adamw") | frame["name"].str.match("^vit-l")) & frame["lr"].between(5e-4, 5e-3) & (frame["wd"] == "0.01") & (frame["max"] > 0.75)]
folds = part.groupby(["model", "optimizer", "lr", "wd", "batch", "augment"])["acc"].agg(["mean", "std", "count"]).sort_values("mean", ascending=False)
best = folds.iloc[0]
worse = frame[frame["augment"] == "flip-labels"].iloc[0]
sibling = frame[(frame["augment"] == "flip") & (frame["model"] == worse["model"]) & (frame["optimizer"] == worse["optimizer"]) & (frame["lr"] == worse["lr"]) & (frame["wd"] == worse["wd"]) & (frame["batch"] == worse["batch"])].iloc[0]
print(json.dumps({"matched": len(part), "folds": len(folds), "mean": best["mean"], "sd": best["std"], "n": int(best["count"]),
                  "worse": worse["id"], "sibling": sibling["id"]}))

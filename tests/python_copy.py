"""Whether scripts that leave find the runs they should.

python_copy.py make DIR   fills a store in DIR with odd runs and prints them, with questions and the
                          ids that pandas finds in what was written: not in what is read back.
python_copy.py run DIR    runs the scripts of DIR/scripts.json and asks the server for its share of
                          each; prints the ids that both find."""

import contextlib
import io
import json
import logging
import math
import os
import random
import re
import sys
import warnings

warnings.filterwarnings("ignore")
os.environ["MLFLOW_DISABLE_TELEMETRY"] = "true"
import mlflow
import pandas as pd
from mlflow.entities import Dataset, DatasetInput, InputTag, Metric, Param, RunTag

logging.disable(logging.WARNING)
step, folder = sys.argv[1], sys.argv[2]
address = f"sqlite:///{folder}/store.db"
START, NOW = 1_700_000_000_000, 1_700_000_600_000

RATES = ["0.1", "1e-2", "0.01", "1e-3", "0.0010", "3", "auto", "nan", "inf", " 0.5 ", "run-9", "run-10", "-2"]
OPTIMIZERS = ["adam", "Adam W", "sgd", "lion", "a_b%c", "it's", 'say "x"', "both ' and \"", "über", "back\\slash", "new\nline", ""]
VALUES = [0.0, 0.25, 0.5, 0.75, 1.0, -1.5, math.nan, math.inf, -math.inf]


def make():
    rnd = random.Random(5)
    mlflow.set_tracking_uri(address)
    client = mlflow.MlflowClient()
    experiment = client.create_experiment("odd", artifact_location=f"{folder}/artifacts")
    rows = []
    for i in range(60):
        start = START + 10_000 * rnd.randrange(40)
        row = {"name": f"{rnd.choice(['mlp', 'cnn'])}-{i}", "start": start, "params": {}, "tags": {}, "series": {}, "datasets": []}
        if rnd.random() < 0.8:
            row["params"]["lr"] = rnd.choice(RATES)
        if rnd.random() < 0.8:
            row["params"]["opt"] = rnd.choice(OPTIMIZERS)
        if rnd.random() < 0.5:
            row["params"]["loss"] = "a param named as a metric"
        row["params"]["learning rate"] = rnd.choice(["x", "y"])
        if rnd.random() < 0.5:
            row["tags"]["team"] = rnd.choice(["vision", "text", "two\nlines"])
        row["tags"]["mlflow.user"] = rnd.choice(["ann", "bob"])
        if i > 40 and rnd.random() < 0.5:
            row["tags"]["mlflow.parentRunId"] = "p1"
        for metric in ["val/acc", "loss"]:
            if rnd.random() < 0.8:
                row["series"][metric] = [rnd.choice(VALUES) for _ in range(rnd.randrange(1, 4))]
        if rnd.random() < 0.4:
            row["datasets"] = [{"name": rnd.choice(["mnist", "cifar"]), "digest": f"d{i % 3}", "context": rnd.choice(["train", "eval"])}]
        row["status"] = rnd.choice(["FINISHED", "FAILED", "RUNNING", "SCHEDULED", "KILLED"])
        row["end"] = start + 1000 * rnd.randrange(1, 200) if row["status"] in ("FINISHED", "FAILED", "KILLED") else None
        run = client.create_run(experiment, start_time=start, tags=row["tags"], run_name=row["name"])
        row["id"] = run.info.run_id
        client.log_batch(
            row["id"],
            metrics=[Metric(k, v, start + at, at) for k, all in row["series"].items() for at, v in enumerate(all)],
            params=[Param(k, v) for k, v in row["params"].items()],
        )
        for it in row["datasets"]:
            data = Dataset(it["name"], it["digest"], "code", "{}")
            client.log_inputs(row["id"], [DatasetInput(data, [InputTag("mlflow.data.context", it["context"])])])
        if row["end"]:
            client.set_terminated(row["id"], row["status"], row["end"])
        else:
            client.update_run(row["id"], status=row["status"])
        rows.append(row)
    print(json.dumps({"address": address, "experiment": experiment, "now": NOW, "runs": rows, "queries": queries(rows)}))


def number(text):
    try:
        return float(text) if text and "_" not in text else None
    except ValueError:
        return None


def queries(rows):
    f = pd.DataFrame(
        {
            "id": it["id"],
            "name": it["name"],
            "start": it["start"],
            "end": it["end"],
            "status": it["status"],
            "lr": it["params"].get("lr"),
            "opt": it["params"].get("opt"),
            "odd": it["params"]["learning rate"],
            "team": it["tags"].get("team"),
            "user": it["tags"]["mlflow.user"],
            "parent": it["tags"].get("mlflow.parentRunId"),
            "data": it["datasets"],
            "acc_there": "val/acc" in it["series"],
            "loss_there": "loss" in it["series"],
            "acc": it["series"].get("val/acc", [math.nan])[-1],
            "loss": it["series"].get("loss", [math.nan])[-1],
            "accs": it["series"].get("val/acc", []),
        }
        for it in rows
    )
    lr = f.lr.map(number, na_action="ignore").astype(float)
    lr_nan = f.lr == "nan"
    duration = f.end - f.start
    good = f.accs.map(lambda all: [it for it in all if not math.isnan(it)])
    top = good.map(lambda all: max(all, default=math.nan))
    low = good.map(lambda all: min(all, default=math.nan))
    opt = f.opt.fillna("\0")
    here = f.opt.notna()
    texts = lambda it: " ".join([it["id"], it["name"], it["tags"]["mlflow.user"], it["tags"].get("team", ""), *it["params"].values()]).lower()
    words = pd.Series([texts(it) for it in rows])
    data = lambda passes: f.data.map(lambda all: any(passes(it) for it in all))
    asked = [
        ("", f.id.notna()),
        ("val/acc > 0.4", f.acc > 0.4),
        ("metrics.loss < 0.6 and val/acc >= 0", (f.loss < 0.6) & (f.acc >= 0)),
        ("loss != 0.5", f.loss_there & ~(f.loss == 0.5)),
        ("loss != 0", f.loss_there & ~(f.loss == 0)),
        ("loss = nan", f.loss_there & f.loss.isna()),
        ("loss != nan", f.loss_there & f.loss.notna()),
        ("loss = inf or loss < -1e9", f.loss.abs() == math.inf),
        ("loss is null", ~f.loss_there),
        ("loss is not null and not val/acc > 0", f.loss_there & ~(f.acc > 0)),
        ("loss between -2 and 0.5", f.loss.between(-2, 0.5)),
        ("loss not between 0 and 0.5", f.loss_there & ~f.loss.between(0, 0.5)),
        ("loss in (0.25, 0.5, inf)", f.loss.isin([0.25, 0.5, math.inf])),
        ("val/acc - loss > 0.2", (f.acc - f.loss) > 0.2),
        ("val/acc > loss", f.acc > f.loss),
        ("lr < 0.05", lr < 0.05),
        ("lr = 0.001", lr == 0.001),
        ("lr = '1e-3'", f.lr == "1e-3"),
        ("lr != 0.01", f.lr.notna() & ~(lr == 0.01)),
        ("lr = nan", lr_nan),
        ("lr > -1 and lr is not null", lr > -1),
        ("lr is null or lr = 'auto'", f.lr.isna() | (f.lr == "auto")),
        ("opt = \"it's\"", opt == "it's"),
        ("opt = 'say \"x\"'", opt == 'say "x"'),
        ("opt = 'both '' and \"'", opt == "both ' and \""),
        ("opt = 'back\\\\slash' or opt = 'new\nline'", opt.isin(["back\\slash", "new\nline"])),
        ("opt = 'new\nline'", opt == "new\nline"),
        ("opt = ''", opt == ""),
        ("opt != 'adam'", here & (opt != "adam")),
        ("opt > 'b'", here & (opt > "b")),
        ("opt like 'a%'", opt.str.startswith("a")),
        ("opt like 'a_b\\%%'", opt.map(lambda it: False)),
        ("opt like 'a_b%c'", opt == "a_b%c"),
        ("opt like '%n%'", opt.str.contains("n")),
        ("opt ilike '%ÜB%' or opt ilike 'ADAM%'", opt.isin(["über", "adam", "Adam W"])),
        ("opt not like '%a%'", here & ~opt.str.contains("a")),
        ("opt =~ '^[al].*[mn]$'", opt.isin(["adam", "lion"])),
        ("opt !~ '\\w\\s\\w'", here & ~opt.map(lambda it: bool(re.search(r"\w\s\w", it, re.ASCII)))),
        ("opt not in ('adam', 'sgd')", here & ~opt.isin(["adam", "sgd"])),
        ("params.`learning rate` = 'x' and loss > -5", (f.odd == "x") & (f.loss > -5)),
        ("params.loss is null", pd.Series(["loss" not in it["params"] for it in rows])),
        ("team != 'text'", f.team.notna() & (f.team != "text")),
        ("team like '%lines'", f.team == "two\nlines"),
        ("name =~ '^mlp-\\d*7$'", f.name.index.map(lambda i: bool(re.match(r"mlp-\d*7$", f["name"][i]))).to_series(index=f.index)),
        ("name like 'cnn-%' and status = 'finished'", f["name"].str.startswith("cnn-") & (f.status == "FINISHED")),
        ("status != 'Queued' and name != 'mlp-1'", (f.status != "SCHEDULED") & (f["name"] != "mlp-1")),
        ("status in ('running', 'queued')", f.status.isin(["RUNNING", "SCHEDULED"])),
        ("user = 'ann' and parent = 'p1'", (f.user == "ann") & (f.parent == "p1")),
        ("parent is null and user != 'bob'", f.parent.isna() & (f.user != "bob")),
        (f"id in ('{rows[3]['id']}', '{rows[5]['id']}')", f.id.isin([rows[3]["id"], rows[5]["id"]])),
        ("start_time > -5m", f.start > NOW - 300_000),
        (f"start_time >= {START + 100_000} and start_time <= '2023-11-14 22:16:40Z'", f.start.between(START + 100_000, START + 200_000)),
        ("duration < 90s", duration < 90_000),
        ("duration >= 1.5m or end_time is null", (duration >= 90_000) | f.end.isna()),
        ("dataset = 'mnist'", data(lambda it: it["name"] == "mnist")),
        ("datasets.name like 'ci%' and datasets.context = 'train'", data(lambda it: it["name"] == "cifar") & data(lambda it: it["context"] == "train")),
        ("datasets.digest != 'd1' or dataset is null", data(lambda it: it["digest"] != "d1") | (f.data.map(len) == 0)),
        ("max(val/acc) > 0.6 and lr < 1", (top > 0.6) & (lr < 1)),
        ("min(val/acc) = -inf or first(val/acc) = 0.25", (low == -math.inf) | f.accs.map(lambda all: all[:1] == [0.25])),
        ("count(val/acc) = 2 and max(val/acc) != 1", (f.accs.map(len) == 2) & ~(top == 1)),
        ("adam", words.str.contains("adam")),
        ("ann 'mlp-' or VISION", (words.str.contains("ann") & words.str.contains("mlp-")) | words.str.contains("vision")),
        ("opt = team or not (lr >= 0.01)", (here & (opt == f.team)) | ~(lr >= 0.01)),
        ("nobody_has_it = 1", f.id.isna()),
        ("params.nobody_has_it = 'x' or metrics.nobody_has_it > 1", f.id.isna()),
    ]
    # Newest first and by id where a sort says nothing; missing last, NaN before it.
    newest = f.sort_values(["start", "id"], ascending=[False, True])
    natural = lambda text: [(48, int(it), "") if it.isdigit() else (ord(it), 0, "") for it in re.findall(r"\d+|\D", text.lower())]

    def of_text(text):
        it = number(text)
        return (1, 0, natural(text)) if it is None else (0, 9e999 if it != it else it, [it != it])

    ranks = {
        "metrics.val/acc": f.acc.where(f.acc_there, None),
        "attributes.start_time": f.start,
        "attributes.duration": duration,
        "params.lr": f.lr.map(of_text, na_action="ignore"),
        "attributes.run_name": f["name"].map(natural),
        "attributes.status": f.status.map(["SCHEDULED", "RUNNING", "FINISHED", "FAILED", "KILLED"].index),
        "max.val/acc": top,
        "expr.loss * 2": f.loss * 2,
    }

    def in_order(mask, keys):
        rows = [i for i in newest.index if mask[i]]
        for key in reversed(keys):
            descending, values = key.startswith("-"), ranks[key.lstrip("-")]
            there = [i for i in rows if isinstance(values[i], (list, tuple)) or not pd.isna(values[i])]
            there = sorted(there, key=lambda i: values[i], reverse=descending)
            odd = [i for i in rows if i not in there]
            logged = lambda i: key.endswith("metrics.val/acc") and f.acc_there[i]
            rows = there + [i for i in odd if logged(i)] + [i for i in odd if not logged(i)]
        return [f.id[i] for i in rows]

    sorts = ["metrics.val/acc", "-metrics.val/acc,attributes.start_time", "params.lr", "-params.lr", "-attributes.duration", "attributes.run_name", "-attributes.status,params.lr", "-max.val/acc", "expr.loss * 2"]
    every = [("val/acc is not null or lr < 9", f.acc_there | (lr < 9), it) for it in sorts]
    every += [(text, mask, "") for text, mask in asked]
    rnd = random.Random(7)
    for _ in range(30):
        (a, left), (b, right), (c, last) = rnd.sample(asked[1:], 3)
        every.append((f"({a}) and (not ({b}) or {c})", left & (~right.astype(bool) | last), ""))
    return [{"filter": text, "sort": sort, "ids": in_order(mask.astype(bool), sort.split(",") if sort else [])} for text, mask, sort in every]


def run():
    found = []
    with open(f"{folder}/scripts.json") as file:
        scripts = json.load(file)
    for it in scripts["scripts"]:
        space = {}
        with contextlib.redirect_stdout(io.StringIO()):
            exec(compile(it["script"], it["filter"], "exec"), space)
        server = [] if it["pushed"] is None else list(mlflow.search_runs([scripts["experiment"]], filter_string=it["pushed"])["run_id"])
        found.append({"ids": list(space["runs"]["run_id"]), "server": server})
    print(json.dumps(found))


make() if step == "make" else run()

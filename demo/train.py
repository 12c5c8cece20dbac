"""Train the models of the demo and log them to an MLflow server.

    python demo/train.py --url http://127.0.0.1:5000

Three projects: `digits-mlp` (a small MLP written in numpy), `digits-classic`
(scikit-learn classifiers under one parent run), `diabetes` (regressors).
Every number that is logged was computed here, in this process. A run's curve is
uploaded once the run is over, so its times are those of the training alone; then
they are moved as a block into the past few days (see `Calendar`).
"""

import argparse
import hashlib
import json
import os
import pathlib
import time
import traceback

for _name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ.setdefault(_name, "1")  # tiny matrices: more threads are slower

import numpy as np
from mlflow.entities import (
    Dataset, DatasetInput, InputTag, LoggedModelOutput, Metric, Param, RunTag,
)
from mlflow.tracking import MlflowClient
from sklearn import ensemble, linear_model, metrics, model_selection, naive_bayes, neighbors, svm
from sklearn.datasets import load_diabetes, load_digits
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

import artifacts

STEPS = 3000
HERE = pathlib.Path(__file__).resolve()


def six(value):
    """A number rounded to six significant digits: all that a 32-bit float can hold."""
    return float(f"{value:.6g}")


# --------------------------------------------------------------- logging


class Calendar:
    """Start times: sessions on working days of the past week, runs one after another."""

    def __init__(self):
        self.now = int(time.time() * 1000)
        self.next = self.now

    def session(self, back, hour=None):
        """A session `back` working days ago at `hour` UTC, or `back` hours ago."""
        if hour is None:
            self.next = self.now - int(back * 3_600_000)
            return
        day = self.now // 86_400_000  # day 0 of the epoch was a Thursday
        while back:
            day -= 1
            back -= (day + 3) % 7 < 5
        self.next = day * 86_400_000 + int(hour * 3_600_000)

    def start(self):
        return self.next

    def took(self, ms):
        self.next += ms + 4_000 + ms % 1_700  # a few seconds until the next one


class Log:
    """One run. Points are kept until `end` and then sent in batches."""

    def __init__(self, ctx, project, name, params, tags=None, parent=None, datasets=(), live=False):
        self.ctx, self.points, self.later, self.lines = ctx, [], [], []
        self.clock = time.time()
        self.started = ctx.calendar.now if live else ctx.calendar.start()
        self.project = project
        tags = {"mlflow.user": "demo", "mlflow.source.name": "demo/train.py",
                "mlflow.source.type": "LOCAL", "mlflow.source.git.branch": "main",
                "mlflow.source.git.commit": ctx.source, **(tags or {})}
        if parent:
            tags["mlflow.parentRunId"] = parent
        run = ctx.client.create_run(project, self.started, tags, name)
        self.id, self.name = run.info.run_id, name
        ctx.client.log_batch(self.id, params=[Param(k, str(v)) for k, v in params.items()])
        if datasets:
            ctx.client.log_inputs(self.id, [
                DatasetInput(data, [InputTag("mlflow.data.context", context)])
                for context, data in datasets])
        self.clock = time.time()  # what the server took is not part of the run

    def now(self):
        return self.started + int((time.time() - self.clock) * 1000)

    def log(self, step, **values):
        """All values of one step share one time. `__` in a name stands for `/`."""
        at = self.now()
        self.points += [Metric(k.replace("__", "/"), six(v), at, step) for k, v in values.items()]

    def say(self, text):
        self.lines.append(f"[{(self.now() - self.started) / 1000:7.3f} s] {text}")

    def image(self, key, step, picture):
        self.later.append((key, step, self.now(), picture))

    def file(self, path, content):
        """A file of the run, given as text or bytes."""
        target = self.ctx.scratch / self.id / path
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(content if isinstance(content, bytes) else content.encode())
        folder = str(pathlib.PurePosixPath(path).parent)
        self.ctx.client.log_artifact(self.id, str(target), None if folder == "." else folder)

    def note(self, text):
        self.ctx.client.set_tag(self.id, "mlflow.note.content", text)

    def end(self, status="FINISHED"):
        """Send everything. `RUNNING` leaves the run open."""
        over = self.now()
        for i in range(0, len(self.points), 900):
            self.ctx.client.log_batch(self.id, metrics=self.points[i:i + 900])
        for key, step, at, picture in self.later:
            self.ctx.client.log_image(self.id, picture, key=key, step=step, timestamp=at)
        if status != "RUNNING":
            self.ctx.client.set_terminated(self.id, status, over)
            self.ctx.calendar.took(over - self.started)
        return self


def dataset(name, source, x, y, columns=None):
    """A data set's entry: digest of the very rows used, schema, profile."""
    digest = hashlib.sha256(np.ascontiguousarray(x).tobytes() + y.tobytes()).hexdigest()[:8]
    tensor = lambda a: {"type": "tensor", "tensor-spec": {"dtype": str(a.dtype),
                                                          "shape": [-1, *a.shape[1:]]}}
    schema = {"mlflow_colspec": [{"type": "double", "name": c, "required": True} for c in columns]} \
        if columns else {"mlflow_tensorspec": {"features": json.dumps([tensor(x)]),
                                               "targets": json.dumps([tensor(y)])}}
    profile = {"num_rows": len(x), "features_shape": list(x.shape), "targets_shape": list(y.shape)}
    return Dataset(name, digest, "http", json.dumps({"url": source}), json.dumps(schema),
                   json.dumps(profile))


# --------------------------------------------------------------- the MLP


class Mlp:
    """Fully connected ReLU layers and a softmax, float32."""

    def __init__(self, sizes, rng):
        self.params = []
        for n, m in zip(sizes, sizes[1:]):
            self.params.append(rng.normal(0, np.sqrt(2 / n), (n, m)).astype(np.float32))
            self.params.append(np.zeros(m, np.float32))

    def forward(self, x):
        kept = [x]
        for w, b in zip(self.params[0:-2:2], self.params[1:-2:2]):
            kept.append(np.maximum(kept[-1] @ w + b, 0))
        return kept, kept[-1] @ self.params[-2] + self.params[-1]

    @staticmethod
    def loss(logits, y):
        z = logits - logits.max(1, keepdims=True)
        log_p = z - np.log(np.exp(z).sum(1, keepdims=True))
        return -log_p[np.arange(len(y)), y].mean(), log_p

    def gradients(self, x, y):
        kept, logits = self.forward(x)
        loss, log_p = self.loss(logits, y)
        delta = np.exp(log_p)
        delta[np.arange(len(y)), y] -= 1
        delta /= len(y)
        grads = []
        for i in range(len(kept) - 1, -1, -1):
            grads += [delta.sum(0), kept[i].T @ delta]
            if i:
                delta = (delta @ self.params[2 * i].T) * (kept[i] > 0)
        return loss, grads[::-1]

    def evaluate(self, x, y):
        logits = self.forward(x)[1]
        guess = logits.argmax(1)
        return self.loss(logits, y)[0], (guess == y).mean(), guess


def optimiser(name, params, decay):
    """A function (gradients, lr, step from 1) that updates `params` in place."""
    m = [np.zeros_like(p) for p in params]
    v = [np.zeros_like(p) for p in params]

    def sgd(i, g, lr, t):
        m[i] *= 0.9
        m[i] += g
        return lr * m[i]

    def rmsprop(i, g, lr, t):
        v[i] += 0.01 * (g * g - v[i])
        return lr * g / (np.sqrt(v[i]) + 1e-8)

    def adam(i, g, lr, t):
        m[i] += 0.1 * (g - m[i])
        v[i] += 0.001 * (g * g - v[i])
        return lr * (m[i] / (1 - 0.9 ** t)) / (np.sqrt(v[i] / (1 - 0.999 ** t)) + 1e-8)

    def lion(i, g, lr, t):
        move = np.sign(0.9 * m[i] + 0.1 * g)
        m[i] += 0.01 * (g - m[i])
        return lr * move

    rule = {"sgd": sgd, "rmsprop": rmsprop, "adam": adam, "adamw": adam, "lion": lion}[name]

    def update(grads, lr, t):
        for i, (p, g) in enumerate(zip(params, grads)):
            p -= rule(i, g, lr, t) + (lr * decay) * p
    return update


def fit(log, cfg, data, every=20, val_every=20, stop=STEPS, fault=None, system=False, pictures=()):
    """Train one MLP and log its curve. `fault` is a step whose batch asks for a missing row."""
    rng = np.random.default_rng(1000 + cfg["seed"])
    net = Mlp([64, *cfg["hidden"], 10], rng)
    update = optimiser(cfg["optim"], net.params, cfg["decay"])
    probe = artifacts.Usage() if system else None
    order, at = rng.permutation(len(data.x)), 0
    best = (0.0, 0)
    log.say(f"{log.name} seed={cfg['seed']} parameters={sum(p.size for p in net.params)}")
    for step in range(STEPS):
        if at + cfg["batch"] > len(order):
            order, at = rng.permutation(len(data.x)), 0
        rows, at = order[at:at + cfg["batch"]], at + cfg["batch"]
        if step == fault:
            rows = np.append(rows[1:], len(data.x))  # one past the end
        lr = cfg["lr"]
        if cfg["schedule"] == "cosine":
            lr *= 0.5 * (1 + np.cos(np.pi * step / (STEPS - 1)))
        elif cfg["schedule"] == "warmup":
            lr *= min(1, (step + 1) / 600)
        x = data.x[rows]
        if cfg["augment"] == "shift":
            x = artifacts.shift(x, rng)
        loss, grads = net.gradients(x, data.y[rows])
        values = {}
        if step % every == 0 or step == STEPS - 1:
            norm = np.sqrt(sum(np.square(g).sum() for g in grads))
            values.update(train__loss=loss, train__grad_norm=norm, train__lr=lr)
        if step % val_every == 0 or step == STEPS - 1:
            val_loss, accuracy, _ = net.evaluate(data.x_val, data.y_val)
            values.update(val__accuracy=accuracy, val__loss=val_loss)
            best = max(best, (float(accuracy), -step))
            if step % 250 < val_every:
                log.say(f"step {step:4d}  loss {loss:.5f}  val/accuracy {accuracy:.4f}  lr {lr:.3g}")
        if probe and step % 100 == 60:
            values.update(probe.sample())
        if values:
            log.log(step, **values)
        for name, draw in pictures:
            if step in (0, 100, 400, 1000, 2000, STEPS - 1):
                for key, picture in draw(net.params[0], name):
                    log.image(key, step, picture)
        update(grads, lr, step + 1)
        if step + 1 >= stop:
            log.say(f"stopped after step {step}")
            break
        if step % 20 == 19 and not np.isfinite(loss):
            raise FloatingPointError(f"loss is {loss} at step {step}, lr {lr:.3g}: giving up")
    log.say(f"best val/accuracy {best[0]:.4f} at step {-best[1]}")
    return net, (best[0], -best[1])


# hidden, optimiser, lr, schedule, batch, augment, seeds
MLP_PLAN = [
    # (working days ago, hour), configurations
    ((4, 8.4), [("64", "sgd", 0.01, "constant", 64, "none", 3),
                ("64", "sgd", 0.1, "cosine", 64, "none", 3),
                ("64x64", "sgd", 0.1, "cosine", 64, "none", 3)]),
    ((4, 13.7), [("64", "adam", 3e-3, "cosine", 32, "none", 4),
                 ("64", "adam", 1e-3, "cosine", 64, "none", 3),
                 ("64x64", "adam", 1e-3, "constant", 64, "none", 3)]),
    ((3, 9.1), [("128x64", "adam", 1e-3, "cosine", 64, "none", 5),
                ("128x64", "rmsprop", 5e-4, "cosine", 64, "none", 3),
                ("128x64", "adamw", 5e-4, "cosine", 64, "none", 4)]),
    ((2, 10.6), [("256x128", "adam", 3e-4, "cosine", 64, "none", 3),
                 ("64x64", "lion", 3e-4, "cosine", 32, "none", 3)]),
    ((1, 9.8), [("32", "adam", 3e-3, "cosine", 32, "none", 5)]),
    ((1, 15.2), [("64x64", "adam", 3e-3, "cosine", 32, "none", 4),
                 ("256x128", "adam", 1e-3, "cosine", 64, "none", 3)]),
    ((2.2, None), [("128x64", "adamw", 1e-3, "cosine", 64, "shift", 3)]),
    ((0.6, None), [("256x128", "adamw", 1e-3, "cosine", 64, "shift", 4),
                   ("256x128", "lion", 1e-4, "cosine", 64, "none", 2)]),
]
HERO = ("128x64", "adam", 1)
BEST = ("256x128", "adamw", 0)
FIRST = ("64", "sgd", 0)  # the one with lr 0.01
EVERY_STEP = {HERO, BEST, ("64x64", "sgd", 0), ("256x128", "lion", 0)}


class Split:
    """Digits, three quarters to train on; pixels scaled to 0..1."""

    def __init__(self):
        digits = load_digits()
        x = (digits.data / 16).astype(np.float32)
        rows = np.arange(len(x))
        train, val = model_selection.train_test_split(rows, test_size=0.25, random_state=0,
                                                      stratify=digits.target)
        self.x, self.y, self.x_val, self.y_val = x[train], digits.target[train], x[val], digits.target[val]
        self.val_rows = val
        url = "https://archive.ics.uci.edu/dataset/80/optical+recognition+of+handwritten+digits"
        self.inputs = [("training", dataset("digits-train", url, self.x, self.y)),
                       ("validation", dataset("digits-val", url, self.x_val, self.y_val))]


def digits_mlp(ctx, data):
    project = ctx.project("digits-mlp", artifacts.MLP_ABOUT, {"team": "vision", "task": "classification"})
    keep = {}
    for (back, hour), configs in MLP_PLAN:
        ctx.calendar.session(back, hour)
        for shape, optim, lr, schedule, batch, augment, seeds in configs:
            for seed in range(seeds):
                mlp_run(ctx, project, data, keep, shape, optim, lr, schedule, batch, augment, seed)
        if back == 4 and hour < 9:  # someone tried a hotter SGD that morning
            mlp_run(ctx, project, data, keep, "128x64", "sgd", 10.0, "warmup", 64, "none", 0)
    register(ctx, project, keep)


def mlp_run(ctx, project, data, keep, shape, optim, lr, schedule, batch, augment, seed):
    key = (shape, optim, seed)
    hidden = [int(n) for n in shape.split("x")]
    sizes = [64, *hidden, 10]
    decay = 0.3 if lr >= 1 else {"adamw": 0.02, "lion": 0.5}.get(optim, 0.0)
    params = {"model/hidden": hidden, "model/n_params": sum((n + 1) * m for n, m in zip(sizes, sizes[1:])),
              "optim/name": optim, "optim/lr": lr, "optim/schedule": schedule,
              "optim/weight_decay": decay, "batch_size": batch, "steps": STEPS, "seed": seed,
              "data/test_size": 0.25, "data/augment": augment}
    hot = lr >= 1
    crash = shape == "128x64" and optim == "adam" and seed == 3
    killed = shape == "128x64" and optim == "rmsprop" and seed == 2
    running = shape == "256x128" and optim == "lion" and seed == 1
    stage = "review" if optim == "adamw" and augment == "shift" else "dev"
    log = Log(ctx, project, f"mlp-{shape}-{optim}-lr{lr:g}", params,
              {"framework": "numpy", "team": "vision", "stage": stage}, datasets=data.inputs, live=running)
    cfg = dict(hidden=hidden, optim=optim, lr=lr, schedule=schedule, batch=batch, augment=augment,
               seed=seed, decay=decay)
    special = key in EVERY_STEP
    options = dict(every=1 if special or hot else 20, val_every=1 if hot else 10 if special else 20,
                   system=special or running or shape == "256x128" and optim == "adam")
    if crash:
        options["fault"] = 2225
    if killed:
        options["stop"] = 1461
    if running:
        options["stop"] = 2141
    if key in (HERO, BEST):
        options["pictures"] = [("weights", artifacts.units if key == HERO else artifacts.mosaic)]
    elif key in (("64x64", "sgd", 0), ("256x128", "lion", 0)):
        options["pictures"] = [("weights", artifacts.mosaic)]
    try:
        with np.errstate(all="ignore"):
            net, best = fit(log, cfg, data, **options)
    except (IndexError, FloatingPointError):
        text = traceback.format_exc().replace(str(HERE.parent.parent) + os.sep, "")
        log.say("failed: " + text.strip().splitlines()[-1])
        log.end("FAILED")
        log.file("logs/train.log", "\n".join(log.lines) + "\n")
        log.file("logs/traceback.txt", text)
        if hot:
            log.note(artifacts.hot_note(log.points))
        return
    log.end("KILLED" if killed else "RUNNING" if running else "FINISHED")
    if killed or running:
        log.file("logs/train.log", "\n".join(log.lines) + "\n")
        return
    rich = {HERO: 3, BEST: 2, ("64x64", "sgd", 0): 1, ("256x128", "lion", 0): 1}.get(key, 0)
    if key == FIRST and lr == 0.01:
        rich = 1
    guess = net.evaluate(data.x_val, data.y_val)[2]
    artifacts.evaluation(log, data, guess, rich)
    if rich and key in (HERO, BEST, FIRST):
        keep[key] = log, best, artifacts.model(log, net, params)
    if key == HERO:
        log.note(artifacts.hero_note(best, log.points, data, guess))
    if key == BEST:
        log.note(artifacts.best_note(best))


def register(ctx, project, keep):
    """Three versions of one registered model, oldest first."""
    c, name = ctx.client, "digits-mlp"
    c.create_registered_model(name, {"team": "vision", "input": "64 pixels, 0..1"}, artifacts.MODEL_ABOUT)
    for key, text, tags, alias in (
            (FIRST, "The very first run: one hidden layer of 64. Kept for comparison.", {"validated": "yes"}, None),
            (HERO, "Two hidden layers, adam, same data. In use.",
             {"validated": "yes", "reviewed_by": "demo"}, "champion"),
            (BEST, "Twice as wide, three training images in ten shifted by a pixel. Waiting for review.",
             {"validated": "pending"}, "challenger")):
        log, best, folder = keep[key]
        logged = c.create_logged_model(project, name=f"mlp-{key[0]}", source_run_id=log.id,
                                       tags={"framework": "numpy"}, model_type="numpy")
        c.log_model_artifacts(logged.model_id, str(folder))
        c.finalize_logged_model(logged.model_id, "READY")
        c.log_outputs(log.id, [LoggedModelOutput(logged.model_id, best[1])])
        version = c.create_model_version(name, f"runs:/{log.id}/model", log.id, tags, description=text,
                                         await_creation_for=0)
        c.set_model_version_tag(name, version.version, "val/accuracy", f"{best[0]:.4f}")
        if alias:
            c.set_registered_model_alias(name, alias, version.version)


# --------------------------------------------------------------- scikit-learn


SHORT = {"n_neighbors": "k", "learning_rate": "lr", "max_depth": "depth", "min_samples_leaf": "leaf",
         "gamma": "g", "alpha": "a", "var_smoothing": "v", "n_estimators": "n"}


def title(family, params):
    """A run's name, such as `boosting-lr0.1-depth2`."""
    return "-".join([family, *(f"{SHORT.get(k, k)}{v}" for k, v in params.items()
                               if v is not None and not (family == "boosting" and k == "n_estimators"))])


def digits_classic(ctx, data):
    project = ctx.project("digits-classic", artifacts.CLASSIC_ABOUT,
                          {"team": "vision", "task": "classification"})
    boosting = lambda rate, n: ensemble.GradientBoostingClassifier(
        learning_rate=rate, n_estimators=n, max_depth=3, subsample=0.6, max_features="sqrt", random_state=0)
    trials = [
        ("naive-bayes", {"var_smoothing": 1e-3}, naive_bayes.GaussianNB(var_smoothing=1e-3)),
        *[("knn", {"n_neighbors": k}, neighbors.KNeighborsClassifier(k)) for k in (1, 5, 25)],
        *[("logistic", {"C": c}, linear_model.LogisticRegression(C=c, max_iter=2000)) for c in (0.01, 1, 100)],
        *[("svm-rbf", {"C": c, "gamma": g}, svm.SVC(C=c, gamma=g, random_state=0))
          for c, g in ((1, 0.05), (10, 0.25))],
        *[("forest", {"n_estimators": n, "max_depth": d},
           ensemble.RandomForestClassifier(n, max_depth=d, random_state=0)) for n, d in ((100, 6), (300, None))],
        *[("boosting", {"learning_rate": r, "n_estimators": n, "max_depth": 3}, boosting(r, n))
          for r, n in ((0.02, 200), (0.05, 200), (0.1, 200), (0.3, 200))],
    ]
    ctx.calendar.session(2, 14.3)
    parent = Log(ctx, project, "sweep-classic",
                 {"trials": len(trials), "families": json.dumps(sorted({t[0] for t in trials})),
                  "select_by": "val/accuracy"},
                 {"framework": "scikit-learn", "team": "vision", "stage": "dev"}, datasets=data.inputs)
    resume = ctx.calendar.next
    rows, best = ["trial,model,val/accuracy,val/f1_macro"], (0.0, "")
    for i, (family, params, model) in enumerate(trials):
        ctx.calendar.next = parent.now()
        log = Log(ctx, project, title(family, params), {"model": family, **params, "data/test_size": 0.25},
                  {"framework": "scikit-learn", "team": "vision", "stage": "dev"}, parent.id, data.inputs)
        began = time.perf_counter()
        model.fit(data.x, data.y)
        seconds = time.perf_counter() - began
        guess = model.predict(data.x_val)
        values = {"val__accuracy": (guess == data.y_val).mean(),
                  "val__f1_macro": metrics.f1_score(data.y_val, guess, average="macro"),
                  "train__accuracy": (model.predict(data.x) == data.y).mean(), "fit__seconds": seconds}
        if hasattr(model, "predict_proba"):
            values["val__loss"] = metrics.log_loss(data.y_val, model.predict_proba(data.x_val))
        if family == "boosting":  # a curve over the stages
            curve = zip(model.train_score_, model.staged_predict_proba(data.x_val))
            for step, (train_loss, p) in enumerate(curve, 1):
                log.log(step, train__loss=train_loss, val__accuracy=(p.argmax(1) == data.y_val).mean(),
                        val__loss=metrics.log_loss(data.y_val, p))
            log.log(step, **{k: values[k] for k in ("val__f1_macro", "train__accuracy", "fit__seconds")})
        else:
            log.log(0, **values)
        log.end()
        if family == "forest":
            log.file("importance.csv", artifacts.importance([f"pixel_{n // 8}_{n % 8}" for n in range(64)],
                                                            model.feature_importances_))
        best = max(best, (float(values["val__accuracy"]), log.name))
        rows.append(f"{i},{log.name},{values['val__accuracy']:.6g},{values['val__f1_macro']:.6g}")
        parent.log(i, val__accuracy=values["val__accuracy"], best__val_accuracy=best[0])
    ctx.calendar.next = resume
    parent.end()
    parent.file("trials.csv", "\n".join(rows) + "\n")
    parent.note(f"# Fifteen trials, one parent\n\nBest so far: **{best[1]}** at {best[0]:.4f} "
                "on the same 450 images as `digits-mlp`. The chart of `best/val_accuracy` shows when "
                "each family stopped helping.\n")


def diabetes(ctx):
    project = ctx.project("diabetes", artifacts.DIABETES_ABOUT, {"team": "tabular", "task": "regression"})
    source = load_diabetes()
    x, x_val, y, y_val = model_selection.train_test_split(source.data, source.target, test_size=0.25,
                                                          random_state=4)
    url = "https://www4.stat.ncsu.edu/~boos/var.select/diabetes.html"
    columns = source.feature_names
    inputs = [("training", dataset("diabetes-train", url, x, y, columns)),
              ("validation", dataset("diabetes-val", url, x_val, y_val, columns))]
    boosting = lambda rate, depth, n: ensemble.GradientBoostingRegressor(
        learning_rate=rate, max_depth=depth, n_estimators=n, subsample=0.7, random_state=0)
    trials = [
        ("ols", {}, linear_model.LinearRegression()),
        *[("ridge", {"alpha": a}, linear_model.Ridge(a)) for a in (0.03, 1.0)],
        ("lasso", {"alpha": 0.1}, linear_model.Lasso(0.1)),
        ("knn", {"n_neighbors": 15}, make_pipeline(StandardScaler(), neighbors.KNeighborsRegressor(15))),
        ("svr", {"C": 30}, make_pipeline(StandardScaler(), svm.SVR(C=30))),
        ("forest", {"n_estimators": 300, "min_samples_leaf": 5},
         ensemble.RandomForestRegressor(300, min_samples_leaf=5, random_state=0)),
        *[("boosting", {"learning_rate": r, "max_depth": d, "n_estimators": n}, boosting(r, d, n))
          for r, d, n in ((0.02, 2, 400), (0.1, 2, 400), (0.1, 4, 400))],
    ]
    rmse = lambda t, p: np.sqrt(np.mean((t - p) ** 2))
    ctx.calendar.session(1, 11.5)
    for family, params, model in trials:
        log = Log(ctx, project, title(family, params), {"model": family, **params, "data/test_size": 0.25},
                  {"framework": "scikit-learn", "team": "tabular", "stage": "dev"}, datasets=inputs)
        model.fit(x, y)
        guess = model.predict(x_val)
        if family == "boosting":
            for step, (a, b) in enumerate(zip(model.staged_predict(x), model.staged_predict(x_val)), 1):
                log.log(step, rmse__train=rmse(y, a), rmse__val=rmse(y_val, b), r2=metrics.r2_score(y_val, b))
        else:
            log.log(0, rmse__train=rmse(y, model.predict(x)), rmse__val=rmse(y_val, guess),
                    r2=metrics.r2_score(y_val, guess), mae__val=np.abs(y_val - guess).mean())
        log.end()
        if family == "boosting" and params["learning_rate"] == 0.02:
            log.file("importance.csv", artifacts.importance(columns, model.feature_importances_))
            log.file("predictions.png", artifacts.scatter(y_val, guess))


# --------------------------------------------------------------- the whole


class Context:
    def __init__(self, url, scratch):
        self.client, self.scratch, self.calendar = MlflowClient(url, url), pathlib.Path(scratch), Calendar()
        text = HERE.read_bytes()  # git's name for this file's content
        self.source = hashlib.sha1(b"blob %d\0" % len(text) + text).hexdigest()

    def project(self, name, about, tags):
        return self.client.create_experiment(name, tags={"mlflow.note.content": about, **tags})


def main():
    import tempfile
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--url", required=True)
    url = parser.parse_args().url
    with tempfile.TemporaryDirectory() as scratch:
        ctx, data = Context(url, scratch), Split()
        for name, work in (("diabetes", lambda: diabetes(ctx)),
                           ("digits-classic", lambda: digits_classic(ctx, data)),
                           ("digits-mlp", lambda: digits_mlp(ctx, data))):
            began = time.perf_counter()
            work()
            print(f"{name}: {time.perf_counter() - began:.1f} s", flush=True)


if __name__ == "__main__":
    main()

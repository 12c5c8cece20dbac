"""What the demo's runs carry besides numbers: pictures, tables, a page, a sound, notes."""

import io
import json
import time
import wave

import numpy as np
from PIL import Image, ImageDraw

# --------------------------------------------------------------- measuring


class Usage:
    """This process's share of one core, and its resident memory (Linux)."""

    def __init__(self):
        self.last = time.process_time(), time.perf_counter()

    def sample(self):
        now = time.process_time(), time.perf_counter()
        share = 100 * (now[0] - self.last[0]) / max(now[1] - self.last[1], 1e-9)
        self.last = now
        with open("/proc/self/statm") as file:
            pages = int(file.read().split()[1])
        return {"system__cpu_utilization_percentage": share,
                "system__process_memory_megabytes": pages * 4096 / 1e6}


def shift(x, rng):
    """Move three 8x8 images in ten by -1, 0 or 1 pixel each way, empty pixels coming in."""
    padded = np.pad(x.reshape(-1, 8, 8), ((0, 0), (1, 1), (1, 1)))
    dy, dx = np.where(rng.random(len(x)) < 0.3, rng.integers(0, 3, (2, len(x))), 1)[..., None, None]
    rows = np.arange(8)[None, :, None] + dy
    cols = np.arange(8)[None, None, :] + dx
    return padded[np.arange(len(x))[:, None, None], rows, cols].reshape(len(x), 64)


# --------------------------------------------------------------- pictures

# blue, near black, orange: 31 colours for weights from -0.45 to 0.45
_t = np.linspace(-1, 1, 31)[:, None]
_ENDS = np.where(_t < 0, [[91, 156, 255]], [[255, 140, 80]])
PALETTE = (np.array([[24, 26, 30]]) * (1 - abs(_t)) + _ENDS * abs(_t)).round().astype(np.uint8)


def _weights(values, zoom):
    index = np.clip(np.rint((values / 0.45 + 1) * 15), 0, 30).astype(np.uint8)
    picture = Image.fromarray(index.repeat(zoom, 0).repeat(zoom, 1), "P")
    picture.putpalette(PALETTE.tobytes())
    return picture


def units(weight, name):
    """The first 16 units of the first layer, one picture each."""
    for i in range(16):
        yield f"{name}/unit_{i:02}", _weights(weight[:, i].reshape(8, 8), 6)


def mosaic(weight, name):
    """The first 16 units in one picture, 8 across."""
    board = np.zeros((2 * 9 - 1, 8 * 9 - 1), np.float32)
    for i in range(16):
        y, x = divmod(i, 8)
        board[y * 9:y * 9 + 8, x * 9:x * 9 + 8] = weight[:, i].reshape(8, 8)
    yield f"{name}/layer_0", _weights(board, 3)


def _png(picture):
    out = io.BytesIO()
    picture.quantize(64).save(out, "PNG", optimize=True)
    return out.getvalue()


def confusion_png(matrix):
    cell, edge = 26, 24
    picture = Image.new("RGB", (edge + 10 * cell, edge + 10 * cell), (22, 24, 27))
    draw = ImageDraw.Draw(picture)
    for i in range(10):
        draw.text((edge + i * cell + cell / 2, edge / 2), str(i), (150, 155, 165), anchor="mm")
        draw.text((edge / 2, edge + i * cell + cell / 2), str(i), (150, 155, 165), anchor="mm")
        for j in range(10):
            n = int(matrix[i, j])
            colour = (30, 33, 37) if not n else (38, 128, 98) if i == j else (158, 82, 62)
            x, y = edge + j * cell, edge + i * cell
            draw.rectangle((x, y, x + cell - 2, y + cell - 2), colour)
            if n:
                draw.text((x + cell / 2 - 1, y + cell / 2 - 1), str(n), (240, 242, 245), anchor="mm")
    return _png(picture)


def scatter(truth, guess):
    """Predicted (up) against true (right), 0 to 350."""
    size, edge = 320, 28
    picture = Image.new("RGB", (size, size), (255, 255, 255))
    draw = ImageDraw.Draw(picture)
    to = lambda v: edge + v / 350 * (size - edge - 8)
    for v in range(0, 351, 50):
        draw.line((to(v), 8, to(v), size - edge), (232, 234, 238))
        draw.line((edge, size - to(v), size - 8, size - to(v)), (232, 234, 238))
        draw.text((to(v), size - edge / 2), str(v), (90, 95, 105), anchor="mm")
        draw.text((edge / 2, size - to(v)), str(v), (90, 95, 105), anchor="mm")
    draw.line((to(0), size - to(0), to(350), size - to(350)), (170, 175, 185))
    for t, g in zip(truth, guess):
        x, y = to(t), size - to(g)
        draw.ellipse((x - 3, y - 3, x + 3, y + 3), (20, 150, 115), (255, 255, 255))
    return _png(picture)


# --------------------------------------------------------------- tables, page, sound


def importance(names, values):
    order = np.argsort(-values)
    return "feature,importance\n" + "".join(f"{names[i]},{values[i]:.6g}\n" for i in order)


def sound(points):
    """The training loss as a tone of under two seconds: high means wrong. 8 kHz, 8 bit."""
    loss = np.array([p.value for p in points if p.key == "train/loss"])
    rate, n = 8000, 15_600
    level = np.interp(np.linspace(0, len(loss) - 1, n), np.arange(len(loss)), np.log10(loss + 1e-6))
    level = np.convolve(np.pad(level, 200, "edge"), np.ones(401) / 401, "valid")
    pitch = 180 * 2 ** ((level - level.min()) / np.ptp(level) * 3)  # three octaves
    fade = np.minimum(1, np.minimum(np.arange(n), np.arange(n)[::-1]) / 400)
    samples = 128 + 80 * fade * np.sin(2 * np.pi * np.cumsum(pitch) / rate)
    out = io.BytesIO()
    with wave.open(out, "wb") as file:
        file.setnchannels(1), file.setsampwidth(1), file.setframerate(rate)
        file.writeframes(samples.astype(np.uint8).tobytes())
    return out.getvalue()


REPORT = """<!doctype html>
<html lang="en"><meta charset="utf-8"><title>Recall by digit</title>
<style>
:root { color-scheme: light dark; font: 14px/1.4 system-ui, sans-serif }
body { margin: 24px; max-width: 560px }
h1 { font-size: 17px; margin: 0 0 4px } .row span { white-space: nowrap } p { margin: 0 0 16px; opacity: .7 }
.row { display: grid; grid-template-columns: 20px 1fr 130px; gap: 10px; align-items: center; height: 24px }
.bar { height: 14px; border-radius: 2px; background: #1b9e77 } .low { background: #c8663f }
</style>
<h1>Recall by digit</h1><p>__NAME__: bars from 80 % to 100 %; orange is below 97 %.</p><div id="out"></div>
<script>
const rows = __ROWS__
for (const [digit, right, all] of rows) {
  const recall = right / all, row = document.createElement('div')
  row.className = 'row'
  row.innerHTML = `<b>${digit}</b><div class="bar ${recall < .97 ? 'low' : ''}"
    style="width:${Math.max(0, recall - .8) * 500}%"></div>
    <span>${(recall * 100).toFixed(1)} % (${right} of ${all})</span>`
  out.append(row)
}
</script></html>
"""


def _matrix(data, guess):
    matrix = np.zeros((10, 10), int)
    np.add.at(matrix, (data.y_val, guess), 1)
    return matrix


def evaluation(log, data, guess, rich):
    """Files about one run. `rich`: 0 the counts, 1 also their picture, 2 tables and a page, 3 everything."""
    matrix = _matrix(data, guess)
    log.file("eval/confusion_matrix.json", json.dumps(
        {"labels": [str(d) for d in range(10)], "rows": "true", "columns": "predicted",
         "matrix": matrix.tolist()}))
    if rich < 1:
        return
    log.file("eval/confusion_matrix.png", confusion_png(matrix))
    right, total = np.diag(matrix), matrix.sum(1)
    log.file("eval/recall.csv", "digit,images,right,recall\n" + "".join(
        f"{d},{total[d]},{right[d]},{right[d] / total[d]:.4f}\n" for d in range(10)))
    if rich < 2:
        return
    wrong = np.flatnonzero(guess != data.y_val)
    log.ctx.client.log_table(log.id, {
        "image": [int(data.val_rows[i]) for i in wrong], "true": [int(data.y_val[i]) for i in wrong],
        "predicted": [int(guess[i]) for i in wrong]}, "eval/errors.json")
    log.file("eval/report.html", REPORT.replace("__NAME__", log.name).replace(
        "__ROWS__", json.dumps([[d, int(right[d]), int(total[d])] for d in range(10)])))
    log.file("logs/train.log", "\n".join(log.lines) + "\n")
    if rich < 3:
        return
    log.file("audio/training.wav", sound(log.points))
    log.file("notes/αριθμοί – Ziffern ✓.md", UNICODE)
    log.file("README.md", README)


UNICODE = """# Ziffern, αριθμοί, 数字

This file's name has Greek letters, a dash and a check mark in it, to see them survive
the trip through a tracking server, an archive and a browser.
"""

README = """# What is here

| folder | what |
|---|---|
| `images/` | weights of 16 first-layer units at six steps |
| `eval/` | confusion matrix, recall, the images it gets wrong, a page with bars |
| `model/` | the weights, 16-bit, as `.npz`, no pickle |
| `logs/` | what training said |
| `audio/` | the training loss as a falling tone |

All of it comes from the 450 validation images of the UCI digits.
"""


def model(log, net, params):
    """Weights and an MLmodel file, put under `model/`. Returns the local folder."""
    folder = log.ctx.scratch / log.id / "model"
    folder.mkdir(parents=True, exist_ok=True)
    names = [f"{kind}{i}" for i in range(len(net.params) // 2) for kind in "wb"]
    np.savez(folder / "weights.npz", **{n: p.astype(np.float16) for n, p in zip(names, net.params)})
    (folder / "MLmodel").write_text(
        "artifact_path: model\n"
        "flavors:\n"
        "  numpy:\n"
        "    data: weights.npz\n"
        "    dtype: float16\n"
        f"    layers: {[64, *params['model/hidden'], 10]}\n"
        "    activation: relu\n"
        f"run_id: {log.id}\n"
        "signature:\n"
        "  inputs: '[{\"type\": \"tensor\", \"tensor-spec\": {\"dtype\": \"float32\", \"shape\": [-1, 64]}}]'\n"
        "  outputs: '[{\"type\": \"tensor\", \"tensor-spec\": {\"dtype\": \"float32\", \"shape\": [-1, 10]}}]'\n")
    for name in ("MLmodel", "weights.npz"):
        log.ctx.client.log_artifact(log.id, str(folder / name), "model")
    return folder


# --------------------------------------------------------------- notes

MLP_ABOUT = """# Small MLPs on 8×8 digits

One to two hidden layers, written in numpy, 3 000 steps each. Five optimisers, a few learning
rates, two to five seeds of everything.

**Question:** how much of the spread between configurations is only the seed?
Group by `model/hidden`, `optim/name` and `optim/lr`, fold the seeds, and look at `val/accuracy`.

*Data: Optical Recognition of Handwritten Digits, UCI, CC BY 4.0.*
"""

CLASSIC_ABOUT = """# The same digits without a network

Fifteen scikit-learn classifiers under one parent run, on the same split as `digits-mlp`.
Boosting has a curve over its stages, the others one value each.
"""

DIABETES_ABOUT = """# Diabetes progression after one year

442 patients, ten measurements, one number to predict (Efron, Hastie, Johnstone, Tibshirani, 2004).
A small data set: linear models are hard to beat, and deep boosting overfits. See `rmse/val`
against `rmse/train`.
"""

MODEL_ABOUT = """Digits from 64 pixels. Plain `.npz` weights: load with numpy, multiply, done.
The **champion** is in use, the **challenger** is waiting for its review.
"""


def _last(points, key):
    return next(p.value for p in reversed(points) if p.key == key)


def hero_note(best, points, data, guess):
    matrix = _matrix(data, guess)
    wrong = int(matrix.sum() - np.trace(matrix))
    np.fill_diagonal(matrix, 0)
    a, b = np.unravel_index(matrix.argmax(), matrix.shape)
    return f"""## Why this one is the reference

MLP (128, 64), adam, **lr 1e-3**, batch 64, cosine. Best accuracy {best[0]:.4f} at step {best[1]},
last {_last(points, 'val/accuracy'):.4f}.

- flat long before the end: a shorter budget would do
- {wrong} of {len(guess)} images wrong; {a} taken for {b} is the commonest error, {matrix.max()} times,
  see [errors.json](eval/errors.json)
- every step is logged here, so the loss shows its noise

Compare with `mlp-64x64-sgd-lr0.1`.
"""


def best_note(best):
    return f"""## Shifting the images is what helped

Wider, adamw, and three training images in ten moved by **up to one pixel**, anew every time they are
drawn. Compare `val/loss` with `mlp-256x128-adam-lr0.001`, which sees the images as they are. Best accuracy {best[0]:.4f} at step {best[1]}.

| to do | state |
|---|---|
| more seeds | four done |
| review | open |
"""


def hot_note(points):
    first = next((p.step for p in points if p.key == "train/loss" and not np.isfinite(p.value)), None)
    return f"""Too hot on purpose: SGD warming up to **lr 10** with a weight decay of 0.3. It learns for a while,
forgets everything, then the loss stops being a number at step {first};
the run gives up at the next check. Kept as a warning.
"""

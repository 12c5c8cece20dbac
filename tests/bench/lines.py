"""Writes a snapshot of N runs with a curve of M points each, loss-like with noise, from a seed:
`lines.py N M snapshot.zip values.bin [METRICS]`. The second file is the same values as plain float32; with more than one
metric each run has so many curves."""
import io
import json
import sys
import zipfile

import numpy as np


def curves(n, m):
    random = np.random.default_rng(7)
    along = np.arange(m) / m
    for _ in range(n):
        height, rate, floor, noise = 1 + random.random() * 2, 3 + random.random() * 4, random.random() * 0.5, 0.02 + random.random() * 0.1
        steps = (random.random(m) - 0.5) * noise
        # A walk that is drawn back by a hundredth with each step, in stretches whose powers stay small.
        walk, last = np.empty(m), 0.0
        for start in range(0, m, 500):
            part = steps[start:start + 500]
            powers = 0.99 ** np.arange(1, len(part) + 1)
            walk[start:start + 500] = powers * (last + np.cumsum(part / powers))
            last = walk[start + len(part) - 1]
        yield (floor + height * np.exp(-rate * along) + walk + (random.random(m) - 0.5) * noise).astype("<f4")


def npy(array):
    out = io.BytesIO()
    np.lib.format.write_array(out, array, version=(1, 0), allow_pickle=False)
    return out.getvalue()


n, m = int(sys.argv[1]), int(sys.argv[2])
n_metrics = int(sys.argv[5]) if len(sys.argv) > 5 else 1
names = ["value"] if n_metrics == 1 else [f"value_{k:03}" for k in range(n_metrics)]
n_runs, n = n, n * n_metrics
values = np.concatenate(list(curves(n, m)))
steps = np.tile(np.arange(m, dtype="<f4" if m < 2**24 else "<f8"), n)
times = np.zeros(n * m, "<f4")
run = lambda i: {"id": f"{i:032x}", "project": "1", "name": f"run-{i}", "status": "finished", "start": 1e12 + i,
                 "metrics": {name: {"value": float(values[(k * n_runs + i + 1) * m - 1]), "step": m - 1, "time": 0}
                             for k, name in enumerate(names)}}
series = lambda at: {"run": f"{at % n_runs:032x}", "metric": names[at // n_runs], "offset": at * m, "length": m, "complete": True}
lines = lambda of, n: "".join(json.dumps(of(i)) + "\n" for i in range(n))
manifest = {"format": "halimede-snapshot", "version": 1, "title": "Lines", "projects": [{"id": "1", "name": "lines"}]}
with zipfile.ZipFile(sys.argv[3], "w", zipfile.ZIP_STORED) as archive:
    for name, content in {
        "manifest.json": json.dumps(manifest), "runs.jsonl": lines(run, n_runs), "series.jsonl": lines(series, n),
        "step.npy": npy(steps), "time.npy": npy(times), "value.npy": npy(values),
    }.items():
        archive.writestr(name, content)
values.tofile(sys.argv[4])

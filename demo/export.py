"""Read an MLflow server over REST and write a Halimede snapshot (format 1).

    python demo/export.py --url http://127.0.0.1:5000 --out public/demo.halimede.zip

Only the standard library and numpy. The snapshot is a ZIP: `manifest.json`, `runs.jsonl`,
`series.jsonl` with three columns (`step.npy`, `time.npy`, `value.npy`), `models.json`, and
the runs' files under `artifacts/`.
"""

import argparse
import hashlib
import io
import json
import os
import pathlib
import re
import socket
import sys
import time
import urllib.parse
import urllib.request
import zipfile

import numpy as np

FILE_LIMIT = 120_000  # bytes; larger files are listed but left out
HUGE = 1.7976931348623157e308  # what MLflow's database makes of an infinity

PROVENANCE = {
    "text": "Models trained for this demo with demo/train.py and logged to an MLflow server; every number "
            "is measured. Runs were moved in time as blocks into the days before, durations are real.",
    "licences": [
        {"what": "Runs, metrics and files of this snapshot", "licence": "CC0-1.0",
         "url": "https://creativecommons.org/publicdomain/zero/1.0/"},
        {"what": "Optical Recognition of Handwritten Digits (E. Alpaydin, C. Kaynak; UCI), via scikit-learn",
         "licence": "CC-BY-4.0", "url": "https://archive.ics.uci.edu/dataset/80/optical+recognition+of+handwritten+digits"},
        {"what": "Diabetes data (Efron, Hastie, Johnstone, Tibshirani 2004), via scikit-learn",
         "licence": "BSD-3-Clause", "url": "https://scikit-learn.org/stable/datasets/toy_dataset.html"},
    ],
}


class Server:
    def __init__(self, url):
        self.url = url.rstrip("/")

    def raw(self, path, query=None, body=None):
        url = self.url + path + ("?" + urllib.parse.urlencode(query) if query else "")
        data = None if body is None else json.dumps(body).encode()
        request = urllib.request.Request(url, data, {"Content-Type": "application/json"} if data else {})
        with urllib.request.urlopen(request, timeout=120) as answer:
            return answer.read()

    def get(self, endpoint, /, **query):
        return json.loads(self.raw("/api/2.0/mlflow/" + endpoint, query))

    def post(self, endpoint, /, **body):
        return json.loads(self.raw("/api/2.0/mlflow/" + endpoint, body=body))

    def pages(self, call, endpoint, key, /, **query):
        """All items of a listing that comes in pages."""
        token = ""
        while True:
            answer = call(endpoint, **query, **({"page_token": token} if token else {}))
            yield from answer.get(key, [])
            token = answer.get("next_page_token")
            if not token:
                return

    def files(self, run, folder=""):
        """Files of a run, as (path, size), folder by folder."""
        for f in self.pages(self.get, "artifacts/list", "files", run_id=run, **({"path": folder} if folder else {})):
            if f.get("is_dir"):
                yield from self.files(run, f["path"])
            else:
                yield f["path"], int(f.get("file_size", 0))


def pairs(items):
    return {i["key"]: i.get("value", "") for i in items or []}


def number(value):
    """A metric's value: a float, infinities as such again."""
    value = float(value)
    return np.copysign(np.inf, value) if abs(value) >= HUGE else value


def as_json(value):
    if np.isnan(value):
        return "NaN"
    return value if np.isfinite(value) else "Infinity" if value > 0 else "-Infinity"


def whole(value):
    return None if value in (None, "", 0, "0") else int(value)


def line(item):
    return json.dumps(item, ensure_ascii=False, separators=(",", ":"), allow_nan=False)


def npy(array, dtype):
    out = io.BytesIO()
    np.lib.format.write_array(out, np.ascontiguousarray(array, dtype), version=(1, 0), allow_pickle=False)
    return out.getvalue()


def project_of(e):
    tags = pairs(e.get("tags"))
    note = tags.pop("mlflow.note.content", None)
    return {"id": e["experiment_id"], "name": e["name"], "description": note,
            "created": whole(e.get("creation_time")), "updated": whole(e.get("last_update_time")),
            "lifecycle": e.get("lifecycle_stage", "active"), "tags": tags}


def run_of(server, run, names):
    info, data = run["info"], run["data"]
    tags = pairs(data.get("tags"))
    datasets = []
    for item in run.get("inputs", {}).get("dataset_inputs", []):
        d = item["dataset"]
        datasets.append({"name": d["name"], "digest": d["digest"],
                         "context": pairs(item.get("tags")).get("mlflow.data.context"),
                         "source_type": d.get("source_type"), "source": d.get("source"),
                         "schema": d.get("schema"), "profile": d.get("profile")})
    models = []
    for m in run.get("outputs", {}).get("model_outputs", []):
        if m["model_id"] not in names:
            answer = server.get("logged-models/" + m["model_id"])
            names[m["model_id"]] = answer["model"]["info"]["name"]
        models.append({"id": m["model_id"], "name": names[m["model_id"]], "step": int(m.get("step", 0))})
    return {"id": info["run_id"], "project": info["experiment_id"], "name": info.get("run_name", ""),
            "status": info["status"].lower(), "lifecycle": info.get("lifecycle_stage", "active"),
            "start": whole(info.get("start_time")), "end": whole(info.get("end_time")),
            "user": tags.get("mlflow.user") or info.get("user_id") or None,
            "parent": tags.get("mlflow.parentRunId"), "note": tags.get("mlflow.note.content"),
            "params": pairs(data.get("params")), "tags": tags,
            "metrics": {m["key"]: {"value": as_json(number(m["value"])), "step": int(m.get("step", 0)),
                                   "time": int(m["timestamp"])} for m in data.get("metrics", [])},
            "datasets": datasets, "models": models, "artifacts": []}


def models_of(server):
    found = []
    for m in server.pages(server.get, "registered-models/search", "registered_models", max_results=100):
        full = server.get("registered-models/get", name=m["name"])["registered_model"]
        versions = server.pages(server.get, "model-versions/search", "model_versions",
                                filter=f"name='{m['name']}'", max_results=100)
        found.append({
            "name": m["name"], "description": full.get("description"),
            "created": whole(full.get("creation_timestamp")), "updated": whole(full.get("last_updated_timestamp")),
            "tags": pairs(full.get("tags")), "aliases": {a["alias"]: a["version"] for a in full.get("aliases", [])},
            "versions": sorted(({
                "version": v["version"], "run": v.get("run_id"), "description": v.get("description"),
                "status": v.get("status"), "created": whole(v.get("creation_timestamp")),
                "updated": whole(v.get("last_updated_timestamp")), "tags": pairs(v.get("tags")),
                "source": v.get("source")} for v in versions), key=lambda v: int(v["version"]))})
    return found


def private(entries):
    """Names of this machine, its folders and its network must not be in the snapshot."""
    here = pathlib.Path(__file__).resolve()
    words = {socket.gethostname(), str(here.parents[1]), str(pathlib.Path.home()), os.getcwd(), sys.prefix,
             "/tmp/", "/home/", "/root", "/usr/", "/var/", "site-packages", "127.0.0.1", "localhost",
             "index-url", "pypi", "file://", "sqlite:"}
    pattern = re.compile("|".join(re.escape(w) for w in words if len(w) > 3).encode(), re.I)
    found = [(name, m.group()) for name, data in entries.items() for m in pattern.finditer(data)]
    if found:
        sys.exit(f"private words in the snapshot: {found[:10]}")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--url", required=True)
    parser.add_argument("--out", required=True)
    args = parser.parse_args()
    server = Server(args.url)
    version = server.raw("/version").decode().strip()

    experiments = list(server.pages(server.post, "experiments/search", "experiments",
                                    max_results=1000))
    runs, names = [], {}
    for e in experiments:
        for run in server.pages(server.post, "runs/search", "runs", max_results=500,
                                experiment_ids=[e["experiment_id"]], run_view_type="ALL"):
            runs.append(run_of(server, run, names))
    used = {r["project"] for r in runs}
    projects = [project_of(e) for e in experiments if e["experiment_id"] in used]
    runs.sort(key=lambda r: (-(r["start"] or 0), r["id"]))

    entries, series, columns, offset = {}, [], ([], [], []), 0
    for run in runs:
        for metric in sorted(run["metrics"]):
            points = list(server.pages(server.get, "metrics/get-history", "metrics", run_id=run["id"],
                                       metric_key=metric, max_results=20000))
            table = sorted(((int(p.get("step", 0)), int(p["timestamp"]), i, number(p["value"]))
                            for i, p in enumerate(points)), key=lambda p: p[:3])
            for column, at in zip(columns, (0, 1, 3)):
                column.extend(p[at] for p in table)
            series.append({"run": run["id"], "metric": metric, "offset": offset, "length": len(table),
                           "complete": True})
            offset += len(table)
        for path, size in server.files(run["id"]):
            run["artifacts"].append({"path": path, "size": size})
            if size <= FILE_LIMIT:
                content = server.raw("/get-artifact", {"run_uuid": run["id"], "path": path})
                entries[f"artifacts/{run['id']}/{path}"] = content
    models = models_of(server)

    entries = {
        "runs.jsonl": "".join(line(r) + "\n" for r in runs).encode(),
        "series.jsonl": "".join(line(s) + "\n" for s in series).encode(),
        "step.npy": npy(columns[0], "<f8"), "time.npy": npy(columns[1], "<f8"),
        "value.npy": npy(columns[2], "<f4"), "models.json": line(models).encode(), **entries}
    created = int(time.time() * 1000)
    manifest = {
        "format": "halimede-snapshot", "version": 1, "title": "Halimede demo", "created": created,
        "provenance": {**PROVENANCE, "sources": [{"kind": "mlflow", "version": version}]},
        "projects": projects,
        "counts": {"runs": len(runs), "series": len(series), "points": offset,
                   "artifacts": sum(n.startswith("artifacts/") for n in entries)},
        "files": {n: hashlib.sha256(d).hexdigest() for n, d in entries.items()}}
    entries = {"manifest.json": json.dumps(manifest, ensure_ascii=False, indent=1).encode(), **entries}
    private(entries)

    stamp = time.gmtime(created / 1000)[:6]
    os.makedirs(os.path.dirname(os.path.abspath(args.out)), exist_ok=True)
    with zipfile.ZipFile(args.out, "w") as archive:
        for name, data in entries.items():
            entry = zipfile.ZipInfo(name, stamp)
            entry.compress_type, entry.external_attr = zipfile.ZIP_DEFLATED, 0o644 << 16
            archive.writestr(entry, data, compresslevel=9)

    kinds = {}
    with zipfile.ZipFile(args.out) as archive:
        for item in archive.infolist():
            kind = item.filename if "/" not in item.filename else "artifacts/*." + item.filename.rsplit(".", 1)[-1]
            kind = kind if "/" not in kind[10:] else "artifacts/(other)"
            n, plain, packed = kinds.get(kind, (0, 0, 0))
            kinds[kind] = n + 1, plain + item.file_size, packed + item.compress_size
    for kind, (n, plain, packed) in kinds.items():
        print(f"  {kind:28} {n:4} {plain:10,} -> {packed:9,} bytes")
    print(f"{len(runs)} runs, {len(series)} series, {offset:,} points, "
          f"{os.path.getsize(args.out):,} bytes in all")


if __name__ == "__main__":
    main()

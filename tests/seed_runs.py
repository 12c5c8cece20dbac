"""Fills an MLflow SQLite file with runs, straight and fast: seed_runs.py FILE EXPERIMENT N [POINTS]. Each of ten
metrics has so many points, one unless said."""

import random
import sqlite3
import sys

database, experiment, n = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
points = int(sys.argv[4]) if len(sys.argv) > 4 else 1
random.seed(7)
db = sqlite3.connect(database)
runs, metrics, latest, params, tags = [], [], [], [], []
for i in range(n):
    run = f"{i:032x}"
    start = 1_700_000_000_000 + 60_000 * i
    runs.append((run, f"run-{i}", "LOCAL", "", "", "bench", "FINISHED", start, start + 30_000, "", "active", f"mlflow-artifacts:/{experiment}/{run}/artifacts", experiment))
    for k in range(10):
        for step in range(points):
            at = 100 if points == 1 else step
            metrics.append((f"m{k}/value", random.random() / (1 + step), start + 1 + step, 0, at, run))
        latest.append(metrics[-1])
        params.append((f"p{k}", str(random.choice([0.1, 0.01, 0.001, "adam", "sgd"])), run))
    tags.append(("mlflow.runName", f"run-{i}", run))
    tags.append(("team", random.choice(["vision", "text"]), run))
db.executemany(
    "insert into runs (run_uuid,name,source_type,source_name,entry_point_name,user_id,status,start_time,end_time,source_version,lifecycle_stage,artifact_uri,experiment_id)"
    " values (?,?,?,?,?,?,?,?,?,?,?,?,?)", runs)
db.executemany("insert into latest_metrics (key,value,timestamp,is_nan,step,run_uuid) values (?,?,?,?,?,?)", latest)
db.executemany("insert into metrics (key,value,timestamp,is_nan,step,run_uuid) values (?,?,?,?,?,?)", metrics)
db.executemany("insert into params (key,value,run_uuid) values (?,?,?)", params)
db.executemany("insert into tags (key,value,run_uuid) values (?,?,?)", tags)
db.commit()

"""Writes runs straight into MLflow's SQLite file: by REST thousands of them take minutes."""

import sqlite3


def insert(database, runs, params, tags, latest, history):
    db = sqlite3.connect(database)
    many = db.executemany
    many("insert into runs (run_uuid,name,source_type,source_name,entry_point_name,user_id,status,start_time,end_time,source_version,lifecycle_stage,artifact_uri,experiment_id) values (?,?,?,?,?,?,?,?,?,?,?,?,?)", runs)
    for table, values in [("latest_metrics", latest), ("metrics", history)]:
        many(f"insert into {table} (key,value,timestamp,is_nan,step,run_uuid) values (?,?,?,?,?,?)", values)
    many("insert into params (key,value,run_uuid) values (?,?,?)", params)
    many("insert into tags (key,value,run_uuid) values (?,?,?)", tags)
    db.commit()
    db.close()

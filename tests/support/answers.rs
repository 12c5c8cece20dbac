//! Plausible answers of MLflow 3.17, in the shape a real server gives them, for scripts of `Hostile`.

use super::hostile::Reply;
use super::http::Request;
use serde_json::{Value, json};

/// The version `version` tells.
pub const VERSION: &str = "3.17.2";

/// A server with one experiment ("0", Default) of `runs` runs, in pages as large as asked for.
pub fn plausible(request: &Request, runs: usize) -> Reply {
    match request.path() {
        "/health" => Reply::text(200, "OK"),
        "/version" => version(VERSION),
        path if path.ends_with("/mlflow/server-info") => server_info(),
        path if path.ends_with("/mlflow/experiments/search") => experiments(&[("0", "Default")]),
        path if path.ends_with("/mlflow/runs/search") => runs_page(request, runs),
        _ => Reply::error(404, "ENDPOINT_NOT_FOUND", "no such endpoint"),
    }
}

pub fn version(version: &str) -> Reply {
    Reply::text(200, version)
}

pub fn server_info() -> Reply {
    Reply::json(&json!({
        "store_type": "SqlStore",
        "workspaces_enabled": false,
        "trace_archival_enabled": false,
        "multipart_uploads_enabled": false,
        "multipart_downloads_enabled": false,
        "presigned_upload_run_id_supported": true,
        "presigned_upload_model_id_supported": true,
        "features_enabled": { "gateway": true },
    }))
}

/// One page with these experiments, as (id, name).
pub fn experiments(list: &[(&str, &str)]) -> Reply {
    let experiments: Vec<Value> = list
        .iter()
        .map(|(id, name)| {
            json!({
                "experiment_id": id,
                "name": name,
                "artifact_location": format!("mlflow-artifacts:/{id}"),
                "lifecycle_stage": "active",
                "last_update_time": 1_700_000_000_000_i64,
                "creation_time": 1_700_000_000_000_i64,
            })
        })
        .collect();
    Reply::json(&json!({ "experiments": experiments }))
}

/// The page of a search over `total` runs that the request's `page_token` and `max_results` ask for. The first run of
/// the list is the newest.
pub fn runs_page(request: &Request, total: usize) -> Reply {
    let asked = request.json();
    let size = asked["max_results"].as_u64().and_then(|n| usize::try_from(n).ok()).unwrap_or(1000).max(1);
    let start = asked["page_token"].as_str().and_then(|token| token.strip_prefix("from-")?.parse().ok()).unwrap_or(0);
    let end = total.min(start + size);
    let runs: Vec<Value> = (start..end).map(|n| run(total - 1 - n)).collect();
    let mut page = json!({ "runs": runs });
    if end < total {
        page["next_page_token"] = json!(format!("from-{end}"));
    }
    Reply::json(&page)
}

/// Run number `n` of experiment "0", with a parameter `lr` and the metrics `loss` and `acc`.
pub fn run(n: usize) -> Value {
    let id = format!("{n:032x}");
    let name = format!("run-{n}");
    let start = 1_700_000_000_000_u64 + 1000 * n as u64;
    let point = |key: &str, value: f64| json!({ "key": key, "value": value, "timestamp": start, "step": 0 });
    json!({
        "info": {
            "run_uuid": id, "run_id": id, "run_name": name, "experiment_id": "0", "user_id": "", "status": "FINISHED",
            "start_time": start, "end_time": start + 60_000, "lifecycle_stage": "active",
            "artifact_uri": format!("mlflow-artifacts:/0/{id}/artifacts"),
        },
        "data": {
            "params": [{ "key": "lr", "value": format!("{}", 0.001 * (1 + n % 10) as f64) }],
            "metrics": [point("loss", 1.0 / (1 + n) as f64), point("acc", 1.0 - 1.0 / (2 + n) as f64)],
            "tags": [{ "key": "mlflow.runName", "value": name }],
        },
        "inputs": {},
        "outputs": {},
    })
}

def column(name):
    """A column of the runs that are left; empty where none of them has it."""
    return runs[name].astype(object) if name in runs else pd.Series(None, index=runs.index, dtype=object)


def numbers(texts):
    """Texts as numbers. MLflow's databases hold an infinity as the largest number there is."""
    largest, infinity = 1.7976931348623157e308, float("inf")
    return pd.to_numeric(texts, errors="coerce").astype(float).replace({largest: infinity, -largest: -infinity})


def times(name):
    """Milliseconds since 1970."""
    since = pd.to_datetime(runs[name], utc=True) - pd.Timestamp(0, tz="UTC")
    return (since // pd.Timedelta(milliseconds=1)).where(lambda it: it > 0)


def constant(value):
    return pd.Series(value, index=runs.index)


def has(metric):
    """Whether a run logged it, be it NaN, which the frame does not tell from nothing."""
    return runs["run_id"].map(lambda it: it in found and metric in found[it].data.metrics).astype(bool)


def datasets(part):
    """The names, digests or contexts of each run's datasets."""
    def of(run_id):
        inputs = found[run_id].inputs.dataset_inputs if run_id in found else []
        if part == "context":
            return [{tag.key: tag.value for tag in it.tags}.get("mlflow.data.context", "") for it in inputs]
        return [getattr(it.dataset, part) for it in inputs]

    return runs["run_id"].map(of).astype(object)


def any_dataset(part, passes):
    return datasets(part).map(lambda all: any(passes(it) for it in all)).astype(bool)


def function(name, values):
    with np.errstate(all="ignore"):
        return getattr(np, name)(values)


def figure(metric, which):
    """A figure of the whole series, NaN left out. One request for each run that is left."""
    def of(run_id):
        points = sorted(client.get_metric_history(run_id, metric), key=lambda it: (it.step, it.timestamp))
        values = numbers(pd.Series([it.value for it in points], dtype=float))
        if which == "count" or values.empty:
            return float(len(values) or "nan")
        return values.iloc[0] if which == "first" else getattr(values, which)()

    return runs["run_id"].map(of).astype(float)


def word(text):
    """Somewhere in the name, id, user, params or tags of one's own."""
    ours = ("tags.mlflow.runName", "tags.mlflow.user")
    is_searched = lambda it: it == "run_id" or it.startswith(("params.", "tags.")) and (it in ours or not it.startswith("tags.mlflow."))
    hits = [column(it).str.lower().str.contains(text, regex=False, na=False) for it in runs if is_searched(it)]
    return pd.concat(hits, axis=1).any(axis=1)


def pairs(left, right, holds):
    """Two columns of texts: as numbers where both are."""
    rows = zip(left, right, numbers(left), numbers(right))
    passes = lambda x, y, i, j: bool(holds(i, j) if pd.notna(i) and pd.notna(j) else holds(x, y))
    found = [pd.notna(x) and pd.notna(y) and passes(x, y, i, j) for x, y, i, j in rows]
    return pd.Series(found, index=runs.index, dtype=bool)


def rank(text):
    """Numbers before texts, and run-9 before run-10."""
    number = numbers(pd.Series([text], dtype=object)).iloc[0]
    if pd.notna(number) or text.strip().lower() == "nan":
        return (0, pd.isna(number), 0.0 if pd.isna(number) else number)
    value = lambda digits: (48, len(digits.lstrip("0")), digits.lstrip("0"))
    parts = re.findall("[0-9]+|[^0-9]", text.lower())
    return (1, False, [value(it) if it[0] in "0123456789" else (ord(it), 0, "") for it in parts])

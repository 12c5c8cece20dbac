"""Make the demo's snapshot: server up, train, export, server down.

    python demo/make.py [--out public/demo.halimede.zip]

Run it with the Python of an environment made from demo/requirements.txt.
"""

import argparse
import os
import pathlib
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--out", default=str(HERE.parent / "public" / "demo.halimede.zip"))
    out = str(pathlib.Path(parser.parse_args().out).resolve())
    began = time.perf_counter()
    env = {**os.environ, "MLFLOW_DISABLE_TELEMETRY": "true", "DO_NOT_TRACK": "true", "PYTHONDONTWRITEBYTECODE": "1",
           "MLFLOW_SERVER_ENABLE_JOB_EXECUTION": "false", "MLFLOW_SUPPRESS_PRINTING_URL_TO_STDOUT": "true", "TZ": "UTC"}
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    url = f"http://127.0.0.1:{port}"
    with tempfile.TemporaryDirectory() as folder:
        with open(os.path.join(folder, "server.log"), "w+") as log:
            server = subprocess.Popen(
                [sys.executable, "-m", "mlflow", "server", "--host", "127.0.0.1", "--port", str(port),
                 "--workers", "1", "--backend-store-uri", f"sqlite:///{folder}/mlflow.db",
                 "--artifacts-destination", f"{folder}/artifacts"],
                cwd=folder, env=env, stdout=log, stderr=subprocess.STDOUT, start_new_session=True)
            try:
                wait(server, url)
                print(f"server: up after {time.perf_counter() - began:.1f} s", flush=True)
                for script, more in (("train.py", []), ("export.py", ["--out", out])):
                    subprocess.run([sys.executable, str(HERE / script), "--url", url, *more], env=env, check=True)
                subprocess.run([sys.executable, str(HERE / "write.py"), out], env=env, check=True)
            except BaseException:
                log.seek(0)
                print(log.read()[-3000:], file=sys.stderr)
                raise
            finally:
                try:  # the server and its workers: the session started above, nothing else
                    os.killpg(server.pid, signal.SIGTERM)
                except ProcessLookupError:
                    pass
                server.wait(20)
    print(f"made {out} in {time.perf_counter() - began:.1f} s")


def wait(server, url):
    for _ in range(300):
        if server.poll() is not None:
            raise RuntimeError("the MLflow server ended at once")
        try:
            with urllib.request.urlopen(url + "/health", timeout=2):
                return
        except OSError:
            time.sleep(0.3)
    raise RuntimeError("the MLflow server does not answer")


if __name__ == "__main__":
    main()

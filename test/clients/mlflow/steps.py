"""What the scripts beside this file share: named steps, each told when it is done."""

import functools
import os
import sys
import traceback

os.environ.setdefault("MLFLOW_HTTP_REQUEST_MAX_RETRIES", "1")
os.environ.setdefault("MLFLOW_DISABLE_TELEMETRY", "true")
os.environ.setdefault("GIT_PYTHON_REFRESH", "quiet")
os.environ.setdefault("MPLBACKEND", "Agg")

_STEPS = []


def step(work):
    """Runs in the order of the file; prints `ok <name>` or `failed <name>` with what went wrong."""

    @functools.wraps(work)
    def run():
        try:
            work()
        except Exception:
            traceback.print_exc()
            print(f"failed {work.__name__}", flush=True)
        else:
            print(f"ok {work.__name__}", flush=True)

    _STEPS.append(run)
    return run


def run_all():
    for run in _STEPS:
        run()
    sys.stdout.flush()


def raises(code, work):
    """The error code that MLflow's client saw."""
    from mlflow.exceptions import MlflowException

    try:
        work()
    except MlflowException as error:
        assert error.error_code == code, f"{error.error_code}: {error.message}"
        return error.message
    raise AssertionError(f"expected {code}")

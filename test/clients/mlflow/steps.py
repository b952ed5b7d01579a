"""What the scripts beside this file share: named steps, each told when it is done."""

import sys
import traceback

_STEPS = []


def step(work):
    """Runs in the order of the file; prints `ok <name>` or `failed <name>` with what went wrong."""
    _STEPS.append(work)
    return work


def run_all():
    for work in _STEPS:
        try:
            work()
        except Exception:
            traceback.print_exc(file=sys.stdout)
            print(f"\nfailed {work.__name__}", flush=True)
        else:
            # On a line of its own: MLflow prints too.
            print(f"\nok {work.__name__}", flush=True)


def raises(code, work):
    """The message of the error that MLflow's client saw, which must be of this code."""
    from mlflow.exceptions import MlflowException

    try:
        work()
    except MlflowException as error:
        assert error.error_code == code, f"{error.error_code}: {error.message}"
        return error.message
    raise AssertionError(f"expected {code}")

"""Calls the entrypoint of a bundle once: run_job.py BUNDLE FOLDER

Reads {"args", "kwargs"} from stdin. Writes two files to the folder: `result`, and `outcome.json`,
which describes the end of the call. The stdout and the stderr of the code both go to stdout.
"""

import json
import os
import resource
import sys
import traceback


def main(bundle, folder):
    request = json.load(sys.stdin)
    os.dup2(1, 2)
    sys.path[0] = bundle
    sys.argv = ["__dlentrypoint__.py"]
    begun = resource_usage()
    code, reason = call(request, os.path.join(folder, "result"))
    with open(os.path.join(folder, "outcome.json"), "w", encoding="utf-8") as file:
        json.dump({"reason": reason, "statistics": statistics(begun)}, file)
    sys.stdout.flush()
    sys.stderr.flush()
    # os._exit() does not wait for threads that the code has left running.
    os._exit(code)


def call(request, result):
    try:
        import __dlentrypoint__

        value = to_bytes(__dlentrypoint__.main(*request["args"], **request["kwargs"]))
        if value is not None:
            with open(result, "wb") as file:
                file.write(value)
        return 0, None
    except SystemExit as error:
        code = error.code if isinstance(error.code, int) else 1
        return code or 1, f"SystemExit: {error.code}"
    except BaseException as error:
        traceback.print_exc()
        return 1, f"{type(error).__name__}: {error}"


def to_bytes(value):
    if value is None or isinstance(value, bytes):
        return value
    if callable(getattr(value, "serialize", None)):
        return value.serialize()
    return json.dumps(value).encode()


def resource_usage():
    both = [resource.getrusage(who) for who in (resource.RUSAGE_SELF, resource.RUSAGE_CHILDREN)]
    seconds = sum(usage.ru_utime + usage.ru_stime for usage in both)
    return seconds, max(usage.ru_maxrss for usage in both) * 1024


def statistics(begun):
    seconds, peak = resource_usage()
    network = ("rx_bytes", "tx_bytes", "rx_dropped", "tx_dropped", "rx_errors", "tx_errors")
    return {
        "cpu": {"total": 0, "time": int((seconds - begun[0]) * 1e9), "timeseries": []},
        "memory": {
            "total_bytes": peak,
            "total_percentage": 0,
            "peak_bytes": peak,
            "peak_percentage": 0,
            "timeseries": [],
        },
        "network": dict.fromkeys(network, 0),
    }


if __name__ == "__main__":
    main(*sys.argv[1:])

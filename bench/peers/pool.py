"""multiprocessing.Pool or joblib over an ndjson file:
python3 pool.py pool|chunks|joblib method input output workers
"""

import json
import sys

import tasks

library, method, source, target, workers = sys.argv[1:]
call = getattr(tasks, method)
workers = int(workers)


def run(args):
    if library == "joblib":
        from joblib import Parallel, delayed

        prefer = "threads" if method == "sleep" else "processes"
        # The batch size that joblib chooses for short calls is half as fast.
        batch = 1000 if method == "square" else "auto"
        parallel = Parallel(n_jobs=workers, prefer=prefer, batch_size=batch)
        return parallel(delayed(call)(arg) for arg in args)
    # Threads are the fastest way to run calls that only wait.
    if method == "sleep":
        from multiprocessing.pool import ThreadPool as Pool
    else:
        from multiprocessing import Pool
    with Pool(workers) as pool:
        return pool.map(call, args, None if library == "chunks" else 1)


if __name__ == "__main__":
    with open(source) as lines:
        args = [json.loads(line) for line in lines]
    results = run(args)
    with open(target, "w") as file:
        file.writelines(json.dumps(result) + "\n" for result in results)

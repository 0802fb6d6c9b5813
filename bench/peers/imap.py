"""multiprocessing.Pool(2).imap over an ndjson file: python3 imap.py chunk method input output"""

import json
import sys
from multiprocessing import Pool

import tasks

if __name__ == "__main__":
    chunk, method, source, target = sys.argv[1:]
    with Pool(2) as pool, open(source) as lines, open(target, "w") as file:
        for result in pool.imap(getattr(tasks, method), map(json.loads, lines), int(chunk)):
            file.write(json.dumps(result) + "\n")

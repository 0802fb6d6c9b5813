"""Calls a function of tasks.py in a plain loop: loop.py METHOD LIST."""

import json
import sys

import tasks

function = getattr(tasks, sys.argv[1])
with open(sys.argv[2], encoding="utf-8") as lines:
    for line in lines:
        function(json.loads(line))

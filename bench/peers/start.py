"""Prints the milliseconds of an empty program, and of a worker until it is ready, as JSON."""

import json
import os
import socket
import subprocess
import sys
import tempfile
import time

began = time.perf_counter()
subprocess.run([sys.executable, "-c", "0"])
empty = (time.perf_counter() - began) * 1000

with tempfile.TemporaryDirectory() as folder:
    path = os.path.join(folder, "s")
    listener = socket.socket(socket.AF_UNIX)
    listener.bind(path)
    listener.listen(1)
    began = time.perf_counter()
    options = json.dumps({"socket": path})
    worker = subprocess.Popen([sys.executable, sys.argv[1], options], stdout=subprocess.DEVNULL)
    channel, _ = listener.accept()
    channel.recv(36)
    channel.send(b"\x1e")
    received = b""
    while b"idle" not in received:
        received += channel.recv(4096)
    print(json.dumps([empty, (time.perf_counter() - began) * 1000]))
    channel.close()
    worker.wait()

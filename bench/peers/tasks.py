"""The functions that are timed, for Python."""

import time


def square(x):
    return x * x


def echo(x):
    return x


def spin(ms):
    end = time.perf_counter() + ms / 1000
    while time.perf_counter() < end:
        pass
    return ms


def burn(x):
    end = time.thread_time() + 0.001
    while time.thread_time() < end:
        pass
    return x


def sleep(ms):
    time.sleep(ms / 1000)
    return ms

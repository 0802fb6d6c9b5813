"""The worker of dl_jobs for Python functions, which speaks the protocol in lib/worker/protocol.ts.

A job's program (``bundle.py``) contains these files as text, so a machine needs only Python.
"""

"""Runs the command: ``python -m dl_jobs run module.method``."""

from .cli import main

if __name__ == "__main__":
    main()

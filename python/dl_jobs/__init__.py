"""Jobs over long lists of arguments, for code that was written for ``wri/dl_jobs``.

The package describes jobs. The command ``dl_jobs`` runs them, on this machine, on Slurm or on
Compute. The modules have the names of the original package: ``job``, ``decorators``, ``helpers``,
``nd_json``, ``utils``, ``config`` and ``constants``.
"""

__version__ = "0.1.0"


def __getattr__(name: str) -> object:
    """Loads the names of ``_rate`` on first use."""
    if name in ("RateLimited", "check_rate"):
        from . import _rate

        return getattr(_rate, name)
    raise AttributeError("module 'dl_jobs' has no attribute %r" % name)

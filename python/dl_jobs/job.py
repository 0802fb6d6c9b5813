"""Jobs: one task method over a list of arguments, or called once."""

from __future__ import annotations

import os
import sys
from importlib import import_module
from typing import Any, Callable, Dict, List, Optional

from . import _command, _run_method, _runner, config, utils
from ._description import OPTIONS, call_of
from .helpers import truthy

# A script may be in another folder than the modules of its jobs.
if os.getcwd() not in sys.path:
    sys.path.append(os.getcwd())

PLATFORM_JOB = False
DEFAULT_METHOD = "task"

#: The value of a parameter that leaves its option to the command line and the config file.
_UNSET: Any = type("Unset", (), {"__repr__": lambda self: "UNSET"})()

#: The options that a run method receives where it declares them.
_INJECTED = ("cpus", "gpus", "cpu_job", "cpu_image", "gpu_image", "noisy")


class DLJob(object):
    """One task method over a list of arguments, or called once with ``args`` and ``kwargs``.

    :param module_name: the import path of the module, such as ``work.ndvi``
    :param method_name: the name of the task method
    :param cpu_job: true for a job without GPUs
    :param cpu_image: the image of a job without GPUs
    :param gpu_image: the image of a job with GPUs
    :param args_list: one element per task, which is the only argument of the method; a number n
        means the numbers 0 to n-1, and a text is the path of a file with a JSON text per line
    :param modules: modules to send along with the method
    :param requirements: packages that the method needs, as a list or a file
    :param data: files to send along with the method
    :param cpus: the number of CPUs of a task
    :param gpus: the number of GPUs of a task
    :param platform_job: true to run on the configured engine, not on this machine
    :param name: the name of the job, which is also the prefix of its files
    :param noisy: true to print the start, the results and the end
    :param grouped_results: true to write a list that is returned as one line
    :param save_results: false, or the name of the results file
    :param save_errors: false, or the name of the errors file
    :param results_dir: the directory of the results file
    :param errors_dir: the directory of the errors file
    :param results_timestamp: true to add the time to the names of both files
    :param log: false, or the name of the log file
    :param log_dir: the directory of the log file
    :param task_kwargs: further options of the engine
    :param kwargs: without a list, ``args`` and ``kwargs`` of the only call, and further keywords
    """

    @staticmethod
    def get_method(module_name: str, method_name: str) -> Callable:
        """Imports a module and returns one of its functions."""
        return getattr(import_module(module_name), method_name)

    @staticmethod
    def full_method_name(module_name: str, method_name: str) -> str:
        """Returns ``module.method``."""
        return ".".join([module_name, method_name])

    def __init__(
        self,
        module_name: str,
        method_name: str = DEFAULT_METHOD,
        cpu_job: Any = _UNSET,
        cpu_image: Any = _UNSET,
        gpu_image: Any = _UNSET,
        args_list: Any = None,
        modules: Any = None,
        requirements: Any = None,
        data: Any = None,
        cpus: Any = _UNSET,
        gpus: Any = _UNSET,
        platform_job: Any = PLATFORM_JOB,
        name: Optional[str] = None,
        noisy: Any = _UNSET,
        grouped_results: Any = _UNSET,
        save_results: Any = _UNSET,
        save_errors: Any = _UNSET,
        results_dir: Any = _UNSET,
        errors_dir: Any = _UNSET,
        results_timestamp: Any = _UNSET,
        log: Any = _UNSET,
        log_dir: Any = _UNSET,
        task_kwargs: Optional[Dict[str, Any]] = None,
        *args: Any,
        **kwargs: Any
    ) -> None:
        given = {name: value for name, value in locals().items() if name in OPTIONS}
        # An attribute that is not set has the value of the config file (`__getattr__`).
        vars(self).update((name, value) for name, value in given.items() if value is not _UNSET)
        self.module_name = module_name
        self.method_name = method_name
        self.method = DLJob.full_method_name(module_name, method_name)
        self.name = str(name) if name else self.method
        self.args, self.kwargs = call_of(args, kwargs)
        self.args_list = args_list
        self.modules = modules
        self.requirements = requirements
        self.data = data
        self.platform_job = platform_job
        self.task_kwargs = task_kwargs or {}
        self.timer = utils.Timer()
        self.tasks: List[Any] = []
        self.id: Optional[str] = None
        self.results_path: Optional[str] = None
        self.errors_path: Optional[str] = None
        self.log_file: Optional[str] = None

    def __getattr__(self, name: str) -> Any:
        if name in OPTIONS:
            return config.get(name)
        raise AttributeError("a DLJob has no attribute {!r}".format(name))

    def run(self) -> Any:
        """Runs the job, on this machine unless ``platform_job`` is true.

        :returns: the value that the method returned, also when it is an error; with a list, the
            list of these values, in which any other failure is the dict of the errors file
        :raises JobError: when the job cannot run, or the only call raised an error
        """
        return _runner.run(self, is_dev=False)

    def local_run(self) -> Any:
        """Runs the job on this machine."""
        return _runner.run(self, is_dev=True)

    def platform_run(self) -> Any:
        """Runs the job on the configured engine."""
        return _runner.run(self, is_dev=False, platform_job=True)

    def print_logs(self) -> None:
        """Prints the logs of the tasks of the last run."""
        if self.id is not None:
            _command.call(["logs", self.id])


def run(
    module_name: str,
    method_name: str = DEFAULT_METHOD,
    cpus: Any = _UNSET,
    gpus: Any = _UNSET,
    cpu_job: Any = _UNSET,
    cpu_image: Any = _UNSET,
    gpu_image: Any = _UNSET,
    args: Any = (),
    kwargs: Optional[Dict[str, Any]] = None,
    args_list: Any = None,
    dev: Any = _UNSET,
    print_logs: Any = _UNSET,
    noisy: Any = _UNSET,
    module_dir: Any = _UNSET,
) -> None:
    """Calls a run method in this process, and runs the jobs that it returns.

    :param args: the positional arguments of the run method
    :param kwargs: its keywords, which override the other options
    :param dev: true to run every job on this machine
    :param print_logs: true to print the logs of tasks
    :param module_dir: the package of the run methods; None for none
    """
    given = {name: value for name, value in locals().items() if name in _INJECTED}
    options = {name: _or_config(value, name) for name, value in given.items()}
    folder = _or_config(module_dir, "module_dir")
    method = ".".join([folder] * bool(folder) + [module_name, method_name])
    more = {} if print_logs is _UNSET else {"print_logs": print_logs}
    is_dev = bool(truthy(_or_config(dev, "is_dev")))
    options["args_list"] = args_list or []
    returned = _run_method.call(method, args, kwargs or {}, options)
    for job in _run_method.jobs_in(returned, method):
        _runner.run(job, is_dev=is_dev, **more)


def _or_config(value: Any, name: str) -> Any:
    return config.get(name) if value is _UNSET else value

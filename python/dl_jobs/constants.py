"""The constants of the original package: its images and the defaults of its options."""

_PUBLIC = "us.gcr.io/dl-ci-cd/images/tasks/public"

PY27 = _PUBLIC + "/py2/default:v2019.04.18-13-g565aebde"
PY27_GPU = _PUBLIC + "/py2-gpu/default:v2019.04.18-13-g565aebde"
PY36 = _PUBLIC + "/py3.6/default:v2019.04.18-13-g565aebde"
PY36_GPU = _PUBLIC + "/py3.6-gpu/default:v2019.04.18-13-g565aebde"
PY37 = _PUBLIC + "/py3.7/default:v2019.02.12"

#: The images of 2019 by their short names. Engines replace them by images of today.
IMAGES = {
    "py27": PY27,
    "py27_gpu": PY27_GPU,
    "py36": PY36,
    "py36_gpu": PY36_GPU,
    "py37": PY37,
}

CPUS = 1
GPUS = 0
CPU_JOB = True
CPU_IMAGE = PY36
GPU_IMAGE = PY36_GPU
DLS_ROOT = "dl_jobs"
IS_DEV = True
NOISY = True
MODULE_DIR = "run"
PRINT_LOGS = True
DEFAULT_METHOD = "task"
SUPPRESS = ["DeprecationWarning", "FutureWarning"]
SAVE_RESULTS = True
SAVE_ERRORS = True
RESULTS_DIR = "results"
ERRORS_DIR = "errors"
LOG = True
LOG_DIR = "logs"

DL_JOBS_CONFIG_PATH = "dl_jobs.config.yaml"

"""The command line ``python -m dl_jobs``, which is that of the command ``dl_jobs``."""

from __future__ import annotations

import os
import sys
from typing import List, NoReturn, Optional

from ._command import CommandNotFound, command, environment


def main(argv: Optional[List[str]] = None) -> NoReturn:
    """Becomes the command ``dl_jobs``, whose Python functions run in this interpreter.

    :param argv: the arguments, by default those of this process
    """
    try:
        words = command() + (sys.argv[1:] if argv is None else argv)
    except CommandNotFound as error:
        sys.exit("Error: {}".format(error))
    sys.stdout.flush()
    os.execvpe(words[0], words, environment())


#: The name of the entry point in the original package.
cli = main

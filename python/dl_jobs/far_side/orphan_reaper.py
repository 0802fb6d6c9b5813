"""A shell process that kills the workers when this process has died."""

import os
import subprocess

# The shell reads process groups from stdin. When this process dies, for any reason, the system
# closes the pipe, and the shell kills the remaining groups, and all that has a parent or a session
# in the tree of a worker. The script is that of lib/engines/local/orphan_reaper.ts.
_SCRIPT = """
while read -r sign pid; do
  case $sign in
    +) groups="$groups $pid" ;;
    -) groups=" $groups "; groups="${groups%% $pid *} ${groups#* $pid }" ;;
  esac
done
set -- $groups
[ $# -gt 0 ] || exit 0
tree=" $groups " more=1 newline="
"
while [ "$more" ]; do
  more= all=$(cat /proc/[0-9]*/stat)
  set -f
  IFS="$newline"
  for line in $all; do
    IFS=" "
    pid=${line%% *}
    set -- ${line##*) }
    case $tree in *" $pid "*) continue ;; esac
    case $tree in *" $2 "* | *" $4 "*) tree="$tree$pid "; more=1 ;; esac
  done
  unset IFS
  set +f
done
for pid in $groups; do kill -9 "-$pid"; done
for pid in $tree; do kill -9 "$pid"; done"""


class OrphanReaper:
    """Kills the process groups of the workers after this process has died, even from SIGKILL."""

    def __init__(self) -> None:
        quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
        self._shell = subprocess.Popen(
            ["/bin/sh", "-c", _SCRIPT], stdin=subprocess.PIPE, start_new_session=True, **quiet
        )

    def add(self, pid: int) -> None:
        """Adds the process group of a worker."""
        self._send(f"+ {pid}\n")

    def remove(self, pid: int) -> None:
        """Removes the process group of a worker that has ended."""
        self._send(f"- {pid}\n")

    def close(self) -> None:
        """Ends the shell, which kills the groups that were not removed."""
        self._shell.communicate()

    def _send(self, line: str) -> None:
        try:
            os.write(self._shell.stdin.fileno(), line.encode())
        except OSError:
            pass  # Something has killed the shell.

"""The files that tasks write to `ctx.dir`, on their way to the job's folder."""

import os
from typing import Dict, Iterator, List, Tuple

# A file: its path below the folder for files, and its content.
TaskFile = Tuple[str, bytes]


class ChangedFiles:
    """Finds the files of a folder that have changed since the last look."""

    def __init__(self, folder: str) -> None:
        self.folder = folder
        self._seen: Dict[str, Tuple[int, int]] = {}

    def look(self) -> Tuple[List[str], int]:
        """Returns the paths and the total size of the changed files."""
        paths, total = [], 0
        for path in self._paths():
            try:
                stat = os.stat(os.path.join(self.folder, path))
            except OSError:
                continue  # The task has removed it.
            if self._seen.get(path) != (stat.st_size, stat.st_mtime_ns):
                self._seen[path] = (stat.st_size, stat.st_mtime_ns)
                paths.append(path)
                total += stat.st_size
        return paths, total

    def read(self, paths: List[str]) -> List[TaskFile]:
        """Reads files. A file that a task has removed is left out."""
        files = []
        for path in paths:
            try:
                with open(os.path.join(self.folder, path), "rb") as file:
                    files.append((path, file.read()))
            except OSError:
                pass
        return files

    def _paths(self) -> Iterator[str]:
        """Yields the paths of all files. Links to folders are not followed."""
        for root, _, names in os.walk(self.folder):
            for name in names:
                path = os.path.join(root, name)
                if os.path.isfile(path):
                    yield os.path.relpath(path, self.folder)

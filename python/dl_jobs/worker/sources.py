"""The modules of the user, whose sources are in the program.

A job runs with the sources of its start, even when the files have changed or the job runs on another
machine. Paths in tracebacks, ``__file__`` and data files beside a module refer to the original files.

On a machine that has copies of some files, the variable ``DL_JOBS_COPIES`` contains their folder and
the folders that it stands for, one per line. ``__file__`` then refers to the copies.
"""

import os
import sys

# Both are loaded in every Python process.
import _frozen_importlib as bootstrap
import _frozen_importlib_external as external

TYPE_CHECKING = False
if TYPE_CHECKING:
    from typing import Any, Dict, List, Optional, Sequence, Tuple

    Source = Tuple[str, bool, Optional[str]]


class SourceFinder:
    """Finds modules in a dictionary, each with its path, its kind and its text."""

    def __init__(self, sources: "Dict[str, Source]") -> None:
        self.sources = sources
        self._has_filled = False

    def find_spec(self, name: str, path: "Any" = None, target: "Any" = None) -> "Any":
        """Finds a module; returns None for a module that is not in the program."""
        source = self.sources.get(name)
        if source is None:
            return None
        file, is_package, text = source
        if text is None:
            spec = bootstrap.ModuleSpec(name, None, is_package=True)
            spec.submodule_search_locations = [copy_of(file)]
            return spec
        copy = copy_of(file)
        folders = [copy.rpartition("/")[0]] if is_package else None
        spec = external.spec_from_file_location(
            name, file, loader=_Loader(name, file, text), submodule_search_locations=folders
        )
        spec.origin = copy
        return spec

    def fill_linecache(self) -> None:
        """Gives tracebacks the lines that run, even when the files have changed."""
        if self._has_filled:
            return
        self._has_filled = True
        import linecache

        for file, _, text in self.sources.values():
            if text is not None:
                lines = text.splitlines(True)
                # Without a time, linecache does not compare the entry with the file.
                linecache.cache[file] = (len(text), None, lines, file)  # type: ignore


class _Loader(external.SourceFileLoader):
    """Loads a module from a text. While the file has the same text, its bytecode is cached."""

    def __init__(self, name: str, path: str, text: str) -> None:
        super().__init__(name, path)
        self._text = text

    def path_stats(self, path: str) -> "Any":
        with open(path, encoding="utf-8") as file:
            if file.read() != self._text:
                raise OSError("the file has changed")
        return super().path_stats(path)

    def get_data(self, path: str) -> bytes:
        return self._text.encode() if path == self.path else super().get_data(path)

    def get_source(self, fullname: str) -> str:
        return self._text

    def source_to_code(self, data: "Any", path: str, **options: "Any") -> "Any":
        # The text is decoded already, so a comment with its encoding has no meaning.
        return super().source_to_code(self._text, path, **options)


def copy_of(path: str) -> str:
    """Returns the path of a copy on this machine, or the path itself."""
    copies, *originals = os.environ.get("DL_JOBS_COPIES", "").split("\n")
    for original in originals:
        if (path + "/").startswith(original + "/"):
            return copies + path[len(original) :]
    return path


def install(
    sources: "Dict[str, Source]", folders: "Sequence[str]", late: "Sequence[str]"
) -> SourceFinder:
    """Lets imports find the sources, and the other files in the folders of the user."""
    finder = SourceFinder(sources)
    sys.meta_path.insert(0, finder)  # type: ignore
    known = set(sys.path)
    sys.path[:0] = [folder for folder in map(copy_of, folders) if folder not in known]
    sys.path.extend(folder for folder in map(copy_of, late) if folder not in known)
    return finder

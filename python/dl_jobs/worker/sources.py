"""The modules of the user, whose sources are in the program.

A job runs with the sources of its start, even when the files have changed or the job runs on
another machine. Paths in tracebacks, ``__file__`` and data files beside a module refer to the
original files.

On a machine that has copies of some files, the variable ``DL_JOBS_COPIES`` contains their folder
and the folders that it stands for, one per line. ``__file__`` then refers to the copies.
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

    def __init__(
        self,
        sources: "Dict[str, Source]",
        folders: "Sequence[str]" = (),
        standard: "Sequence[str]" = (),
    ) -> None:
        self.sources = sources
        self._has_filled = False
        self._folders = tuple(folders)
        self._standard = frozenset(standard)
        # The number of blocks in which imports find the standard library, the modules of the user
        # that these blocks hide, and the modules of the standard library that they loaded.
        self._depth = 0
        self._hidden: "Dict[str, Any]" = {}
        self._own: "Dict[str, Any]" = {}
        self._kept: "Dict[str, Any]" = {}

    def __enter__(self) -> None:
        """Lets imports find the standard library, also behind modules of the user."""
        self._depth += 1
        if self._depth == 1 and self._standard:
            loaded = self._loaded()
            self._hidden = {name: one for name, one in loaded.items() if self._is_users(one)}
            for name in self._hidden:
                del sys.modules[name]
            self._kept = {name: one for name, one in loaded.items() if name not in self._hidden}
            sys.modules.update({**self._own, **self._kept})

    def __exit__(self, *_: "Any") -> None:
        self._depth -= 1
        if self._depth == 0 and self._standard:
            # A later import of the user finds the module of the user, as in a script.
            self._own = {name: one for name, one in self._loaded().items() if name not in self._kept}
            for name in self._own:
                del sys.modules[name]
            sys.modules.update(self._hidden)

    def _loaded(self) -> "Dict[str, Any]":
        """Returns the loaded modules that have the name of a module of the user, and their parts."""
        names = [one for one in list(sys.modules) if one.partition(".")[0] in self._standard]
        return {name: sys.modules[name] for name in names}

    def _is_users(self, module: "Any") -> bool:
        file = getattr(module, "__file__", None) or ""
        return any(file.startswith(folder + "/") for folder in self._folders)

    def find_spec(self, name: str, path: "Any" = None, target: "Any" = None) -> "Any":
        """Finds a module; returns None for a module that is not in the program."""
        if self._depth > 0 and name.partition(".")[0] in self._standard:
            paths = [one for one in sys.path if one not in self._folders]
            return external.PathFinder.find_spec(name, paths if path is None else path)
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

    def fill_linecache(self, cache: "Dict[str, Any]") -> None:
        """Gives tracebacks the lines that run, even when the files have changed."""
        if self._has_filled:
            return
        self._has_filled = True
        for file, _, text in self.sources.values():
            if text is not None:
                lines = text.splitlines(True)
                # Without a time, linecache does not compare the entry with the file.
                cache[file] = (len(text), None, lines, file)


# The finder of this process, as the only element.
installed: "List[SourceFinder]" = [SourceFinder({})]


class _Loader(external.SourceFileLoader):
    """Loads a module from a text. While the file has the same text, its bytecode is cached."""

    def __init__(self, name: str, path: str, text: str) -> None:
        super().__init__(name, path)
        self._text = text

    def path_stats(self, path: str) -> "Any":
        try:
            with open(path, encoding="utf-8") as file:
                is_same = file.read() == self._text
        except UnicodeDecodeError:
            # A comment in the file may name another encoding.
            is_same = False
        if not is_same:
            raise OSError("the file has changed")
        return super().path_stats(path)

    def get_data(self, path: str) -> bytes:
        return self._text.encode() if path == self.path else super().get_data(path)

    def get_source(self, fullname: str) -> str:
        return self._text

    def exec_module(self, module: "Any") -> None:
        if module.__name__.partition(".")[0] not in ("_dl_jobs_worker", "dl_jobs"):
            return super().exec_module(module)
        with installed[0]:
            super().exec_module(module)

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
    sources: "Dict[str, Source]",
    folders: "Sequence[str]",
    late: "Sequence[str]",
    standard: "Sequence[str]" = (),
) -> SourceFinder:
    """Lets imports find the sources, and the other files in the folders of the user.

    ``standard`` contains names of local modules that the standard library has, too. The worker
    imports those of the standard library.
    """
    before, after = [copy_of(folder) for folder in folders], [copy_of(folder) for folder in late]
    finder = installed[0] = SourceFinder(sources, [*before, *after], standard)
    sys.meta_path.insert(0, finder)  # type: ignore
    known = set(sys.path)
    sys.path[:0] = [folder for folder in before if folder not in known]
    sys.path.extend(folder for folder in after if folder not in known)
    return finder

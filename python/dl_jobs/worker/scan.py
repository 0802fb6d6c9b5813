"""Reads a module and the local modules that it imports, without running them.

This program runs before a job. Its only argument is ``{"file": ..., "method": ..., "cwd": ...}``,
with the import path of the module as ``name`` and further folders of modules as ``late``, if known.
It prints a JSON object (``Scan`` in lib/bundle/python/scan.ts).
"""

import ast
import functools
import importlib.machinery
import io
import json
import os
import pathlib
import sys
import sysconfig
import tokenize
from typing import Any, Dict, Iterator, List, Optional, Sequence, Set, Tuple

_VERSION = "%d.%d.%d" % sys.version_info[:3]
# Functions that can define any name of a module.
_DYNAMIC = {"exec", "globals", "setattr", "vars"}
_ENCODING_ADVICE = "; save it as UTF-8, or name its encoding in the first line: # coding: NAME"
# What an expression that computes a path consists of.
_PATH_NAMES: Dict[str, Any] = {"os": os, "pathlib": pathlib, "Path": pathlib.Path, "str": str}
_PATH_NAMES.update((name, getattr(os.path, name)) for name in ("abspath", "dirname", "join"))
_PATH_PARTS = {"path", "abspath", "dirname", "join", "realpath", "normpath", "getcwd", "pardir"}
_PATH_PARTS |= {"Path", "absolute", "as_posix", "cwd", "joinpath", "parent", "parents", "resolve"}
_PATH_NODES = (ast.Add, ast.Attribute, ast.BinOp, ast.Call, ast.Constant, ast.Div, ast.expr_context)
_PATH_NODES += (ast.Name, ast.Subscript, getattr(ast, "Index", ast.Name))


def scan(
    file: str, method: str, cwd: str, name: str = "", late: Sequence[str] = ()
) -> Dict[str, Any]:
    """Returns the modules of a program, or the error that keeps the file from running."""
    try:
        modules = Modules(file, cwd, name, late)
    except SyntaxError as error:
        return {"error": _syntax_text(error)}
    return {
        "module": modules.name,
        "folders": modules.folders,
        "late": modules.late,
        "standard": _standard_names(modules.folders),
        "modules": modules.found,
        "absent": sorted(modules.absent),
        "functions": None if _may_define(modules.tree, method) else _functions(modules.tree),
        "required": _required(modules.tree, method),
    }


class Modules:
    """The local modules that a file needs, each as its path, its kind and its text."""

    def __init__(self, file: str, cwd: str, name: str = "", late: Sequence[str] = ()) -> None:
        self.tree = ast.parse(_text_of(file), file)
        known = _root_of(file, name)
        self.name, root = (name, known) if known else _name_of(file, cwd, self.tree)
        folder = os.path.dirname(file)
        # Who works in the folder of a package imports its modules as those of scripts.
        first = [folder] if folder == cwd and not known else []
        self.folders = list(dict.fromkeys([*first, root, cwd]))
        # Files of a package may have names of the standard library, so its folder comes last.
        self.late = [one for one in (*late, folder) if one not in self.folders]
        self.found: Dict[str, List[Any]] = {}
        self._trees: Dict[str, ast.Module] = {}
        self.absent: Set[str] = set()
        # The folders that modules add to the beginning and to the end of sys.path.
        self._inserted: List[str] = []
        self._appended: List[str] = []
        self._foreign = _installed(cwd)
        self._read(self.name, file, os.path.basename(file) == "__init__.py")
        self._read_imports()
        self._add_namespaces()

    def _read_imports(self) -> None:
        pending, missing = list(_with_parents(self.name)), []
        while pending:
            name, known = pending.pop(), len(self._inserted + self._appended)
            if name not in self.found and not self._add(name):
                missing.append(name)
                continue
            if len(self._inserted + self._appended) > known:
                # The module may have been imported for the folders that it adds.
                pending.extend(missing)
            if name in self._trees:
                is_package = self.found[name][1]
                names = _imports(self._trees.pop(name), name, is_package)
                pending.extend(one for one in names if one not in self.found)

    def _add(self, name: str) -> bool:
        """Adds a module of the search path. Returns False for any other module."""
        top = name.split(".")[0]
        if top in sys.builtin_module_names or (top != name and not self._is_ours(top)):
            return False
        inserted = [] if top in _standard() else self._inserted
        late = self.late + self._appended if self._is_missing(top) else []
        for folder in inserted + self.folders + late:
            path = os.path.join(folder, *name.split("."))
            for file, is_package in ((path + "/__init__.py", True), (path + ".py", False)):
                if os.path.isfile(file):
                    return self._is_local(file) and self._read(name, file, is_package)
            if top == name:
                # The program changes when one of these files appears.
                self.absent.update((path + ".py", path + "/__init__.py"))
        return False

    def _is_ours(self, top: str) -> bool:
        """Returns True for a package here, or a folder that no installed package hides."""
        if top in self.found or self._add(top):
            return True
        folders = self._inserted + self.folders + sys.path + self.late + self._appended
        spec = importlib.machinery.PathFinder.find_spec(top, folders)
        return spec is not None and spec.origin is None

    def _is_missing(self, top: str) -> bool:
        """Returns True when no module of the interpreter hides those in the late folders."""
        return importlib.machinery.PathFinder.find_spec(top, self.folders + sys.path) is None

    def _is_local(self, file: str) -> bool:
        real = os.path.realpath(file)
        return not real.startswith(self._foreign) and "/site-packages/" not in real

    def _read(self, name: str, file: str, is_package: bool) -> bool:
        text = _text_of(file)
        self.found[name] = [file, is_package, text]
        try:
            tree = self._trees[name] = ast.parse(text, file)
            if "sys.path." in text:
                self._add_folders(tree, file)
        except SyntaxError:
            # A module that is never imported may be for another version of Python.
            pass
        return True

    def _add_folders(self, tree: ast.Module, file: str) -> None:
        """Reads calls such as ``sys.path.append(str(Path(__file__).parent / "lib"))``."""
        names = {**_PATH_NAMES, "__file__": file}
        # Others contain large programs, such as Spark.
        near = tuple(os.path.join(os.path.dirname(one), "") for one in self.folders)
        # The statements of a module come before the parts of each.
        for node in ast.walk(tree):
            if isinstance(node, ast.Assign) and isinstance(node.targets[0], ast.Name):
                names[node.targets[0].id] = _path_of(node.value, names)
            elif isinstance(node, ast.Call) and _is_path_method(node.func) and node.args:
                *index, folder = [_path_of(one, names) for one in node.args]
                path = os.path.abspath(folder) if isinstance(folder, (str, os.PathLike)) else ""
                if (path + os.sep).startswith(near):
                    found = self._inserted if index == [0] else self._appended
                    found.insert(0, path)

    def _add_namespaces(self) -> None:
        """Adds the folders without an ``__init__.py`` that contain modules."""
        for name, (file, is_package, _) in list(self.found.items()):
            folder = os.path.dirname(os.path.dirname(file) if is_package else file)
            for parent in list(_with_parents(name))[-2::-1]:
                self.found.setdefault(parent, [folder, True, None])
                folder = os.path.dirname(folder)


def _installed(cwd: str) -> Tuple[str, ...]:
    """Returns the folders of installed packages, unless the user works in one of them."""
    folders = {os.path.realpath(path) + os.sep for path in sysconfig.get_paths().values()}
    return tuple(path for path in folders if not (cwd + os.sep).startswith(path))


def _standard_names(folders: Sequence[str]) -> List[str]:
    """Returns the names of local modules that hide one of the standard library."""
    names, found = _standard(), set()
    for folder in folders:
        for file in os.listdir(folder):
            name = file[: -len(".py")] if file.endswith(".py") else file
            if name in names and (
                name != file or os.path.isfile(folder + "/" + file + "/__init__.py")
            ):
                found.add(name)
    return sorted(found)


@functools.lru_cache(maxsize=None)
def _standard() -> Any:
    names = getattr(sys, "stdlib_module_names", None)
    if names is None:
        names = {name.partition(".")[0] for name in os.listdir(sysconfig.get_paths()["stdlib"])}
    return names


def _is_path_method(node: Any) -> bool:
    list_name = getattr(getattr(node, "value", None), "attr", "")
    return list_name == "path" and node.attr in ("append", "insert")


def _path_of(node: ast.expr, names: Dict[str, Any]) -> Any:
    """Returns the value of an expression that only computes a path, or None."""
    for part in ast.walk(node):
        if not isinstance(part, _PATH_NODES) or getattr(part, "attr", "join") not in _PATH_PARTS:
            return None
    try:
        return eval(compile(ast.Expression(node), "", "eval"), {"__builtins__": {}, **names})
    except Exception:
        return None


def _root_of(file: str, name: str) -> Optional[str]:
    """Returns the folder in which a module has a name, if the path of its file ends in the name."""
    path = file[: -len("/__init__.py" if file.endswith("/__init__.py") else ".py")]
    end = "/" + name.replace(".", "/")
    return path[: -len(end)] if name and path.endswith(end) else None


def _name_of(file: str, cwd: str, tree: ast.Module) -> Tuple[str, str]:
    """Returns the dotted name of a module, and the folder in which the name is looked up."""
    folder, base = os.path.split(file[: -len(".py")])
    parts = [] if base == "__init__" else [base]
    while not parts or os.path.isfile(folder + "/__init__.py"):
        folder, name = os.path.split(folder)
        parts.insert(0, name)
    if parts == [base] and folder.startswith(cwd + os.sep) and _has_relative_import(tree):
        # The folders below the working directory are packages without an __init__.py.
        return ".".join(os.path.relpath(folder, cwd).split(os.sep) + parts), cwd
    return ".".join(parts), folder


def _has_relative_import(tree: ast.Module) -> bool:
    return any(isinstance(node, ast.ImportFrom) and node.level > 0 for node in ast.walk(tree))


def _text_of(file: str) -> str:
    with open(file, "rb") as opened:
        data = opened.read()
    if b"\0" in data:
        # A text in UTF-16, or a file that a crash of the machine has damaged.
        raise SyntaxError("it has a NUL character; save it as UTF-8", (file, None, 0, ""))
    reason = ""
    try:
        encoding, _ = tokenize.detect_encoding(io.BytesIO(data).readline)
        reason = "it is not %s text" % encoding
        return io.StringIO(data.decode(encoding), newline=None).read()
    except (SyntaxError, UnicodeDecodeError) as error:
        text = (reason or str(error)) + _ENCODING_ADVICE
        raise SyntaxError(text, (file, 1, 0, "")) from error


def _imports(tree: ast.Module, name: str, is_package: bool) -> Iterator[str]:
    """Yields the names of the modules that a module may import."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            for alias in node.names:
                yield from _with_parents(alias.name)
        elif isinstance(node, ast.ImportFrom):
            base = _base_of(node, name, is_package)
            if base is not None:
                yield from _with_parents(base)
                # A name in a package may be a module.
                for alias in node.names:
                    yield base + "." + alias.name
        elif isinstance(node, ast.Call):
            yield from _called(node)


def _base_of(node: ast.ImportFrom, name: str, is_package: bool) -> Optional[str]:
    if node.level == 0:
        return node.module
    parts = name.split(".")
    kept = len(parts) - node.level + (1 if is_package else 0)
    return ".".join(parts[:kept] + [node.module or ""]).rstrip(".") if kept > 0 else None


def _called(node: ast.Call) -> Iterator[str]:
    """Yields the name in ``import_module("name")`` or ``__import__("name")``."""
    called = getattr(node.func, "attr", getattr(node.func, "id", ""))
    if called in ("import_module", "__import__") and node.args:
        name = getattr(node.args[0], "value", None)
        if isinstance(name, str) and all(part.isidentifier() for part in name.split(".")):
            yield from _with_parents(name)


def _with_parents(name: str) -> Iterator[str]:
    parts = name.split(".")
    for length in range(1, len(parts) + 1):
        yield ".".join(parts[:length])


def _may_define(tree: ast.Module, method: str) -> bool:
    """Returns True when a module may define a name, in any of the many ways."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Name) and (node.id == method or node.id in _DYNAMIC):
            return True
        if getattr(node, "name", None) in (method, "__getattr__"):
            return True
        if isinstance(node, (ast.Import, ast.ImportFrom)):
            names = [alias.asname or alias.name.split(".")[0] for alias in node.names]
            if method in names or "*" in names:
                return True
    return False


def _functions(tree: ast.Module) -> List[str]:
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    return [node.name for node in tree.body if isinstance(node, kinds)]


def _required(tree: ast.Module, method: str) -> Optional[List[str]]:
    """Returns the positional parameters that a call must fill, if no decorator can fill them."""
    kinds = (ast.FunctionDef, ast.AsyncFunctionDef)
    found = [one for one in tree.body if isinstance(one, kinds) and one.name == method]
    if len(found) != 1 or found[0].decorator_list or _is_set_again(tree, method):
        return None
    given = found[0].args
    names = [one.arg for one in [*getattr(given, "posonlyargs", []), *given.args]]
    return names[: len(names) - len(given.defaults)]


def _is_set_again(tree: ast.Module, method: str) -> bool:
    """Returns True when an assignment such as ``mean = expand_args(mean)`` replaces a function."""
    stored = (node for node in ast.walk(tree) if isinstance(node, ast.Name))
    return any(node.id == method and isinstance(node.ctx, ast.Store) for node in stored)


def _syntax_text(error: SyntaxError) -> str:
    place = "%s:%s" % (error.filename, error.lineno) if error.lineno else error.filename
    line = (error.text or "").strip()
    if line:
        # Another version of Python may be able to read the line.
        return "%s: %s (Python %s)\n    %s" % (place, error.msg, _VERSION, line)
    return "%s: %s" % (place, error.msg)


def _main() -> None:
    found = scan(**json.loads(sys.argv[1]))
    print(json.dumps({**found, "version": _VERSION}))


if __name__ == "__main__":
    _main()

"""Unpacks and checks a bundle: build.py FOLDER DENO VERSION skip|fail

Prints the build log and exits with 1 when the bundle cannot run.
"""

import ast
import os
import re
import sys
import zipfile

NAME = r"[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?"
SPECIFIER = r"(?:===|==|~=|!=|<=|>=|<|>)\s*[A-Za-z0-9._*+!-]+"
REQUIREMENT = re.compile(
    rf"^({NAME})\s*(\[\s*{NAME}(?:\s*,\s*{NAME})*\s*\])?\s*"
    rf"(\(?{SPECIFIER}(?:\s*,\s*{SPECIFIER})*\)?|@\s*\S+)?\s*(;.*)?$"
)
# Comments, options and addresses, which pip accepts as well.
PASSED = re.compile(r"#|-|https://|(git|hg|svn|bzr)\+[a-z]+://")


class BuildError(Exception):
    pass


def main(folder, deno, version, others):
    root = os.path.join(folder, "bundle")
    unpack(os.path.join(folder, "bundle.zip"), root)
    check_entrypoint(os.path.join(root, "__dlentrypoint__.py"))
    for requirement in read_requirements(os.path.join(root, "requirements.txt")):
        install(requirement, os.path.join(folder, "site"), deno, version, others)
    print("Build complete")


def unpack(path, root):
    try:
        archive = zipfile.ZipFile(path)
    except zipfile.BadZipFile as error:
        raise BuildError(f"The bundle is not a zip file: {error}")
    with archive:
        broken = archive.testzip()
        if broken:
            raise BuildError(f"{broken}: the bundle is damaged")
        seen = set()
        for member in archive.infolist():
            check_member(member, seen)
        archive.extractall(root)
    print(f"Unpacked {len(seen)} files")


def check_member(member, seen):
    name = member.filename
    if name.startswith("/") or "\\" in name or ".." in name.split("/"):
        raise BuildError(f"{name}: leaves the root of the bundle")
    if name == "__main__.py":
        raise BuildError(f"{name}: this name is taken")
    if name in seen:
        raise BuildError(f"{name}: stands twice in the bundle")
    seen.add(name)


def check_entrypoint(path):
    if not os.path.exists(path):
        raise BuildError("__dlentrypoint__.py: not at the root of the bundle")
    with open(path, "rb") as file:
        source = file.read()
    try:
        tree = ast.parse(source, "__dlentrypoint__.py")
    except (SyntaxError, ValueError) as error:
        raise BuildError(f"{type(error).__name__}: {error}")
    last = tree.body[-1] if tree.body else None
    targets = last.targets if isinstance(last, ast.Assign) else []
    if [getattr(target, "id", None) for target in targets] != ["main"]:
        raise BuildError("__dlentrypoint__.py: does not end with an assignment to main")


def read_requirements(path):
    if not os.path.exists(path):
        return []
    with open(path, encoding="utf-8") as file:
        lines = [line.strip() for line in file]
    names = [line for line in lines if line and not PASSED.match(line)]
    for line in names:
        if not REQUIREMENT.match(line):
            raise BuildError(f"requirements.txt: invalid requirement {line!r}")
    return names


def install(requirement, site, deno, version, others):
    name = REQUIREMENT.match(requirement).group(1)
    if name.lower() == "deno":
        provide_deno(site, deno)
        print(f"{requirement}: the deno that is here is {version}")
    elif others == "fail":
        raise BuildError(f"No matching distribution found for {requirement}")
    else:
        print(f"{requirement}: not installed")


def provide_deno(site, deno):
    """Provides the Deno package: the program on PATH, and a module with the program's path."""
    os.makedirs(os.path.join(site, "bin"), exist_ok=True)
    os.makedirs(os.path.join(site, "deno"), exist_ok=True)
    os.symlink(deno, os.path.join(site, "bin", "deno"))
    with open(os.path.join(site, "deno", "__init__.py"), "w", encoding="utf-8") as file:
        file.write(f"def find_deno_bin():\n    return {deno!r}\n")


if __name__ == "__main__":
    try:
        main(*sys.argv[1:])
    except BuildError as error:
        print(f"Build failed: {error}")
        sys.exit(1)

# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Reads every #include in cpp/ and fails on one that the layers in docs/architecture.md do not allow.

The layers of Python are import-linter's (pyproject.toml), except that it cannot tell `from banzhaf import _core` from
an import of public names from banzhaf itself, which would run in a circle.
"""

import ast
import re
import sys
from pathlib import Path

# A room may include its own headers and those of the floors before its own. Rooms of one floor do not know each other.
FLOORS = [["kernels"], ["support"], ["designs"], ["regression"], ["interactions"], ["estimate", "trees"], ["explain"]]
BESIDE = {"formats": {"support"}}  # on no floor: what such a room may include
FURTHER = {"trees": {"formats"}}  # what a room on a floor may include besides
# A public header is of its source's room; these have no source.
HEADER_ONLY = {
    "adjustment": "estimate",
    "kept_rows": "explain",
    "native": "support",
    "stopping": "estimate",
    "worths": "support",
}
EVERYTHING = "banzhaf"  # banzhaf/banzhaf.hpp, which includes the others

INCLUDE = re.compile(r'^\s*#\s*include\s+([<"])([^">]+)[">]', re.MULTILINE)


def allowed_rooms():
    """Give the rooms that each room may include."""
    allowed, below = {}, set()
    for floor in FLOORS:
        for room in floor:
            allowed[room] = below | {room} | FURTHER.get(room, set())
        below = below | set(floor)
    return {**allowed, **{room: {room, *others} for room, others in BESIDE.items()}}


class Tree:
    """The folder cpp, and which room each of its files is in."""

    def __init__(self, root):
        self.root, self.allowed = root, allowed_rooms()
        self.faults = []

    def room_of_header(self, path):
        """Give the room of a header or source, None if there is none."""
        parts = path.relative_to(self.root).parts
        if parts[0] == "src":
            return parts[1]
        stem = path.stem
        rooms = {source.parent.name for source in self.root.glob(f"src/*/{stem}.cpp")}
        rooms |= {HEADER_ONLY[stem]} if stem in HEADER_ONLY else set()
        return rooms.pop() if len(rooms) == 1 else None

    def resolve(self, path, name):
        """Give the file that path includes as name, None if it is not of this tree."""
        for folder in (self.root / "include", self.root / "src", self.root / "capi", self.root / "tests", path.parent):
            if (folder / name).is_file():
                return folder / name
        return None

    def check(self, path):
        """Collect the faults of one file."""
        kind, *inner = path.relative_to(self.root).parts
        for quote, name in INCLUDE.findall(path.read_text(encoding="utf-8")):
            fault = self.fault_of(path, kind, inner, quote, name)
            if fault:
                self.faults.append(f"cpp/{path.relative_to(self.root)}: includes {name}: {fault}")

    def fault_of(self, path, kind, inner, quote, name):
        """Say what is wrong with one include, None if nothing is."""
        if name in ("omp.h", "pthread.h") and kind == "src" and path != self.root / "src/support/parallel.cpp":
            return "only support/parallel.cpp starts threads"
        if (name == "Python.h" or name.startswith(("pybind11/", "numpy/"))) and kind != "bindings":
            return "only the bindings know Python"
        if kind == "include" and name.startswith(("Eigen/", "pthread")):
            return "a public header shows only the standard library"
        if quote == "<":
            return "the project's own headers are included in quotes" if name.startswith("banzhaf/") else None
        target = self.resolve(path, name)
        if target is None:
            return "there is no such file in cpp/"
        target_kind = target.relative_to(self.root).parts[0]
        if target_kind == "include" and target.stem == EVERYTHING:
            return None if kind in ("bindings", "tests") else "only programs outside include everything"
        if kind == "bindings":
            return None
        if kind == "capi":
            return None if target_kind in ("include", "capi") else "the C interface uses only public headers"
        if target_kind == "capi" and (kind == "fuzz" or (kind == "tests" and inner[0] == "capi")):
            return None
        if target_kind == kind and kind in ("tests", "fuzz"):
            return None
        if target_kind not in ("include", "src"):
            return f"cpp/{target_kind} is for nobody outside"
        if kind == "include" and target_kind == "src":
            return "a public header may not show an internal one"
        room, other = self.room_of(path, kind, inner), self.room_of_header(target)
        if other is None:
            return f"cpp/include/banzhaf/{target.name} has no room: give it a source, or add it to HEADER_ONLY"
        if room == EVERYTHING:
            return None
        if room not in self.allowed:
            return f"{room} is no room that .ci/check_layers.py knows"
        return None if other in self.allowed[room] else f"{room} may not know {other}"

    def room_of(self, path, kind, inner):
        """Give the room whose rules hold for a file."""
        if kind == "fuzz":
            return EVERYTHING  # parsers, and what takes sizes, in every room
        if kind == "tests":
            return inner[0]
        if kind == "include" and path.stem == EVERYTHING:
            return EVERYTHING
        return self.room_of_header(path) or path.stem


def is_part(root, name):
    """Say whether a dotted name below banzhaf is a package or a module, or in one."""
    path = root.joinpath(*name.split("."))
    return path.is_dir() or path.with_suffix(".py").is_file() or "." in name


def python_faults(root):
    """Say where the package imports from banzhaf itself what is not the core."""
    faults = []
    for path in sorted(root.rglob("*.py")):
        if path == root / "__init__.py":
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            names = {alias.name for alias in getattr(node, "names", ())} if isinstance(node, ast.Import) else set()
            if isinstance(node, ast.ImportFrom) and node.module == "banzhaf":
                names = {f"banzhaf.{alias.name}" for alias in node.names} - {"banzhaf._core"}
            wrong = sorted(name for name in names if name == "banzhaf" or name.startswith("banzhaf."))
            wrong = [name for name in wrong if name == "banzhaf" or not is_part(root, name.partition(".")[2])]
            where = f"python/banzhaf/{path.relative_to(root)}:{getattr(node, 'lineno', 0)}"
            faults += [f"{where}: imports {name}: only users take names from banzhaf itself" for name in wrong]
    return faults


def main():
    """Check all; the exit status tells."""
    tree = Tree(Path(__file__).resolve().parent.parent / "cpp")
    kinds = (".c", ".h", ".cpp", ".hpp", ".inl")
    paths = sorted(p for p in tree.root.rglob("*") if p.suffix in kinds and "third_party" not in p.parts)
    for path in paths:
        tree.check(path)
    faults = tree.faults + python_faults(tree.root.parent / "python" / "banzhaf")
    print("\n".join(faults) or f"the includes of {len(paths)} files run along the layers")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main())

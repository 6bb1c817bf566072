# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Writes a test of the examples in the heads of public headers.

Its arguments are the folder of headers and the source to write. An example is the lines `//   ...` in the head.
Of a line `expression;    // number` the number is checked. An example "as in banzhaf/<name>.hpp" goes on from that one.
"""

import re
import sys
from pathlib import Path

CHECKED = re.compile(r"^(?P<expression>[^=]+);\s+// (?P<number>-?[0-9][0-9.e-]*)$")
START = """#include <algorithm>
#include <cstdio>
#include <numeric>

#include "banzhaf/banzhaf.hpp"
#include "check.hpp"
"""


def example(path):
    """Give the lines of a header's example, those that it goes on from first."""
    head = path.read_text(encoding="utf-8").partition("#pragma once")[0].splitlines()
    before = [
        line
        for name in re.findall(r"as in banzhaf/(\w+)\.hpp", "\n".join(head))
        for line in example(path.with_name(f"{name}.hpp"))
    ]
    return before + [line[5:] for line in head if line.startswith("//   ")]


def main():
    """Write the source."""
    folder, out = map(Path, sys.argv[1:])
    parts, calls = [START], []
    for path in sorted(folder.glob("*.hpp")):
        lines = example(path)
        if not lines:
            sys.exit(f"{path}: its head has no example")
        parts.append(f"static void example_of_{path.stem}() {{")
        for line in lines:
            found = CHECKED.match(line)
            check = "CHECK(banzhaf::testing::close(static_cast<double>({expression}), {number}, 1e-9));"
            parts.append(check.format(**found.groupdict()) if found else line)
        parts.append("}\n")
        calls.append(f"  example_of_{path.stem}();")
    parts += [
        "int main() {",
        "  CHECK(banzhaf::version() != nullptr);",
        *calls,
        "  return banzhaf::testing::finish();",
        "}",
    ]
    out.write_text("\n".join(parts) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()

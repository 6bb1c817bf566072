# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Writes a test from the examples at the top of the public headers.

The arguments are the folder of the headers and the source file to write. An example is the code between
`/// @code{.cpp}` and `/// @endcode` above `#pragma once`. A line `expression;    // number` becomes a check of the
number. If the text above an example says "as in banzhaf/<name>.hpp", the example of that header comes first.
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
    """Return the lines of a header's example, after those of the header that it refers to."""
    head = path.read_text(encoding="utf-8").partition("#pragma once")[0]
    text = " ".join(line.removeprefix("///").strip() for line in head.splitlines())
    before = [
        line
        for name in re.findall(r"as in banzhaf/(\w+)\.hpp", text)
        for line in example(path.with_name(f"{name}.hpp"))
    ]
    code = re.search(r"^/// @code\{\.cpp\}\n(.*?)^/// @endcode$", head, flags=re.DOTALL | re.MULTILINE)
    return before + [line.removeprefix("/// ") for line in code[1].splitlines()] if code else before


def main():
    """Write the source file."""
    folder, out = map(Path, sys.argv[1:])
    parts, calls = [START], []
    for path in sorted(folder.glob("*.hpp")):
        lines = example(path)
        if not lines:
            sys.exit(f"{path}: there is no example above #pragma once")
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

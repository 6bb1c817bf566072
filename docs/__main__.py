# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Build the documentation site: `python -m docs`, or `python -m docs --quick models.md` while writing a page."""

from __future__ import annotations

import argparse
import importlib.util
import os
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

from docs.checks import check, trim

ROOT = Path(__file__).parents[1]
DOCS = ROOT / "docs"
BUILD = DOCS / "_build"
MODULES = [
    "banzhaf",
    "breathe",
    "matplotlib",
    "myst_nb",
    "numpydoc",
    "pandas",
    "polars",
    "pydata_sphinx_theme",
    "shap",
    "sklearn",
    "sphinx",
    "sphinx_copybutton",
    "sphinx_design",
    "sphinx_gallery",
    "sphinxcontrib.bibtex",
    "xgboost",
]
PROGRAMS = {"doxygen": "doxygen", "dot": "graphviz"}  # and Debian's packages of them
# Pictures are sharp on every screen. What a kernel reports about its connection and about missing widgets
# is no part of a page, nor is what an Explainer reports about the speed of this machine.
KERNEL = """
c.Application.log_level = "ERROR"
c.InteractiveShellApp.exec_lines = [
    "import warnings",
    "warnings.filterwarnings('ignore', 'IProgress not found')",
    "warnings.filterwarnings('ignore', '.* at the speed of the first ones this call takes')",
]
c.InlineBackend.figure_formats = {"retina"}
"""


def lacking(name):
    """Whether a module cannot be found."""
    try:
        return importlib.util.find_spec(name) is None
    except ModuleNotFoundError:  # its parent
        return True


def check_tools():
    """Say what must be installed first, and how."""
    modules = [name for name in MODULES if lacking(name)]
    programs = [name for name in PROGRAMS if shutil.which(name) is None]
    if modules:
        print(f"missing Python modules: {', '.join(modules)}. Install them: pip install '.[docs]'", file=sys.stderr)
    if programs:
        packages = " ".join(PROGRAMS[name] for name in programs)
        print(f"missing programs: {', '.join(programs)}. Install them: apt-get install {packages}", file=sys.stderr)
    if modules or programs:
        sys.exit(2)


def run(command, environment):
    """Run a command from the root; stop if it fails."""
    print("$", " ".join(map(str, command)), flush=True)
    code = subprocess.run(command, cwd=ROOT, env=environment, check=False).returncode
    if code:
        sys.exit(code)


def keep_indentation(folder):
    """Give each space that begins a line of an example an element of its own: breathe drops longer runs of them."""
    space = '<highlight class="normal"><sp/></highlight>'
    for path in folder.glob("*.xml"):
        text = path.read_text(encoding="utf-8")
        path.write_text(
            re.sub(
                r'(?<=<codeline>)<highlight class="normal">((?:<sp/>)+)',
                lambda found: space * (len(found[1]) // len("<sp/>")) + '<highlight class="normal">',
                text,
            ),
            encoding="utf-8",
        )


def page_names(pages):
    """Paths of pages relative to docs/, however they were given."""
    for page in pages:
        path = next((p for p in (Path(page), DOCS / page, DOCS / f"{page}.md") if p.exists()), None)
        if page == "gallery":
            yield page
        elif path is None or not path.resolve().is_relative_to(DOCS):
            sys.exit(f"there is no page {page} in docs/")
        else:
            yield path.resolve().relative_to(DOCS).as_posix()


def main():
    """Build, then check what was built."""
    parser = argparse.ArgumentParser(prog="python -m docs", description=__doc__)
    parser.add_argument(
        "pages",
        nargs="*",
        help="run only the code of these pages (models.md), or 'gallery'; reuse what is built, check nothing",
    )
    parser.add_argument("--quick", action="store_true", help="reuse what is built; without pages, run no code")
    parser.add_argument("--linkcheck", action="store_true", help="follow the links to other sites; builds no pages")
    parser.add_argument("-j", "--jobs", default="auto", help="pages read at the same time")
    arguments = parser.parse_args()
    quick = arguments.quick or arguments.linkcheck or bool(arguments.pages)

    check_tools()
    started = time.monotonic()
    environment = dict(os.environ)
    if "PYTHONPATH" in environment:  # kernels run elsewhere
        places = environment["PYTHONPATH"].split(os.pathsep)
        environment["PYTHONPATH"] = os.pathsep.join(str(ROOT / place) for place in places if place)
    environment["IPYTHONDIR"] = str(BUILD / "ipython")  # not the reader's own settings
    environment["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"
    builder = "linkcheck" if arguments.linkcheck else "html"
    sphinx = [sys.executable, "-m", "sphinx", "-b", builder, "-n", "-W", "--keep-going", "-q", "-j", arguments.jobs]
    if quick:
        out = BUILD / ("linkcheck" if arguments.linkcheck else "quick")
        environment["BANZHAF_DOCS_QUICK"] = ",".join(page_names(arguments.pages))
        sphinx += ["-d", BUILD / "quick-doctrees"]
    else:
        out = BUILD / "html"
        for folder in (BUILD, DOCS / "api" / "generated", DOCS / "gallery"):
            shutil.rmtree(folder, ignore_errors=True)
        sphinx += ["-d", BUILD / "doctrees"]
    profile = BUILD / "ipython" / "profile_default"
    profile.mkdir(parents=True, exist_ok=True)
    (profile / "ipython_kernel_config.py").write_text(KERNEL)

    run(["doxygen", "docs/Doxyfile"], environment)
    keep_indentation(BUILD / "doxygen" / "xml")
    run([*sphinx, DOCS, out], environment)
    if arguments.linkcheck:
        return
    trim(out)
    if not quick and not check(out):
        sys.exit(1)
    print(f"built {out / 'index.html'} in {time.monotonic() - started:.0f} s")


if __name__ == "__main__":
    main()

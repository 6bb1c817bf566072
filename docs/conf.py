# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Settings of the documentation site for Sphinx; `python -m docs` runs it."""

from __future__ import annotations

import os
import sys
from pathlib import Path

from numpydoc.xref import DEFAULT_LINKS

import banzhaf

DOCS = Path(__file__).parent
sys.path.insert(0, str(DOCS / "_ext"))
# Set by `python -m docs --quick`: the pages whose code runs, separated by commas.
QUICK = os.environ.get("BANZHAF_DOCS_QUICK")

project = "banzhaf"
author = "The banzhaf developers"
project_copyright = "2026 The banzhaf developers"
version = release = banzhaf.__version__
language = "en_GB"

extensions = [
    "myst_nb",
    "numpydoc",
    "sphinx.ext.autodoc",
    "sphinx.ext.autosummary",
    "sphinx.ext.graphviz",
    "sphinx_copybutton",
    "sphinx_design",
    "sphinx_gallery.gen_gallery",
    "sphinxcontrib.bibtex",
    "breathe",
    "mathml",
    "headers",
    "outside",
    "reference",
]
exclude_patterns = [
    "_build",
    "gallery/*.ipynb",
    "gallery/*.py",
    "gallery/*.json",
    "gallery/*.md5",
    "gallery/*.zip",
]
templates_path = ["_templates"]
nitpicky = True
nitpick_ignore_regex = [
    (r"cpp:identifier", r"banzhaf|std(::.*)?"),  # namespaces have no page
    (r"cpp:identifier", r"u?int\d+_t|size_t"),  # numbers of C
    (
        r"cpp:identifier",  # declared, and defined in the sources
        r"(Deadline|HadamardPairs|Implementation|State|WeightedCoalitions)",
    ),
]
default_role = "name"  # of _ext/reference.py
html_math_renderer = "mathml"
graphviz_output_format = "svg"

# Pages
myst_enable_extensions = ["amsmath", "attrs_block", "attrs_inline", "colon_fence", "deflist", "dollarmath", "fieldlist"]
myst_heading_anchors = 4
myst_dmath_double_inline = True

# Code cells
nb_execution_mode = "force"
nb_execution_in_temp = True
nb_execution_raise_on_error = True
nb_execution_show_tb = True
nb_execution_timeout = 300
nb_output_stderr = "warn"  # a warning that the page does not announce fails the build
nb_merge_streams = True
if QUICK is not None:
    suppress_warnings = ["myst-nb.lexer"]  # of pages whose code does not run
    nb_execution_excludepatterns = sorted(
        str(page.relative_to(DOCS))
        for page in DOCS.glob("**/*.md")
        if str(page.relative_to(DOCS)) not in QUICK.split(",")
    )

# Gallery

sphinx_gallery_conf = {
    "examples_dirs": "../examples/gallery",
    "gallery_dirs": "gallery",
    "filename_pattern": r"/plot_",
    "plot_gallery": QUICK is None or "gallery" in QUICK.split(","),
    "abort_on_example_error": True,
    "capture_repr": ("_repr_html_", "__repr__"),
    "image_srcset": ["2x"],
    "thumbnail_size": (400, 280),
    "remove_config_comments": True,
    "show_memory": False,
    "show_signature": False,
    "min_reported_time": 10**6,
    "write_computation_times": False,
    "download_all_examples": False,
    "reset_modules": ("matplotlib", "gallery.strict"),
    "reset_modules_order": "both",
    "within_subsection_order": "FileNameSortKey",
}

# API
autosummary_generate = True
autodoc_typehints = "none"  # numpydoc's sections say the types
autodoc_member_order = "bysource"
numpydoc_show_class_members = False
numpydoc_xref_param_type = True
numpydoc_xref_ignore = "all"  # but for these
DEFAULT_LINKS.clear()  # those lead to other projects, whose inventories need a network
numpydoc_xref_aliases = {name: f"banzhaf.{name}" for name in banzhaf.__all__ if name[0].isupper()}

# C++
breathe_projects = {"banzhaf": str(DOCS / "_build" / "doxygen" / "xml")}
breathe_default_project = "banzhaf"
breathe_default_members = ("members",)
breathe_show_include = False
cpp_maximum_signature_line_length = 90

bibtex_bibfiles = ["references.bib"]
bibtex_default_style = "plain"
bibtex_reference_style = "author_year"

# HTML
html_theme = "pydata_sphinx_theme"
html_title = "banzhaf"
html_static_path = ["_static"]
html_css_files = ["custom.css"]
html_logo = "_static/logo.svg"
html_favicon = "_static/logo.svg"
html_copy_source = False
toc_object_entries_show_parents = "hide"
html_show_sourcelink = False
html_sidebars = {"index": [], "start": []}  # pages without others beside them
html_theme_options = {
    "logo": {"text": "banzhaf", "alt_text": "banzhaf"},
    "navigation_with_keys": False,
    "show_toc_level": 2,
    "header_links_before_dropdown": 8,
    "navbar_persistent": ["search-button"],
    "navbar_align": "left",
    "footer_start": ["copyright"],
    "footer_end": [],
    "pygments_light_style": "a11y-high-contrast-light",
    "pygments_dark_style": "a11y-high-contrast-dark",
}
copybutton_prompt_text = r">>> |\.\.\. |\$ |In \[\d*\]: | {2,5}\.\.\.: "
copybutton_prompt_is_regexp = True

# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""The API reference: attributes that can be linked to, results without a constructor, and the page of plots."""

from __future__ import annotations

import dataclasses
import inspect
import textwrap
from pathlib import Path

from docutils import nodes
from numpydoc.docscrape_sphinx import get_doc_object
from sphinx import addnodes
from sphinx.util.docutils import SphinxRole

import banzhaf
import banzhaf.games
from banzhaf._plots.explanation_plots import ExplanationPlots
from banzhaf._plots.interaction_plots import InteractionPlots
from banzhaf._plots.values_plots import SummaryPlots, ValuesPlots

# Public classes that stand behind an attribute of another and have no public name of their own.
ACCESSORS = {
    "plots": ("Explanation.plot", "Plots of an explanation", ExplanationPlots),
    "values-plots": ("BanzhafValues.plot", "Plots of a game's values", ValuesPlots),
    "interaction-plots": ("Interactions.plot", "Plots of interactions", InteractionPlots),
    "summary-plots": ("Summary.plot", "Plots of a summary", SummaryPlots),
}


def plain_signature(function):
    """Return a signature as text, without self and types."""
    signature = inspect.signature(function)
    parameters = [p.replace(annotation=p.empty) for p in signature.parameters.values() if p.name != "self"]
    return str(signature.replace(parameters=parameters, return_annotation=signature.empty))


def write_accessors(app):
    """Write a page of methods for each attribute that offers some."""
    config = {
        "xref_param_type": True,
        "xref_aliases": app.config.numpydoc_xref_aliases,
        "xref_ignore": app.config.numpydoc_xref_ignore,
    }
    folder = Path(app.srcdir, "api", "generated")
    folder.mkdir(parents=True, exist_ok=True)
    for page, (prefix, title, thing) in ACCESSORS.items():
        lines = [title, "=" * len(title), "", ".. currentmodule:: banzhaf", ""]
        lines += [line.strip() for line in inspect.getdoc(thing).splitlines()[:1]] + [""]
        for name, member in vars(thing).items():
            if name.startswith("_") or not inspect.isfunction(member):
                continue
            lines += [f".. py:method:: {prefix}.{name}{plain_signature(member)}", "   :module: banzhaf", ""]
            lines += [*textwrap.indent(str(get_doc_object(member, "function", config=config)), "   ").splitlines(), ""]
        text = "\n".join(lines) + "\n"
        path = folder / f"{page}.rst"
        if not path.exists() or path.read_text(encoding="utf-8") != text:
            path.write_text(text, encoding="utf-8")


def hide_constructors(app, what, name, thing, options, signature, returned):
    """Leave out the signatures of classes that users receive and do not make."""
    return ("", None) if what == "class" and received(thing) else None


def received(thing):
    """Whether users get objects of this class from functions."""
    return dataclasses.is_dataclass(thing) or issubclass(thing, Exception) or thing is banzhaf.Evaluations


def link_attributes(app, doctree):
    """Give each attribute that a class's docstring lists an anchor, an entry in the index and a name for links."""
    domain = app.env.get_domain("py")
    for description in doctree.findall(addnodes.desc):
        if description.get("objtype") != "class":
            continue
        owner = description[0].get("fullname")
        module = description[0].get("module")
        thing = getattr(banzhaf, owner) if module == "banzhaf" else None
        for field in (f for part in description[-1] if isinstance(part, nodes.field_list) for f in part):
            if field[0].astext() == "Parameters" and thing is not None and received(thing):
                field[0].children = [nodes.Text("Attributes")]  # that is what the fields of a result are to readers
            if field[0].astext() != "Attributes":
                continue
            for term in field.findall(nodes.term):
                strong = next(iter(term.findall(nodes.strong)), None)
                for name in (strong.astext() if strong else "").split(", "):
                    full = f"{module}.{owner}.{name}"
                    if not name.isidentifier() or full in domain.objects:
                        continue
                    term["ids"].append(full)
                    domain.note_object(full, "attribute", full, location=term)


class NameRole(SphinxRole):
    """A name in single backticks: a link if it is public, else code."""

    def run(self):
        """Look the name up, as a member of the class being described first."""
        name = self.text.removesuffix("()")
        owner = self.env.ref_context.get("py:class")
        for full in (f"{owner}.{name}", name):
            package = package_of(full)
            if package:
                reference = addnodes.pending_xref(
                    "",
                    nodes.literal(self.text, self.text),
                    refdomain="py",
                    reftype="obj",
                    reftarget=f"{package}.{full}",
                )
                reference["refdoc"] = self.env.docname
                reference["refwarn"] = True
                return [reference], []
        return [nodes.literal(self.text, self.text)], []


def package_of(name):
    """Return the package of a dotted name that is public, or None: a name of its own, or a member with a docstring."""
    first, _, rest = name.partition(".")
    packages = [package for package in (banzhaf, banzhaf.games) if first in package.__all__]
    if not packages or first.startswith("_"):
        return None
    thing = getattr(packages[0], first)
    if not rest:
        return packages[0].__name__
    if not inspect.isclass(thing) or "." in rest or rest.startswith("_"):
        return None
    return packages[0].__name__ if hasattr(thing, rest) and inspect.getdoc(getattr(thing, rest)) else None


def setup(app):
    """Register with Sphinx."""
    app.add_role("name", NameRole())
    app.connect("builder-inited", write_accessors)
    app.connect("autodoc-process-signature", hide_constructors)
    app.connect("doctree-read", link_attributes)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

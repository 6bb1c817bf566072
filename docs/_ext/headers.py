# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""The directive `{header} game.hpp`: all that a public header declares, in its order, as Doxygen read it."""

from __future__ import annotations

import xml.etree.ElementTree as ElementTree
from pathlib import Path

from sphinx.util.docutils import SphinxDirective

DIRECTIVES = {"enum": "doxygenenum", "typedef": "doxygentypedef", "variable": "doxygenvariable"}
KINDS = {"class": "doxygenclass", "struct": "doxygenstruct"}
IN_C = {**DIRECTIVES, "define": "doxygendefine", "function": "doxygenfunction"}


def line_in(element, header):
    """Return the line of a declaration in a header, or None if it stands elsewhere."""
    location = element.find("location")
    place = location.get("declfile", location.get("file"))
    return int(location.get("declline", location.get("line"))) if place == f"banzhaf/{header}" else None


def declarations(folder, header):
    """Yield the line and the breathe directive of each declaration in a header."""
    if header.endswith(".h"):
        yield from declarations_in_c(folder, header)
        return
    namespace = ElementTree.parse(folder / "namespacebanzhaf.xml").getroot()[0]
    for member in namespace.iter("memberdef"):
        line = line_in(member, header)
        name = f"banzhaf::{member.findtext('name')}"
        if line is None:
            continue
        if member.get("kind") == "function":
            types = ["".join(part.find("type").itertext()) for part in member.iter("param")]
            yield line, f"{{doxygenfunction}} {name}({', '.join(types)})"
        else:
            yield line, f"{{{DIRECTIVES[member.get('kind')]}}} {name}"
    for inner in namespace.iter("innerclass"):
        definition = ElementTree.parse(folder / f"{inner.get('refid')}.xml").getroot()[0]
        line = line_in(definition, header)
        if line is not None and inner.get("prot") == "public" and inner.text.count("::") == 1:
            yield line, f"{{{KINDS[definition.get('kind')]}}} {inner.text}\n:members:\n:undoc-members:"


def declarations_in_c(folder, header):
    """Yield the same for a header of C, whose names are in no namespace."""
    file = ElementTree.parse(folder / f"{header.replace('.', '_8')}.xml").getroot()[0]
    structures = {inner.text for inner in file.iter("innerclass")}  # each has a typedef of its own name
    for member in file.iter("memberdef"):
        name, kind = member.findtext("name"), member.get("kind")
        if kind == "typedef" and (name in structures or member.findtext("type").startswith("enum ")):
            continue
        if "".join(member.find("briefdescription").itertext()).strip():
            yield int(member.find("location").get("line")), f"{{{IN_C[kind]}}} {name}"
    for inner in file.iter("innerclass"):
        definition = ElementTree.parse(folder / f"{inner.get('refid')}.xml").getroot()[0]
        yield (
            int(definition.find("location").get("line")),
            f"{{doxygenstruct}} {inner.text}\n:members:\n:undoc-members:",
        )


class Header(SphinxDirective):
    """Lists a header's declarations."""

    required_arguments = 1

    def run(self):
        """Parse the breathe directives in place."""
        folder = Path(self.config.breathe_projects["banzhaf"])
        found = sorted(declarations(folder, self.arguments[0]))
        if not found:
            raise self.error(f"no public declaration in {self.arguments[0]}")
        texts = [f"{{doxygenfile}} {self.arguments[0]}\n:sections: briefdescription detaileddescription"]
        texts += [text for _, text in found]
        return self.parse_text_to_nodes("\n".join(f"```{text}\n```" for text in texts))


def setup(app):
    """Register with Sphinx."""
    app.add_directive("header", Header)
    return {"parallel_read_safe": True, "parallel_write_safe": True}

# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Formulas as MathML when the site is built: readers need neither scripts nor a network."""

from __future__ import annotations

import re

from docutils import nodes
from docutils.utils.math import MathError
from docutils.utils.math.latex2mathml import tex2mathml
from sphinx.util import logging

logger = logging.getLogger(__name__)

# docutils 0.22 puts the index of an accented letter, such as \hat x_i, below the letter.
INDEXED_ACCENT = re.compile(
    r"<munderover>\s*(<mi[^>]*>[^<]*</mi>)((?:(?!munderover).)*)(<mo stretchy=\"false\">[^<]*</mo>)\s*</munderover>",
    re.DOTALL,
)


def converted(node, as_block):
    """Return the formula as MathML, or warn where it stands."""
    try:
        formula = tex2mathml(node.astext(), as_block=as_block)
    except MathError as error:
        logger.warning("formula: %s", error, location=node)
        return f"<code>{nodes.unescape(node.astext())}</code>"
    return INDEXED_ACCENT.sub(r'<msub><mover accent="true">\1\3</mover>\2</msub>', formula)


def visit_inline(writer, node):
    """Write a formula within a sentence."""
    writer.body.append(converted(node, False))
    raise nodes.SkipNode


def visit_block(writer, node):
    """Write a formula on lines of its own, with its number if it has one."""
    writer.body.append(writer.starttag(node, "div", CLASS="math"))
    if node.get("number"):
        writer.body.append(f'<span class="eqno">({node["number"]})')
        writer.add_permalink_ref(node, "Link to this equation")
        writer.body.append("</span>")
    formula = converted(node, True)
    writer.body.append(formula + "</div>\n")
    raise nodes.SkipNode


def setup(app):
    """Offer the renderer to Sphinx."""
    app.add_html_math_renderer("mathml", (visit_inline, None), (visit_block, None))
    return {"parallel_read_safe": True, "parallel_write_safe": True}

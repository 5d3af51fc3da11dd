"""Contract models: words with `{{variables}}`, checked before they are kept, and filled in for somebody.

A model may name variables and nothing else: no condition, no loop, no filter, no attribute. So it
can neither run long nor reach anything, and every name in it is known before it meets a customer.
"""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Mapping
from functools import cache
from typing import Literal

from jinja2 import StrictUndefined, TemplateSyntaxError, nodes
from jinja2.sandbox import ImmutableSandboxedEnvironment

LONGEST = 100_000
"""Characters of a model: some forty pages."""
KNOWN: Mapping[str, str] = {
    "customer_name": "the customer's name",
    "customer_tax_id": "CPF or CNPJ, with its mask",
    "customer_address": "the postal address in one line",
    "customer_email": "the registered e-mail",
    "plan": "the plan",
    "due_day": "the day of the month on which invoices are due",
    "brand_name": "the name customers know the business by",
    "brand_legal_name": "its registered name",
    "brand_tax_id": "its CNPJ or CPF, with its mask",
    "brand_address": "its postal address in one line",
    "today": "the day of the offer, 20/11/2026",
}
"""Variables that are filled in from the record; any other is given with each offer."""

Kind = Literal["title", "heading", "paragraph"]

_ALLOWED = (nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name)
_NAME = re.compile(r"[a-z][a-z0-9_]{0,39}", re.A)
_MARKS = re.compile(r"(?:#{1,2}(?: |$))+")
_BREAK = re.compile(r"\n[ \t]*\n")


class BadModel(ValueError):
    """A contract model, or an offer of it, that cannot be used; the message says where and why."""


def variables(body: str) -> frozenset[str]:
    """The variables a model names. Raises BadModel for a model with anything else in its braces."""
    if not body.strip():
        raise BadModel("a contract needs words")
    if len(body) > LONGEST:
        raise BadModel(f"a contract has at most {LONGEST} characters, this one {len(body)}")
    try:
        tree = _sandbox().parse(body)
    except TemplateSyntaxError as error:
        raise BadModel(f"line {error.lineno}: {error.message}") from error
    names = set[str]()
    waiting: list[nodes.Node] = [tree]
    while waiting:
        node = waiting.pop()
        if not isinstance(node, _ALLOWED):
            raise BadModel(
                f"line {node.lineno}: only variables may stand in braces, as {{{{ plan }}}}"
            )
        if isinstance(node, nodes.Name):
            if not _NAME.fullmatch(node.name):
                raise BadModel(
                    f"line {node.lineno}: {node.name!r} is no name: small letters, digits, _"
                )
            names.add(node.name)
        waiting.extend(node.iter_child_nodes())
    return frozenset(names)


def fill(body: str, values: Mapping[str, str]) -> str:
    """The words of an offer. A value stands in one line, whatever it holds, and is never read as a model.

    Raises BadModel for a model that may not be, for a variable without a value or with an empty one,
    and for a value that no variable asks for: most likely a typo.
    """
    wanted = variables(body)
    lines = {name: _one_line(values.get(name, "")) for name in wanted}
    missing = sorted(name for name, line in lines.items() if not line)
    if missing:
        raise BadModel(f"no value for {', '.join(missing)}")
    unknown = sorted(values.keys() - wanted - KNOWN.keys())
    if unknown:
        raise BadModel(f"the contract has no variable {', '.join(unknown)}")
    return tidy(_sandbox().from_string(body).render(lines))


def tidy(text: str) -> str:
    """Words as they are kept and hashed: NFC, lines without their ends, no run of empty ones."""
    plain = unicodedata.normalize("NFC", text).replace("\r\n", "\n").replace("\r", "\n")
    lines = "\n".join(line.rstrip() for line in plain.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", lines).strip() + "\n"


def digest(text: str) -> str:
    """SHA-256 of the words of a contract, in hexadecimal digits."""
    return hashlib.sha256(text.encode()).hexdigest()


def blocks(text: str) -> list[tuple[Kind, str]]:
    """The parts of a contract: `# ` begins a title, `## ` a heading, an empty line parts paragraphs."""
    found: list[tuple[Kind, str]] = []
    for block in _BREAK.split(text.strip()):
        paragraph = list[str]()
        for line in block.split("\n"):
            mark, _space, rest = line.partition(" ")
            if mark in ("#", "##") and rest.strip():
                if paragraph:
                    found.append(("paragraph", " ".join(paragraph)))
                    paragraph = []
                found.append(("title" if mark == "#" else "heading", rest.strip()))
            elif line.strip():
                paragraph.append(line.strip())
        if paragraph:
            found.append(("paragraph", " ".join(paragraph)))
    return found


def _one_line(value: str) -> str:
    """A value that can begin neither a heading nor a paragraph of its own."""
    words = " ".join("".join(c if c.isprintable() else " " for c in value).split())
    mark = _MARKS.match(words)
    return words[mark.end() :] if mark else words


@cache
def _sandbox() -> ImmutableSandboxedEnvironment:
    sandbox = ImmutableSandboxedEnvironment(
        undefined=StrictUndefined, keep_trailing_newline=True, autoescape=False
    )
    sandbox.globals.clear()
    return sandbox

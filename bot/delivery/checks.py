"""What is wrong with an operator's templates, one line each: file, line, what is allowed."""

from __future__ import annotations

import traceback
from collections.abc import Iterator
from pathlib import Path

from jinja2 import TemplateSyntaxError, meta, nodes

from bot.core.brand import Brand
from bot.delivery.templates import PARTS, Templates, describe, given
from bot.delivery.variables import COMMON, NAMES, VARIABLES, Kind, samples

_KINDS: tuple[Kind, ...] = ("full", "sparse", "paid", "cancelled")
_SHARED = ("layout.html.j2", "pieces.html.j2")
"""Of ours; an operator may put his own in their place."""


def check(templates: Templates, brand: Brand) -> list[str]:
    """Every problem in the operator's folder; [] if there is none, or no folder."""
    folder = templates.folder
    if folder is None:
        return []
    if not folder.is_dir():
        return [f"{folder}: is no folder; templates_dir names one, or is left out"]
    problems: list[str] = []
    for file in sorted(folder.rglob("*")):
        if file.is_file() and not file.name.startswith("."):
            problems += _check_file(templates, folder, file, brand)
    return problems


def check_source(
    templates: Templates, name: str, part: str, locale: str, source: str, brand: Brand, file: str
) -> list[str]:
    """Every problem of one template's text, as an editor of templates asks before it saves.

    `name` is one of `NAMES`, `part` one of `PARTS`; `file` is only for the words.
    """
    environment = templates.environment
    try:
        tree = environment.parse(source)
        meta.find_undeclared_variables(tree)  # also finds filters there are none of
    except TemplateSyntaxError as error:
        return [f"{file}:{error.lineno}: {describe(error)}"]
    known = sorted(v.name for v in (*COMMON, *VARIABLES[name]))
    problems = [
        f"{file}:{line}: {unknown} is no variable here; there are {', '.join(known)}"
        for line, unknown in _unknown(tree, set(known))
    ]
    if part != "subject":
        used = {node.name for node in tree.find_all(nodes.Name)}
        problems += [
            f"{file}:1: {{{{ {v.name} }}}} is missing: {v.holds}"
            for v in VARIABLES[name]
            if v.wanted and v.name not in used
        ]
    return problems or list(_rendered(templates, name, part, locale, source, brand, file))


def _check_file(templates: Templates, folder: Path, file: Path, brand: Brand) -> list[str]:
    shown = str(file)
    where = file.relative_to(folder).parts
    if len(where) == 1 and file.name in _SHARED:
        return []  # looked at with every template that extends it
    locale = where[-2] if len(where) in (2, 3) else ""
    name, _dot, rest = file.name.partition(".")
    part = rest.removesuffix(".j2")
    if locale not in templates.locales:
        return [
            f"{shown}:1: lies in no language's folder; there are {', '.join(templates.locales)}"
        ]
    if name not in NAMES or part not in PARTS or not rest.endswith(".j2"):
        names = ", ".join(f"{each}.{{{'|'.join(PARTS)}}}.j2" for each in NAMES)
        return [f"{shown}:1: is no template; there are {names}"]
    if len(where) == 3 and where[0] != brand.id:
        return []  # another brand's: checked with it
    try:
        source = file.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        return [f"{shown}:1: is not UTF-8; save it as UTF-8"]
    return check_source(templates, name, part, locale, source, brand, shown)


def _unknown(tree: nodes.Template, known: set[str]) -> Iterator[tuple[int, str]]:
    """(line, name) of every variable nobody gives, once a line."""
    unknown = meta.find_undeclared_variables(tree) - known - _own(tree)
    seen = {
        (node.lineno, node.name)
        for node in tree.find_all(nodes.Name)
        if node.ctx == "load" and node.name in unknown
    }
    yield from sorted(seen)


def _own(tree: nodes.Template) -> set[str]:
    """Names a template gives itself; inside its blocks Jinja2 counts them as undeclared."""
    own = {node.name for node in tree.find_all(nodes.Name) if node.ctx == "store"}
    own |= {node.name for node in tree.find_all(nodes.Macro)}
    own |= {node.target for node in tree.find_all(nodes.Import)}
    for imported in tree.find_all(nodes.FromImport):
        own |= {name if isinstance(name, str) else name[1] for name in imported.names}
    return own


def _rendered(
    templates: Templates, name: str, part: str, locale: str, source: str, brand: Brand, file: str
) -> Iterator[str]:
    """What goes wrong when it is filled with sample values, with and without what may be empty."""
    for kind in _KINDS:
        values = given(name, locale, brand, samples(name, kind))
        try:
            templates.from_source(source, part).render(values)
        # A template runs the operator's expressions: it may raise whatever Python can raise.
        except Exception as error:  # noqa: BLE001
            frames = traceback.extract_tb(error.__traceback__)
            lines = [1, *(f.lineno or 1 for f in frames if f.filename == "<template>")]
            line = error.lineno if isinstance(error, TemplateSyntaxError) else lines[-1]
            with_what = {"full": "", "sparse": " where optional values are empty"}
            yield f"{file}:{line}: {describe(error)}" + with_what.get(
                kind, f" for an invoice that is {kind}"
            )
            return

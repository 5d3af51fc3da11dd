"""A column that holds one of many values, as one statement however many they are.

`in_` makes a statement for each number of values there is, and the driver keeps some hundreds of those, of
some hundred KiB each: an import's memory grew by them.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from typing import Any

from sqlalchemy import BigInteger, BindParameter, Boolean, ColumnElement, Dialect, Text, bindparam
from sqlalchemy.dialects.postgresql import ARRAY
from sqlalchemy.ext.compiler import compiles
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.functions import FunctionElement
from sqlalchemy.types import TypeDecorator, TypeEngine


def is_among(
    column: ColumnElement[Any], values: Sequence[str | int] | BindParameter[Any]
) -> ColumnElement[bool]:
    """Whether a column of text or of row ids holds one of these values, or of a parameter's."""
    kind = _Values(column.type)
    if isinstance(values, BindParameter):
        return _Among(column, bindparam(values.key, type_=kind))
    return _Among(column, bindparam(None, list(values), type_=kind))


class _Values(TypeDecorator[Sequence[Any]]):
    """Many values as one parameter: an array, on SQLite as JSON."""

    impl = Text
    cache_ok = True

    def __init__(self, of: TypeEngine[Any]) -> None:
        super().__init__()
        self.of = BigInteger if isinstance(of, BigInteger) else Text

    def load_dialect_impl(self, dialect: Dialect) -> TypeEngine[Any]:
        return dialect.type_descriptor(Text() if dialect.name == "sqlite" else ARRAY(self.of))

    def process_bind_param(self, value: Sequence[Any] | None, dialect: Dialect) -> Any:
        return json.dumps(value) if dialect.name == "sqlite" else value


class _Among(FunctionElement[bool]):
    name = "among"
    type = Boolean()
    inherit_cache = True

    def self_group(self, against: Any = None) -> Any:
        """As it is: SQLite needs no `= 1` behind a comparison."""
        return self


@compiles(_Among, "sqlite")
def _in_json(element: _Among, compiler: SQLCompiler, **how: Any) -> str:
    column, values = (compiler.process(each, **how) for each in element.clauses)
    return f"{column} IN (SELECT value FROM json_each({values}))"  # noqa: S608  of compiled parts


@compiles(_Among, "postgresql")
def _in_array(element: _Among, compiler: SQLCompiler, **how: Any) -> str:
    column, values = (compiler.process(each, **how) for each in element.clauses)
    return f"{column} = ANY ({values})"

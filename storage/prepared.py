"""Statements of the hot path: written in Core, compiled once, run on the driver itself.

`Connection.execute` costs 60 to 90 µs of CPU a statement where the driver needs 5 to 15; a turn has
five such statements of the machine's own. Everything else goes through SQLAlchemy as usual.
"""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Mapping, Sequence
from typing import Any, NamedTuple

from sqlalchemy import Dialect
from sqlalchemy.dialects import sqlite
from sqlalchemy.dialects.postgresql import psycopg
from sqlalchemy.sql.compiler import SQLCompiler
from sqlalchemy.sql.elements import BindParameter
from sqlalchemy.types import TypeEngine

from storage.types import Converted

Convert = Callable[[Any], Any]

_DIALECTS: Mapping[str, Callable[[], Dialect]] = {
    "sqlite": sqlite.dialect,
    "postgresql": psycopg.dialect,
}


class Prepared:
    """One statement of Core, ready for either driver.

    `make` gets the dialect's name ("sqlite", "postgresql") and returns a statement whose varying
    values are `bindparam("name")`; it must have no expanding parameters.
    """

    __slots__ = ("_make", "_ready")

    def __init__(self, make: Callable[[str], Any]) -> None:
        self._make = make
        self._ready: dict[str, _Ready] = {}

    def __call__(self, **values: Any) -> Bound:
        """This statement with its values, for `Read.all`, `one` and `scalar`; the rows have names."""
        return Bound(self, values)

    def named(self, driver: Any, dialect: str, values: Mapping[str, Any]) -> list[Any]:
        """Run it; the rows it returns as named tuples, which answer to `_mapping` as SQLAlchemy's do.

        Raises TypeError for a statement that would change something.
        """
        ready = self._ready.get(dialect) or self._compile(dialect)
        if ready.row is None:
            raise TypeError("a change needs Write.run, inside chat.do")
        return [ready.row._make(row) for row in self.rows(driver, dialect, values)]

    def rows(self, driver: Any, dialect: str, values: Mapping[str, Any]) -> list[tuple[Any, ...]]:
        """Run it; the rows it returns, converted by the types of their columns."""
        ready = self._ready.get(dialect) or self._compile(dialect)
        cursor = driver.execute(ready.sql, ready.parameters(values))
        if not ready.columns:
            return []
        rows: list[tuple[Any, ...]] = cursor.fetchall()
        converts = ready.converts
        if converts is None:
            converts = ready.learn(cursor.description)
        if not converts:
            return rows
        converted: list[tuple[Any, ...]] = []
        for row in rows:
            cells = list(row)
            for at, convert in converts:
                cell = cells[at]
                if cell is not None:
                    cells[at] = convert(cell)
            converted.append(tuple(cells))
        return converted

    def many(self, driver: Any, dialect: str, values: Sequence[Mapping[str, Any]]) -> None:
        """Run it once for each set of values; it returns nothing."""
        ready = self._ready.get(dialect) or self._compile(dialect)
        cursor = driver.cursor()
        cursor.executemany(ready.sql, [ready.parameters(each) for each in values])
        cursor.close()

    def _compile(self, dialect: str) -> _Ready:
        # Two threads may both compile it; they come to the same.
        ready = self._ready[dialect] = _Ready(self._make(dialect), _DIALECTS[dialect]())
        return ready


class Bound(NamedTuple):
    """A prepared statement and the values it is run with."""

    statement: Prepared
    values: Mapping[str, Any]


class _Ready:
    """A statement compiled for one driver."""

    __slots__ = (
        "_constants",
        "_dialect",
        "_names",
        "_varying",
        "columns",
        "converts",
        "row",
        "sql",
    )

    def __init__(self, statement: Any, dialect: Dialect) -> None:
        compiled: SQLCompiler = statement.compile(dialect=dialect)
        self.sql = str(compiled)
        order = list(compiled.positiontup or ()) if compiled.positional else list(compiled.binds)
        self._names = None if compiled.positional else order
        self._constants = list[Any]()
        """What is given to the driver, in its order, as far as it is the same each time."""
        self._varying = list[tuple[int, str, Convert | None]]()
        """(position, name, how it is converted) of the rest."""
        for at, name in enumerate(order):
            bind = compiled.binds[name]
            convert = _bind_processor(bind, dialect)
            self._constants.append(_converted(bind.value, convert))
            if bind.required:
                self._varying.append((at, name, convert))
        self._dialect = dialect
        self.columns = list(getattr(statement, "exported_columns", ()))
        self.converts: list[tuple[int, Convert]] | None = None
        """(position, how) of the columns whose values are converted; None until a result was seen."""
        self.row: Any = None if statement.is_dml else _row_of(self.columns)
        """The type of its rows; None for a statement that changes something."""

    def learn(self, description: Sequence[Any]) -> list[tuple[int, Convert]]:
        """How the columns of a result are converted, which may depend on the driver's type of them."""
        converts = list[tuple[int, Convert]]()
        for at, (column, told) in enumerate(zip(self.columns, description, strict=True)):
            kind = column.type.dialect_impl(self._dialect)
            convert = _result_processor(kind, self._dialect, told[1])
            if convert:
                converts.append((at, convert))
        self.converts = converts
        return converts

    def parameters(self, values: Mapping[str, Any]) -> Any:
        """The values as the driver takes them: in order, or by name."""
        given = self._constants.copy()
        for at, name, convert in self._varying:
            value = values[name]
            given[at] = value if value is None or convert is None else convert(value)
        return given if self._names is None else dict(zip(self._names, given, strict=True))


def _converted(value: Any, convert: Convert | None) -> Any:
    return value if value is None or convert is None else convert(value)


def _bind_processor(bind: BindParameter[Any], dialect: Dialect) -> Convert | None:
    kind = bind.type.dialect_impl(dialect)
    if isinstance(kind, Converted):
        return kind.writes(dialect)
    return kind.bind_processor(dialect)


def _result_processor(kind: TypeEngine[Any], dialect: Dialect, told: Any) -> Convert | None:
    if isinstance(kind, Converted):
        return kind.reads(dialect)
    return kind.result_processor(dialect, told)


def _row_of(columns: Sequence[Any]) -> Any:
    names = [column.key for column in columns]
    row = namedtuple("row", names, rename=True)  # type: ignore[misc]
    return type("Row", (row,), {"__slots__": (), "_mapping": property(row._asdict)})

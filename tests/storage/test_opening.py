"""Which databases are taken, and what is refused before anything is connected."""

from __future__ import annotations

import pytest

from bot.core.brand import Brand
from storage.database import Database
from storage.engines import database_url as driver_url
from tests.conftest import OpenStorage

from .telling import count_up, said


@pytest.mark.parametrize(
    ("given", "taken"),
    [
        ("sqlite:///data/balcao.sqlite3", "sqlite:///data/balcao.sqlite3"),
        ("postgresql://u@host/b", "postgresql+psycopg://u@host/b"),
        ("postgresql+psycopg://u@host/b", "postgresql+psycopg://u@host/b"),
        ("postgresql+asyncpg://u@host/b", "postgresql+psycopg://u@host/b"),
    ],
)
def test_a_url_names_a_database_and_we_name_its_driver(given: str, taken: str) -> None:
    assert str(driver_url(given)) == taken


@pytest.mark.parametrize("given", ["sqlite://", "sqlite:///:memory:", "mysql://u@host/b"])
def test_other_databases_are_refused_with_what_is_taken(given: str) -> None:
    with pytest.raises(ValueError, match="sqlite:///"):
        driver_url(given)


async def test_an_owner_that_fits_no_row_is_refused(open_storage: OpenStorage) -> None:
    with pytest.raises(ValueError, match="40"):
        open_storage(owner="o" * 41)


async def test_a_brand_that_is_not_configured_has_no_turns(storage: Database, brand: Brand) -> None:
    with pytest.raises(KeyError):
        await storage.play("outra", count_up(said("e1")))
    with pytest.raises(KeyError):
        await storage.read("outra", lambda read: read.now)
    assert await storage.play(brand.id, count_up(said("e1"))) == 1

"""`balcao erase` as an operator types it: a customer goes, invoices stay, and mistakes are one line."""

from __future__ import annotations

import asyncio
from pathlib import Path

import pytest

from bot import run_erase
from bot.app import brand_of, prepare_database, server_key
from bot.core.ports import Read, Write
from bot.settings import BrandSettings, Problem, Settings
from storage import bulk, customers
from storage.bulk import NewCustomer
from storage.customers import Customer
from storage.database import open_database
from storage.leases import owner_name
from tests.fakes import START

CPF = "52998224725"


@pytest.fixture
def settings(tmp_path: Path) -> Settings:
    made = Settings(
        brands=(BrandSettings(id="fibra", name="Fibra"),),
        channels=(),
        database={"url": f"sqlite:///{tmp_path}/balcao.sqlite3"},
        server_key="a key for tests alone, of 40 characters.",
    )
    prepare_database(made)
    asyncio.run(_in(made, _arrives))
    return made


def _arrives(write: Write) -> None:
    bulk.add_customers(
        write, [NewCustomer("ana", "PF", "Ana Prado", CPF, 10, emails=("ana@example.com",))]
    )


async def _in(settings: Settings, work: object) -> object:
    brands = {each.id: brand_of(each, mail=False) for each in settings.brands}
    database = open_database(
        settings.database.url,
        server_key=server_key(settings),
        clock=lambda: START,
        brands=brands,
        owner=owner_name(),
    )
    try:
        return await database.play("fibra", work)  # type: ignore[arg-type]
    finally:
        await database.close()


def known(settings: Settings) -> Customer | None:
    def look(read: Read) -> Customer | None:
        return customers.by_tax_id(read, CPF)

    return asyncio.run(_in(settings, look))  # type: ignore[return-value]


def test_the_customer_goes(settings: Settings) -> None:
    before = known(settings)
    assert before is not None
    assert before.email == "ana@example.com"

    said = run_erase.erase(settings, "", "529.982.247-25", "asked on 20 November")

    assert said.startswith(f"Customer {before.id} is erased (")
    assert CPF not in said
    assert known(settings) is None  # nothing was owed or paid, so the CPF went too


def test_who_is_a_customer_again_is_lifted_by_name_and_once(settings: Settings) -> None:
    with pytest.raises(Problem, match="nobody erased here had"):
        run_erase.lift(settings, "", CPF, "new contract")
    run_erase.erase(settings, "", CPF, "asked")
    assert run_erase.lift(settings, "", CPF, "new contract").startswith("Lifted")
    with pytest.raises(Problem, match="nobody erased here had"):
        run_erase.lift(settings, "", CPF, "new contract")


@pytest.mark.parametrize(
    ("brand", "tax_id", "reason", "person", "said"),
    [
        ("", "111.444.777-35", "asked", None, "no customer of this brand has"),
        ("", "123", "asked", None, "not done"),
        ("", CPF, "  ", None, "--reason: is empty"),
        ("other", CPF, "asked", None, "--brand: holds 'other'; may hold fibra"),
        ("", CPF, "asked", 99, "not among the people"),
    ],
)
def test_a_mistake_is_one_line_and_erases_nothing(
    settings: Settings, brand: str, tax_id: str, reason: str, person: int | None, said: str
) -> None:
    with pytest.raises(Problem, match=said.replace("(", r"\(")):
        run_erase.erase(settings, brand, tax_id, reason, person=person)
    after = known(settings)
    assert after is not None
    assert after.email == "ana@example.com"

"""The forty customers of the demo: who they are, what they have and how they pay.

They are nobody: e-mails are in the domains of RFC 2606 and phones in a range without subscribers. For
tax ids no range is kept for fiction; CPFs of the lowest numbers and CNPJs of the highest are as far
from people as right ones can be. Streets and firms are invented.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from decimal import Decimal
from random import Random

from bot.core.message import Text, _
from bot.domain.errors import Invalid
from bot.domain.standing import Status
from bot.domain.tax_id import generate_cnpj, parse_cpf

EXTRAS = {
    "router": ("Roteador Wi-Fi 6 (locação)", Decimal("15.00")),
    "phone": ("Telefone fixo ilimitado", Decimal("29.90")),
    "address": ("Endereço IP fixo", Decimal("49.90")),
    "loyalty": ("Desconto de fidelidade", Decimal("-10.00")),
    "both": ("Desconto combo internet e telefone", Decimal("-15.00")),
}
PLANS = {
    "Fibra 300 Mega": Decimal("79.90"),
    "Fibra 500 Mega": Decimal("99.90"),
    "Fibra 700 Mega": Decimal("119.90"),
    "Fibra 1 Giga": Decimal("149.90"),
    "Empresa 500 Mega": Decimal("189.90"),
    "Empresa 1 Giga": Decimal("299.90"),
}

# How many days after the due date they pay: a fixed habit, so that any later day follows from it.
EARLY, ON_THE_DAY, LATE, A_MONTH_LATE, THREE_MONTHS_LATE = -3, 0, 6, 40, 95

_USUAL, _SMALL, _LARGE = "Fibra 500 Mega", "Fibra 300 Mega", "Fibra 1 Giga"
STREETS = (
    "Rua das Quaresmeiras", "Rua do Ipê-Amarelo", "Alameda dos Manacás", "Travessa do Tropeiro",
    "Rua da Pedra Grande", "Avenida dos Bandeirinhas", "Rua dos Sanhaços", "Rua da Olaria Velha",
)  # fmt: skip
TOWNS = (
    ("Atibaia", "12940000", ("Jardim do Catavento", "Vila Sereia", "Centro")),
    ("Bragança Paulista", "12900000", ("Jardim da Serra", "Vila do Bosque", "Centro")),
    ("Mairiporã", "07600000", ("Recanto das Águas", "Centro")),
    ("Piracaia", "12970000", ("Bairro da Represa", "Centro")),
)


@dataclass(frozen=True, slots=True)
class Role:
    """One customer of the demo."""

    name: str
    plan: str = _USUAL
    due_day: int = 10
    pays: int = EARLY
    """Days after the due date."""
    extras: tuple[str, ...] = ()
    company: str = ""
    """Root of the CNPJ; a person has a CPF."""
    branch: int = 1
    trade_name: str | None = None
    status: Status = Status.ACTIVE
    months: int = 13
    """How long a customer, counted back from the first day of the demo."""
    gone: int = 0
    """Months since the contract ended."""
    email: bool = True
    people: tuple[tuple[str, bool], ...] = ()
    """Who else came by an invitation, and whether an administrator let them in."""
    informal: bool = False
    """Pays in cash at the counter: no boleto."""
    reissued: int = 0
    """So many months ago an invoice was cancelled and made anew."""
    shown: Text | None = None
    """What is to be seen when one is this customer; empty: not offered."""


CAST: tuple[Role, ...] = (
    Role("Ana Beatriz Moreira", due_day=10, pays=ON_THE_DAY, shown=_("A person with one open invoice")),
    Role(
        "João Pedro Quintanilha", "Fibra 700 Mega", 5, A_MONTH_LATE, ("router",),
        shown=_("A person who is late, with fine and interest"),
    ),
    Role(
        "Ateliê Flor de Pequi Ltda.", "Empresa 500 Mega", 15, ON_THE_DAY, ("address",),
        company="ZZPEQU10", trade_name="Flor de Pequi",
        shown=_("A company with an alphanumeric CNPJ"),
    ),
    Role(
        "Mercearia Três Sinos Ltda.", "Empresa 1 Giga", 20, EARLY, ("address", "phone", "both"),
        company="99999101", trade_name="Três Sinos Matriz",
        people=(("Bete da Contabilidade", True), ("Nivaldo do Caixa", False)),
        shown=_("A company with two branches of its own"),
    ),
    Role(
        "Mercearia Três Sinos Ltda.", "Empresa 500 Mega", 20, EARLY, company="99999101", branch=2,
        trade_name="Três Sinos Filial Centro",
    ),
    Role(
        "Mercearia Três Sinos Ltda.", "Empresa 500 Mega", 25, LATE, company="99999101", branch=3,
        trade_name="Três Sinos Filial Represa",
    ),
    Role(
        "Rosângela Batista do Carmo", _SMALL, 12, THREE_MONTHS_LATE, status=Status.BLOCKED,
        shown=_("A blocked customer who owes three months"),
    ),
    Role("Sebastião Aparecido Lima", _SMALL, 8, LATE, email=False, shown=_("A person without e-mail")),
    Role("Vanessa Cristina Prates", due_day=7, status=Status.CANCELLED, gone=4),
    Role(
        "Maria Aparecida dos Santos Albuquerque de Vasconcelos Figueiredo e Silva Cavalcanti Neta",
        _LARGE, 31, EARLY, ("router", "phone", "both"),
    ),
    Role("Carlos Eduardo Nakamura", _LARGE, 1, EARLY, ("router", "loyalty")),
    Role("Patrícia Helena Dias", due_day=28, pays=LATE),
    Role("Marcos Vinícius Tavares", "Fibra 700 Mega", 29, EARLY, ("loyalty",)),
    Role("Luciana Ferraz", due_day=30, pays=ON_THE_DAY),
    Role("Tiago Henrique Sobral", _SMALL, 15, LATE),
    Role("Débora Cordeiro", due_day=20, extras=("phone", "both"), reissued=3),
    Role("Antônio Carlos Penteado", _SMALL, 5, informal=True),
    Role("Juliana Akemi Sato", _LARGE, 18),
    Role("Rafael Monteiro Brandão", "Fibra 700 Mega", 22, A_MONTH_LATE),
    Role("Fernanda Lopes Peixoto", due_day=3, pays=ON_THE_DAY, extras=("router",)),
    Role("Gilberto Nunes", _SMALL, 14, months=7),
    Role("Cláudia Regina Amorim", due_day=9, extras=("loyalty",)),
    Role("Wellington Barros", _SMALL, 17, LATE, months=4),
    Role("Simone de Oliveira Pacheco", "Fibra 700 Mega", 11, reissued=5),
    Role("Eduardo Kenji Watanabe", _LARGE, 26, EARLY, ("router",)),
    Role("Márcia Valéria Rezende", due_day=2, pays=LATE),
    Role("Leandro Gomes Furtado", _SMALL, 24, months=2),
    Role("Isabela Maria Couto", due_day=16, pays=ON_THE_DAY, extras=("loyalty",)),
    Role("Osvaldo Ribeiro Neto", _SMALL, 6, informal=True),
    Role("Camila Duarte", "Fibra 700 Mega", 27, EARLY, ("router",)),
    Role("Nelson Takeshi Mori", _LARGE, 4, EARLY, ("phone", "both")),
    Role("Bruna Carolina Esteves", due_day=13, pays=A_MONTH_LATE),
    Role("Paulo Sérgio Andrade", _SMALL, 19, status=Status.CANCELLED, gone=8),
    Role("Letícia Bueno", due_day=21),
    Role(
        "Clínica Veterinária Bicho Solto Ltda.", "Empresa 500 Mega", 10, EARLY, ("phone", "both"),
        company="99999102", trade_name="Bicho Solto",
    ),
    Role(
        "Oficina Mecânica Irmãos Pereirinha Ltda.", "Empresa 500 Mega", 15, A_MONTH_LATE,
        company="99999103", trade_name="Irmãos Pereirinha",
    ),
    Role(
        "Padaria Pão de Cada Manhã Ltda.", "Empresa 500 Mega", 5, LATE,
        company="99999104", trade_name="Pão de Cada Manhã",
    ),
    Role(
        "Contábil Ábaco Azul Sociedade Simples", "Empresa 1 Giga", 20, EARLY, ("address",),
        company="99999105", trade_name="Ábaco Azul",
    ),
    Role(
        "Academia Fôlego Novo Ltda.", "Empresa 1 Giga", 10, LATE, ("router", "router"),
        company="99999106", trade_name="Fôlego Novo",
    ),
    Role(
        "Pousada Recanto do Sanhaço Ltda.", "Empresa 1 Giga", 30, EARLY, ("phone", "both"),
        company="ZZSANH20", trade_name="Recanto do Sanhaço", months=3,
    ),
)  # fmt: skip


def person_tax_id(number: int) -> str:
    """The CPF of a low number, with the check digits that make it right."""
    return next(bare for end in range(100) if _is_cpf(bare := f"{number:09}{end:02}"))


def company_tax_id(root: str, branch: int = 1) -> str:
    """The CNPJ of a root of eight characters, with its check digits."""
    nothing_is_drawn = Random(0)  # noqa: S311  # the root is given
    return generate_cnpj(nothing_is_drawn, root=root, branch=branch)


def slug(name: str) -> str:
    """A name as it stands in an e-mail address: `joao.quintanilha`."""
    plain = unicodedata.normalize("NFKD", name.casefold())
    letters = "".join(c if c.isalnum() else " " for c in plain if not unicodedata.combining(c))
    return ".".join(letters.split())


def _is_cpf(bare: str) -> bool:
    try:
        parse_cpf(bare)
    except Invalid:
        return False
    return True

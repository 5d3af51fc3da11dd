"""What several commands take: the settings, the brand, the customer, who of the staff gives the command."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

Config = Annotated[
    Path | None, typer.Option("--config", "-c", help="The settings; without it ./config.toml.")
]
BrandId = Annotated[str, typer.Option("--brand", help="Which brand, where there are several.")]
CustomerOption = Annotated[str, typer.Option("--customer", help="Whose: a CPF or CNPJ.")]
Customer = Annotated[
    str, typer.Argument(metavar="CUSTOMER", help="A CPF or CNPJ, or the customer's number here.")
]
Staff = Annotated[
    str, typer.Option("--as", help="Who you are, for the record; else your login name.")
]
Yes = Annotated[bool, typer.Option("--yes", "-y", help="Do not ask whether you are sure.")]

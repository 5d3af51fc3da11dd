"""The command line: demo · run · chat · check · import · export · migrate · documents · contracts · erase,
and those of staff: queue · payments · groups · people.
"""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from bot.options import BrandId, Config
from bot.options import CustomerOption as Customer
from bot.run_staff import commands as staff
from bot.settings import Problem, load

if TYPE_CHECKING:
    from bot.importing.columns import What

cli = typer.Typer(
    name="balcao",
    help="The self-service counter of a subscription business, inside the chat.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

DemoFolder = Annotated[Path, typer.Option("--folder", help="Where the demo keeps its data.")]
DEMO = Path(".demo")


@cli.command()
def demo(
    folder: DemoFolder = DEMO,
    reset: Annotated[
        bool, typer.Option("--reset", help="Forget everything and begin anew.")
    ] = False,
) -> None:
    """Run the demo brand: a web chat and a mailbox, on this machine alone."""
    from bot.run_demo import serve_demo

    serve_demo(folder, reset=reset)


@cli.command()
def run(config: Config = None) -> None:
    """Run the counter for real."""
    settings = load(config)
    from bot.run import serve

    serve(settings)


@cli.command()
def chat(config: Config = None, folder: DemoFolder = DEMO) -> None:
    """Talk to the counter in this terminal: to the demo's, or with --config to your own."""
    from bot.run import chat_in_terminal
    from bot.run_demo import chat_demo

    if config is None:
        chat_demo(folder)
    else:
        chat_in_terminal(load(config))


@cli.command()
def migrate(config: Config = None) -> None:
    """Bring the database's tables up to date (SQLite does so by itself at each start)."""
    settings = load(config)
    from bot.run import migrate_database

    migrate_database(settings)


@cli.command()
def check(config: Config = None) -> None:
    """Look whether everything is there that the counter needs; each fault names its mend."""
    from bot.run_check import check as look

    raise typer.Exit(look(config))


@cli.command("import")
def import_(
    files: Annotated[
        list[Path] | None,
        typer.Argument(help="CSV or JSON; their columns tell customers from invoices."),
    ] = None,
    customers: Annotated[
        list[Path] | None, typer.Option("--customers", help="A file of customers, so named.")
    ] = None,
    invoices: Annotated[
        list[Path] | None, typer.Option("--invoices", help="A file of invoices, so named.")
    ] = None,
    report: Annotated[
        Path | None,
        typer.Option("--report", help="The folder for the reports; else beside each file."),
    ] = None,
    brand: BrandId = "",
    config: Config = None,
) -> None:
    """Take in customers and invoices from files; each file wholly or not at all."""
    settings = load(config)
    from bot.run_files import import_files

    named: list[tuple[Path, What | None]] = [
        *((path, None) for path in files or ()),
        *((path, "customers") for path in customers or ()),
        *((path, "invoices") for path in invoices or ()),
    ]
    raise typer.Exit(import_files(settings, named, brand=brand, report=report))


@cli.command()
def export(
    file: Annotated[Path, typer.Argument(help="The .csv or .json to write.")],
    changes: Annotated[
        bool, typer.Option("--changes", help="What customers changed at the counter.")
    ] = False,
    since: Annotated[
        datetime | None,
        typer.Option(
            "--since", formats=["%Y-%m-%d", "%d/%m/%Y"], help="From this day on, again too."
        ),
    ] = None,
    mark: Annotated[
        bool, typer.Option("--mark", help="Once written, count them as handed over.")
    ] = False,
    brand: BrandId = "",
    config: Config = None,
) -> None:
    """Hand back to the billing system what customers changed."""
    if not changes:
        raise Problem("export: says not what; may be --changes")
    settings = load(config)
    from bot.run_files import export as export_changes

    day = since.date() if since else None
    raise typer.Exit(export_changes(settings, file, brand=brand, since=day, mark=mark))


documents = typer.Typer(help="Documents of customers.", no_args_is_help=True)
contracts = typer.Typer(help="Contracts with customers.", no_args_is_help=True)
cli.add_typer(documents, name="documents")
cli.add_typer(contracts, name="contracts")
cli.add_typer(staff.queue, name="queue")
cli.add_typer(staff.payments, name="payments")
cli.add_typer(staff.groups, name="groups")
cli.add_typer(staff.people, name="people")


@documents.command("add")
def add_document(
    file: Annotated[Path, typer.Argument(help="The file; its ending says what it is.")],
    customer: Customer,
    title: Annotated[str, typer.Option("--title", help="What the customer reads in the list.")],
    number: Annotated[str | None, typer.Option("--number", help="Its own number.")] = None,
    period: Annotated[str | None, typer.Option("--period", help="Its month, 11/2026.")] = None,
    issued: Annotated[
        datetime | None,
        typer.Option("--issued", formats=["%Y-%m-%d", "%d/%m/%Y"], help="Its day; else today."),
    ] = None,
    kind: Annotated[str, typer.Option("--kind", help="A word of your own.")] = "document",
    login: Annotated[
        str, typer.Option("--login", help="To open it: required, free or default.")
    ] = "default",
    mail: Annotated[bool, typer.Option("--mail", help="Mail the customer a link to it.")] = False,
    brand: BrandId = "",
    config: Config = None,
) -> None:
    """File a document for a customer."""
    settings = load(config)
    from bot import run_documents as run

    day = issued.date() if issued else None
    new = run.NewDocument(file, title, kind, number, period, day, run.login_of(login))
    typer.echo(run.add_document(settings, brand, customer, new, mail=mail))


@documents.command("remove")
def remove_document(
    document: Annotated[int, typer.Argument(help="Its number, as `add` said it.")],
    customer: Customer,
    brand: BrandId = "",
    config: Config = None,
) -> None:
    """Take a document out and erase its bytes."""
    settings = load(config)
    from bot import run_documents as run

    typer.echo(run.remove_document(settings, brand, customer, document))


@documents.command("sent")
def sent_documents(brand: BrandId = "", config: Config = None) -> None:
    """What customers sent and nobody of you has looked at yet, the oldest first."""
    settings = load(config)
    from bot import run_documents as run

    typer.echo(run.sent(settings, brand))


@documents.command("look")
def look_at_document(
    document: Annotated[int, typer.Argument(help="Its number, as `sent` shows it.")],
    save: Annotated[Path, typer.Option("--save", help="The folder its file is written into.")],
    brand: BrandId = "",
    config: Config = None,
) -> None:
    """Take the file of a document that a customer sent; from then on it counts as looked at."""
    settings = load(config)
    from bot import run_documents as run

    typer.echo(run.look_at(settings, brand, document, save))


@documents.command("login")
def document_login(
    login: Annotated[str, typer.Argument(help="required, free or default (as the brand says).")],
    customer: Customer,
    brand: BrandId = "",
    config: Config = None,
) -> None:
    """Whether one must be known to open this customer's documents."""
    settings = load(config)
    from bot import run_documents as run

    typer.echo(run.set_login(settings, brand, customer, run.login_of(login)))


@contracts.command("model")
def contract_model(
    file: Annotated[Path, typer.Argument(help="Its words, with {{variables}}; UTF-8.")],
    name: Annotated[str, typer.Option("--name", help="What the contract is called.")],
    brand: BrandId = "",
    config: Config = None,
) -> None:
    """Keep a contract model; the same name again is its next version."""
    settings = load(config)
    from bot import run_documents as run

    typer.echo(run.add_model(settings, brand, file, name))


@contracts.command("offer")
def offer_contract(
    name: Annotated[str, typer.Argument(help="The model's name.")],
    customer: Customer,
    value: Annotated[
        list[str] | None, typer.Option("--value", help="Of a variable of its own: months=12.")
    ] = None,
    brand: BrandId = "",
    config: Config = None,
) -> None:
    """Offer a customer the newest version of a model."""
    settings = load(config)
    from bot import run_documents as run

    typer.echo(run.offer(settings, brand, customer, name, value or []))


@cli.command("erase")
def erase_customer(
    customer: Customer,
    reason: Annotated[str, typer.Option("--reason", help="Why, for the record.")],
    person: Annotated[
        int | None, typer.Option("--person", help="One of its people alone, by number.")
    ] = None,
    lift: Annotated[
        bool, typer.Option("--lift", help="Let imports bring in again who was erased.")
    ] = False,
    brand: BrandId = "",
    config: Config = None,
) -> None:
    """Erase a customer who asked for it (LGPD): all but what law has you keep. Cannot be undone."""
    settings = load(config)
    from bot import run_erase as run

    if lift:
        typer.echo(run.lift(settings, brand, customer, reason))
    else:
        typer.echo(run.erase(settings, brand, customer, reason, person=person))


def main() -> None:
    """What an operator has wrong is one line each, and exit code 2; what cannot be done as things are, 1."""
    try:
        cli(standalone_mode=True)
    except Problem as problem:
        print(problem, file=sys.stderr)  # noqa: T201
        raise SystemExit(problem.code) from None


if __name__ == "__main__":
    main()

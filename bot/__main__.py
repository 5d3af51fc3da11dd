"""The command line: demo · run · chat · migrate."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from bot.settings import Problem, load

cli = typer.Typer(
    name="balcao",
    help="The self-service counter of a subscription business, inside the chat.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)

Config = Annotated[
    Path | None, typer.Option("--config", "-c", help="The settings; without it ./config.toml.")
]
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


def main() -> None:
    """What an operator has wrong is one line each, and exit code 2."""
    try:
        cli(standalone_mode=True)
    except Problem as problem:
        print(problem, file=sys.stderr)  # noqa: T201
        raise SystemExit(2) from None


if __name__ == "__main__":
    main()

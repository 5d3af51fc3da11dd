"""Starts `balcao run` for the benchmark: Telegram by webhook, mail to the sink, a database all its own.

    python -m bench.balcao_start

Environment: BENCH_DATA_DIR, the run's folder, and BENCH_TEMPLATE, the URL of the database that
`balcao_data.py` prepared. What is in the folder already is gone on with, as after a kill. Runs in
the project's virtual environment.
"""

from __future__ import annotations

import os
import shutil
import sys
from pathlib import Path

HOUSE = Path(__file__).parents[1]
CONFIG = """\
server_key_file = "{folder}/server.key"

[[brands]]
id = "bench"
name = "Bench"
legal_name = "Bench Ltda."
address = ["Alameda dos Testes, 1", "Atibaia SP"]
language = "en"
pix = {{ key = "pix@example.com", name = "BENCH", city = "ATIBAIA" }}

[[channels]]
name = "bench"
kind = "telegram"
token_env = "BOT_TOKEN"
mode = "webhook"
api_url = "http://127.0.0.1:8081"

[http]
port = 8090
public_url = "https://bench.example.com"

[database]
url = "{url}"

[[mail.accounts]]
name = "sink"
host = "127.0.0.1"
port = 8025
security = "none"
from_address = "billing@example.com"
per_second = 10000

[log]
level = "warning"
"""


def database_of(folder: Path, template: str) -> str:
    """The URL of a copy of the template that belongs to this run alone."""
    if template.startswith("sqlite:///"):
        file = folder / "balcao.sqlite3"
        shutil.copyfile(template.removeprefix("sqlite:///"), file)
        return f"sqlite:///{file}"
    from bench import postgres

    return postgres.copied(template)


def prepare(folder: Path, template: str) -> Path:
    """The config file of a run; made, with its database, in a folder that has none yet."""
    config = folder / "config.toml"
    if not config.exists():
        url = database_of(folder, template)
        config.write_text(CONFIG.format(folder=folder, url=url), encoding="utf-8")
    return config


def main() -> None:
    config = prepare(Path(os.environ["BENCH_DATA_DIR"]), os.environ["BENCH_TEMPLATE"])
    os.environ.setdefault("BOT_TOKEN", "1:bench")
    os.environ["PYTHONPATH"] = str(HOUSE)
    os.execv(sys.executable, [sys.executable, "-m", "bot", "run", "--config", str(config)])


if __name__ == "__main__":
    main()

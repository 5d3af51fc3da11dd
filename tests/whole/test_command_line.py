"""The command line as an operator meets it: what is wrong is one line, and exit code 2."""

from __future__ import annotations

import os
import socket
from pathlib import Path

import pytest

from tests.whole.program import balcao, demo


def test_without_a_command_it_says_what_there_is(tmp_path: Path) -> None:
    said = balcao("--help", cwd=tmp_path)
    assert said.returncode == 0
    for command in ("demo", "run", "chat", "migrate"):
        assert command in said.stdout


def test_a_config_file_that_is_not_there_is_one_line(tmp_path: Path) -> None:
    said = balcao("run", "--config", "nowhere.toml", cwd=tmp_path)
    assert said.returncode == 2
    assert said.stderr.startswith("--config: holds 'nowhere.toml'")
    assert len(said.stderr.splitlines()) == 1


def test_each_wrong_setting_is_one_line(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text("[http]\nport = 'x'\n[log]\nlevel = 'loud'\n")
    said = balcao("run", cwd=tmp_path)
    assert said.returncode == 2
    assert [line.partition(":")[0] for line in said.stderr.splitlines()] == [
        "http.port",
        "log.level",
    ]


def test_a_taken_port_names_the_setting_that_mends_it(tmp_path: Path) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = str(taken.getsockname()[1])
        said = balcao("demo", cwd=tmp_path, BALCAO_HTTP__PORT=port)
    assert said.returncode == 2
    assert said.stderr.startswith(f"http.port: holds {port}")
    assert "BALCAO_HTTP__PORT" in said.stderr
    assert len(said.stderr.splitlines()) == 1


def test_a_folder_one_may_not_write_is_one_line(tmp_path: Path) -> None:
    # A file where the folder should be stops even root, whom permissions do not.
    (tmp_path / "taken").write_text("")
    said = balcao("demo", "--folder", "taken", cwd=tmp_path, BALCAO_HTTP__PORT="0")
    assert said.returncode == 2
    assert said.stderr.startswith("--folder: holds 'taken', which cannot be written")
    assert len(said.stderr.splitlines()) == 1


def test_a_database_that_cannot_be_reached_is_one_line_without_its_password(tmp_path: Path) -> None:
    (tmp_path / "config.toml").write_text(
        '[[brands]]\nid = "vento"\nname = "Vento"\n'
        '[database]\nurl = "postgresql://balcao:hunter2@127.0.0.1:1/balcao"\n'
    )
    said = balcao("run", cwd=tmp_path, BALCAO_HTTP__PORT="0")
    assert said.returncode == 2
    assert said.stderr.startswith("database.url: holds")
    assert "hunter2" not in said.stderr
    assert len(said.stderr.splitlines()) == 1


def test_ctrl_c_stops_cleanly_and_a_second_start_keeps_the_data(tmp_path: Path) -> None:
    folder = tmp_path / "demo"
    with demo(folder) as running:
        assert running.interrupt().count("Traceback") == 0
        assert running.process.returncode == 0
    before = (folder / "server.key").read_text(), (folder / "balcao.sqlite3").stat().st_ino
    with demo(folder) as running:
        running.interrupt()
    assert (
        (folder / "server.key").read_text(),
        (folder / "balcao.sqlite3").stat().st_ino,
    ) == before


@pytest.mark.skipif(os.name != "posix", reason="file modes are POSIX's")
def test_the_server_key_is_for_its_owner_alone(tmp_path: Path) -> None:
    with demo(tmp_path / "demo") as running:
        running.interrupt()
    assert (tmp_path / "demo" / "server.key").stat().st_mode & 0o777 == 0o600

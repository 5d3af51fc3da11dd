"""Running the parts: the web server, signals, the terminal, the migration by hand."""

from __future__ import annotations

import asyncio
import gc
import signal
import socket
import sys
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

import uvicorn

from bot import logs
from bot.app import App, build, prepare_database
from bot.channels.webchat import FRAME_BYTES
from bot.settings import Http, Problem, Settings
from bot.web.protocols import HttpConnection, WebSocket
from storage.migrate import migrate

if TYPE_CHECKING:
    from bot.channels.terminal import Terminal

YOUNG = 10_000
"""Objects made and not gone again before the collector looks for circles among them; a turn leaves none."""
SWITCH_SECONDS = 0.002
"""How long a storage thread may keep the interpreter while an answer waits to leave. Python's own 5 ms are
paid at each step of an SMTP dialogue; a shorter one than this costs more in changing hands than it gains."""
STOP_SECONDS = 5
"""How long open requests may take to end after Ctrl-C."""


def serve(settings: Settings) -> None:
    """Run the counter until it is told to stop."""
    logs.set_up(settings.log.level, settings.log.format)
    listening = listen(settings.http)
    prepare_database(settings)
    run_loop(_open(settings, url_of(settings.http, listening)), listening)


@asynccontextmanager
async def _open(settings: Settings, url: str) -> AsyncIterator[App]:
    app = build(settings)
    say(f"Balcão is at {url} (Ctrl-C stops it)")
    yield app


def migrate_database(settings: Settings) -> None:
    """`balcao migrate`."""
    logs.set_up(settings.log.level, settings.log.format)
    if not settings.database.url.startswith("sqlite"):
        say("Bringing the tables up to date …")
        migrate(settings.database.url)
    else:
        prepare_database(settings)
    say("The tables are up to date.")


def chat_in_terminal(settings: Settings) -> None:
    """`balcao chat --config`: the real counter, talked to from here."""
    logs.set_up("error", settings.log.format)
    prepare_database(settings)
    terminal = terminal_for(settings.brands[0].id, Path())
    app = build(settings.model_copy(update={"channels": ()}), channels=[terminal])
    asyncio.run(talk(app, terminal))


def terminal_for(brand: str, folder: Path) -> Terminal:
    """The channel of this terminal; documents go into `folder`."""
    from bot.channels.terminal import Terminal

    return Terminal("terminal", brand, folder=folder)


async def talk(app: App, terminal: Terminal) -> None:
    """Talk until the person leaves."""
    await app.start()
    try:
        await terminal.ended()
    finally:
        await app.stop()


# ------------------------------------------------------------------ the web server


def listen(http: Http) -> socket.socket:
    """The listening socket. Raises Problem when the address cannot be had."""
    family = socket.AF_INET6 if ":" in http.host else socket.AF_INET
    listening = socket.socket(family, socket.SOCK_STREAM)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind((http.host, http.port))
        listening.listen(512)
    except OSError as error:
        listening.close()
        raise Problem(
            f"http.port: holds {http.port}, which cannot be used on {http.host}"
            f" ({error.strerror}); set BALCAO_HTTP__PORT to a free port"
        ) from error
    return listening


def url_of(http: Http, listening: socket.socket) -> str:
    port = listening.getsockname()[1]
    host = f"[{http.host}]" if ":" in http.host else http.host
    return http.public_url or f"http://{host}:{port}"


class _Server(uvicorn.Server):
    """uvicorn without its signal handlers: ours stop the whole process in order."""

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield


def run_loop(opened: AbstractAsyncContextManager[App], listening: socket.socket) -> None:
    """Serve until SIGINT or SIGTERM; a second one does not wait."""
    with asyncio.Runner(loop_factory=_loop_factory()) as runner:
        runner.run(_serve(opened, listening))


def _server(app: App) -> _Server:
    config = uvicorn.Config(
        app.asgi,
        log_config=None,
        access_log=False,
        lifespan="off",
        http=HttpConnection,
        ws=WebSocket,
        ws_max_size=FRAME_BYTES,
        proxy_headers=False,
        server_header=False,
        timeout_graceful_shutdown=STOP_SECONDS,
    )
    return _Server(config)


def _loop_factory() -> type[asyncio.AbstractEventLoop] | None:
    if sys.platform == "win32":
        return None
    import uvloop

    return uvloop.Loop


async def _serve(opened: AbstractAsyncContextManager[App], listening: socket.socket) -> None:
    loop, stopping, servers = asyncio.get_running_loop(), asyncio.Event(), list[_Server]()

    def stop() -> None:
        for server in servers:
            server.force_exit = server.should_exit
            server.should_exit = True
        stopping.set()

    # Before anything says where it is: who reads that may already send the signal.
    for sign in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(sign, stop)
    async with opened as app:
        await app.start()
        # What the start made lives as long as the process; the collector need not walk it each time.
        gc.collect()
        gc.freeze()
        gc.set_threshold(YOUNG)
        sys.setswitchinterval(SWITCH_SECONDS)
        try:
            if not stopping.is_set():
                servers.append(_server(app))
                await servers[0].serve(sockets=[listening])
        finally:
            await app.stop()


def say(line: str) -> None:
    """A line for the operator, on standard output."""
    print(line, flush=True)  # noqa: T201

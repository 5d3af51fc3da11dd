"""A counter that is not ours, for the web chat's tests: an echo with a few scripted answers and a ledger in memory."""

import asyncio
import itertools
import socket
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any

import uvicorn

from bot.channels.webchat import FRAME_BYTES, WebChat
from bot.core.errors import Unavailable
from bot.core.message import (
    Address,
    Button,
    Document,
    DocumentRef,
    FileIn,
    Inbound,
    Look,
    Outbound,
)
from bot.core.ports import Close, Posted, State
from bot.web.app import create_app
from bot.web.assets import Assets
from bot.web.demo import DemoPage, Persona
from bot.web.pages import ChatPage, Looks
from bot.web.protocols import HttpConnection, WebSocket
from tests.web.mails import Mails

ACCOUNT = "site"
PIX = (
    "00020126580014br.gov.bcb.pix0136123e4567-e12b-12d3-a456-4266554400005204000053039865406129.90"
    "5802BR5913FIBRA DO VALE6009SAO PAULO62070503***6304A7C5"
)
PIXEL = bytes.fromhex(
    "89504e470d0a1a0a0000000d494844520000000100000001080000000"
    "03a7e9b550000000a49444154789c6360000000020001e221bc330000000049454e44ae426082"
)
PDF = b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


@dataclass
class Kept:
    """Uploads in memory, as `bot.edges.receiving` keeps them in the database."""

    most: int = 100_000
    open: bool = True
    """False: nobody is known at any address."""
    files: dict[tuple[Address, str], tuple[FileIn, bytes]] = field(default_factory=dict)

    def known(self, head: bytes) -> bool:
        return head.startswith((b"%PDF-", b"\x89PNG"))

    async def allowed(self, at: Address) -> bool:
        return self.open

    async def keep(self, at: Address, name: str, content: bytes) -> FileIn | str:
        if not self.known(content):
            return "kind"
        file = FileIn(f"received:{len(self.files) + 1}", name, "application/pdf", len(content))
        self.files[at, file.ref] = file, content
        return file

    async def find(self, at: Address, ref: str) -> FileIn | None:
        found = self.files.get((at, ref))
        return found[0] if found else None


@dataclass
class Counter:
    """Answers events as a counter would: recorded once, replied to in ledger rows, delivered after."""

    rows: list[Posted] = field(default_factory=list)
    heard: list[Inbound] = field(default_factory=list)
    receipts: list[tuple[str, str, State]] = field(default_factory=list)
    documents: dict[str, Document] = field(default_factory=dict)
    open: bool = True
    """False: the database cannot be reached."""
    gate: asyncio.Event | None = None
    """If set, turns wait for it before they commit."""
    locale: str = "pt_BR"
    questions: dict[str, str] = field(default_factory=dict)
    chat: WebChat | None = None
    _recorded: set[str] = field(default_factory=set)
    _nonces: Any = field(default_factory=lambda: itertools.count(1))
    _delivering: set[asyncio.Task[None]] = field(default_factory=set)

    # ------------------------------------------------------------------ the ports

    async def receive(self, event: Inbound) -> None:
        if self.gate:
            await self.gate.wait()
        if not self.open:
            raise Unavailable
        if event.id in self._recorded:
            return
        self._recorded.add(event.id)
        self.heard.append(event)
        answers = list(self.answer(event))
        close = self.closed_by(event, answers)
        posted = [self.post(event.address, answer) for answer in answers]
        self.later(self.deliver(event.address, posted, close))

    async def history(self, address: Address, after: int, most: int) -> Sequence[Posted]:
        if not self.open:
            raise Unavailable
        return [row for row in self.rows if row.at == address and row.id > after][-most:]

    async def document(self, address: Address, id: int) -> Document | None:
        row = next((row for row in self.rows if row.id == id and row.at == address), None)
        if row is None or not isinstance(row.body, Outbound) or row.body.document is None:
            return None
        return self.documents[row.body.document.kind]

    async def receipt(self, account: str, ref: str, state: State) -> None:
        self.receipts.append((account, ref, state))

    @contextmanager
    def held(self) -> Iterator[None]:
        """Turns that begin in this block wait for its end before they commit."""
        self.gate = asyncio.Event()
        try:
            yield
        finally:
            self.gate.set()
            self.gate = None

    # ------------------------------------------------------------------ the ledger

    def post(self, address: Address, body: Outbound) -> Posted:
        id = self.rows[-1].id + 1 if self.rows else 1
        at = datetime.now(UTC)
        row = Posted(id, "reply", ACCOUNT, "fibra", 1, address, body, None, created_at=at)
        self.rows.append(row)
        return row

    async def deliver(
        self, address: Address, rows: Sequence[Posted], close: Close | None = None
    ) -> None:
        assert self.chat
        if close:
            await self.chat.close(address, close)
        for row in rows:
            assert isinstance(row.body, Outbound)
            kind = row.body.document and row.body.document.kind
            document = self.documents[kind] if kind else None
            await self.chat.send(address, row.body, document, id=row.id)

    def later(self, work: Any) -> None:
        task = asyncio.create_task(work)
        self._delivering.add(task)
        task.add_done_callback(self._delivering.discard)

    # ------------------------------------------------------------------ the script

    def answer(self, event: Inbound) -> Sequence[Outbound]:
        said = (event.text or self.label(event.press) or "").lower()
        if event.file:
            return [self.said(f"Recebi {event.file.name}."), self.menu()]
        if event.start:
            return [self.said(f"Você veio por {event.start}.")]
        if said.startswith("/start"):
            return [self.said("Olá! Sou o balcão da Fibra do Vale."), self.menu()]
        if said.startswith("/language"):
            self.locale = said.split()[1].replace("br", "BR")
            return [
                self.said({"en": "English it is.", "es": "En español."}.get(self.locale, "Ok."))
            ]
        script: dict[str, Callable[[], Sequence[Outbound]]] = {
            "menu": lambda: [self.menu()],
            "pix": lambda: [
                self.said("Este é o código PIX da fatura **2026-11**:"),
                Outbound(PIX, copyable=True, locale=self.locale),
            ],
            "qr": lambda: [
                Outbound(
                    "Aponte a câmera do seu banco.",
                    document=DocumentRef("pix-qr", 1, "pix-2026-11.png", "image/png"),
                    locale=self.locale,
                )
            ],
            "pdf": lambda: [
                Outbound(
                    "",
                    document=DocumentRef("invoice-pdf", 1, "fatura-2026-11.pdf", "application/pdf"),
                    locale=self.locale,
                )
            ],
            "sim ou não": lambda: [
                self.ask(
                    "Enviar a fatura **2026-11** para m•••a@example.com?",
                    [("Sim", ""), ("Não", "")],
                    ["Voltar", "Menu"],
                )
            ],
            "minhas faturas": lambda: [
                self.ask(
                    "Qual fatura? As abertas vêm primeiro.",
                    [
                        ("2026-11 · R$ 129,90", "vence hoje"),
                        ("2026-10 · R$ 132,57", "venceu há 31 dias"),
                        ("2026-09 · R$ 129,90", "paga em 09/09/2026"),
                        ("2026-08 · R$ 129,90", "paga em 10/08/2026"),
                    ],
                    ["Mais", "Voltar", "Menu"],
                )
            ],
            "comprovante": lambda: [self.asks_for_a_file()],
            "silêncio": list,
        }
        if said in script:
            return script[said]()
        return [self.said(f"Você disse: {event.text or self.label(event.press)}")]

    def said(self, text: str) -> Outbound:
        parts = text.split("**")
        bold = []
        at = 0
        for index, part in enumerate(parts):
            if index % 2:
                bold.append((at, len(part)))
            at += len(part)
        return Outbound("".join(parts), tuple(bold), locale=self.locale)

    def ask(
        self, text: str, options: Sequence[tuple[str, str]], nav: Sequence[str] = ()
    ) -> Outbound:
        nonce = f"n{next(self._nonces)}"
        buttons = [
            Button(label, f"{nonce}:{n}", "press", detail)
            for n, (label, detail) in enumerate(options, 1)
        ]
        buttons += [Button(label, f"{nonce}:{label[0].lower()}", "nav") for label in nav]
        for button in buttons:
            self.questions[button.data] = button.label
        said = self.said(text)
        return Outbound(
            said.text, said.bold, Look.BUTTONS, tuple(buttons), nonce=nonce, locale=self.locale
        )

    def asks_for_a_file(self) -> Outbound:
        asked = self.ask("Envie o comprovante, por favor.", (), ["Voltar", "Menu"])
        return replace(asked, takes="file")

    def menu(self) -> Outbound:
        options = [
            ("Minhas faturas", ""),
            ("PIX", ""),
            ("QR", ""),
            ("PDF", ""),
            ("Sim ou não", ""),
            ("Segunda via por e-mail", ""),
            ("Este boleto é meu?", ""),
            ("Falar com uma pessoa", ""),
        ]
        return self.ask("O que posso fazer por você?", options)

    def label(self, press: str | None) -> str | None:
        return self.questions.get(press or "")

    def closed_by(self, event: Inbound, answers: Sequence[Outbound]) -> Close | None:
        """The question before is closed once another is asked."""
        asked = [
            row.body.nonce
            for row in self.rows
            if row.at == event.address and isinstance(row.body, Outbound) and row.body.nonce
        ]
        if not asked or not any(answer.nonce for answer in answers):
            return None
        pressed = event.press and event.press.startswith(f"{asked[-1]}:")
        return Close(asked[-1], (self.label(event.press) or "") if pressed else "", event.ref)


PERSONAS = [
    Persona("Uma pessoa com uma fatura vencida", "Marina Alves", "529.982.247-25", "marina@example.com"),
    Persona("Uma empresa em dia", "Padaria Aurora Ltda", "12.ABC.345/01DE-35", "contas@example.com"),
]  # fmt: skip


def build(counter: Counter, mails: Mails | None = None, **options: Any) -> tuple[WebChat, Any]:
    """The channel and an app with its page, and the demo page if there is a mailbox."""
    chat = WebChat(
        ACCOUNT,
        "fibra",
        history=counter.history,
        document=counter.document,
        on_receipt=counter.receipt,
        **options,
    )
    counter.chat = chat
    assets = Assets()
    page = ChatPage(Looks("Fibra do Vale"), admit=chat.admit, assets=assets)
    routes = [*chat.routes(), *page.routes(), *assets.routes()]
    if mails is not None:
        routes += DemoPage(page, mails, PERSONAS, welcomes=chat.door.welcomes).routes()
    return chat, create_app(routes)


class Server(uvicorn.Server):
    """A server that says when it serves, leaves the signals to pytest, and ends when it is told to.

    uvicorn itself looks every 100 ms whether it is over and whether everybody has left.
    """

    def __init__(self, config: uvicorn.Config) -> None:
        self._over = asyncio.Event()
        super().__init__(config)
        self.serves = asyncio.Event()

    @property
    def should_exit(self) -> bool:
        return self._over.is_set()

    @should_exit.setter
    def should_exit(self, over: bool) -> None:
        if over:
            self._over.set()

    @contextmanager
    def capture_signals(self) -> Iterator[None]:
        yield

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        self.serves.set()

    async def main_loop(self) -> None:
        await self.on_tick(0)
        await self._over.wait()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        for each in [*self.servers, *(sockets or [])]:
            each.close()
        for connection in list(self.server_state.connections):
            connection.shutdown()
        while self.server_state.connections or self.server_state.tasks:
            await asyncio.sleep(0.002)
        for server in self.servers:
            await server.wait_closed()
        await self.lifespan.shutdown()


@dataclass
class Served:
    """A running server."""

    chat: WebChat
    port: int

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"


@asynccontextmanager
async def serving(
    counter: Counter, mails: Mails | None = None, *, port: int = 0, **options: Any
) -> AsyncIterator[Served]:
    """Serve until the block ends, as the app does: the channel begins first and ends last."""
    chat, app = build(counter, mails, **options)
    config = uvicorn.Config(
        app,
        host="127.0.0.1",
        port=port,
        log_level="error",
        http=HttpConnection,
        ws=WebSocket,
        ws_max_size=2 * FRAME_BYTES,
    )
    server = Server(config)
    await chat.start(counter.receive)
    door = config.bind_socket()
    running = asyncio.create_task(server.serve(sockets=[door]))
    try:
        await server.serves.wait()
        yield Served(chat, door.getsockname()[1])
    finally:
        await chat.stop()
        server.should_exit = True
        await running
        door.close()

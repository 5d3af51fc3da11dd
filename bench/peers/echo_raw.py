"""The floor: echo on the harness's own HTTP server, replying in the webhook response."""

import sys
from pathlib import Path

import orjson
import uvloop

sys.path.insert(1, str(Path(__file__).parents[2]))

import settings

from bench.httpwire import Exchange, serve


def handle(exchange: Exchange) -> None:
    if exchange.headers.get(b"x-telegram-bot-api-secret-token") != settings.SECRET.encode():
        exchange.reply(401, b"{}")
        return
    message = orjson.loads(exchange.body)["message"]
    reply = {"method": "sendMessage", "chat_id": message["chat"]["id"], "text": message["text"]}
    exchange.reply(200, orjson.dumps(reply))


async def main() -> None:
    server = await serve(handle, settings.HOST, settings.PORT)
    await server.serve_forever()


if __name__ == "__main__":
    uvloop.run(main())

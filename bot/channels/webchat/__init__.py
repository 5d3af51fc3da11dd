"""The web chat: a channel of our own, over a resumable WebSocket; `WebChat` is its driver."""

from bot.channels.webchat.door import Door
from bot.channels.webchat.driver import FRAME_BYTES, FindDocument, History, OnReceipt, WebChat
from bot.channels.webchat.sockets import Bounds

__all__ = ["FRAME_BYTES", "Bounds", "Door", "FindDocument", "History", "OnReceipt", "WebChat"]

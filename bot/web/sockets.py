"""The web socket as uvicorn speaks it, and one mend: a tab that closes while the server stops."""

from uvicorn.protocols.websockets.websockets_sansio_impl import WebSocketsSansIOProtocol
from websockets.protocol import State


class WebSocket(WebSocketsSansIOProtocol):
    """A connection that may be told to end at any moment (give it to `uvicorn.Config` as `ws`)."""

    def shutdown(self) -> None:
        """End it: the page is told that the server restarts.

        Who has said farewell already was answered and needs no second one: uvicorn 0.54 would raise
        `InvalidState`, and leave whoever comes after in its list unserved.
        """
        if self.handshake_complete and self.conn.state is not State.OPEN:
            self.stop_keepalive()
            self.transport.close()
            return
        super().shutdown()

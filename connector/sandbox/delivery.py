"""How the bytes of an answer reach the client: whole and at once, or broken in some way."""

import contextlib
import socket
import struct
import time
from dataclasses import dataclass
from enum import StrEnum


class Ending(StrEnum):
    """What becomes of the connection once the last byte has left."""

    KEPT = "kept"
    CLOSED = "closed"
    RESET = "reset"
    SILENT = "silent"  # held open, and nothing more comes for as long as the client waits


@dataclass(frozen=True, slots=True)
class Delivery:
    """One way of sending an answer; as it stands, all bytes at once and the connection kept.

    `head` False leaves even the headers out, `stop` is how many bytes of the body are sent, and
    `sized` False leaves out Content-Length, so that the end of the connection ends the body.
    `pause` is how many seconds each single byte is waited for. After the answer the server is
    `away` for so many seconds: all its connections end, and new ones are refused.
    """

    head: bool = True
    stop: int | None = None
    sized: bool = True
    pause: float = 0.0
    ending: Ending = Ending.KEPT
    away: float = 0.0


AT_ONCE = Delivery()


def send(connection: socket.socket, head: bytes, body: bytes, how: Delivery) -> None:
    """Send head and body, as far and as fast as `how` says, and stay silent where it says so."""
    data = head + body[: how.stop] if how.head else b""
    if how.pause:
        for place in range(len(data)):
            time.sleep(how.pause)
            connection.sendall(data[place : place + 1])
    else:
        connection.sendall(data)
    if how.ending is Ending.SILENT:
        with contextlib.suppress(OSError):
            while connection.recv(65_536):
                pass


def reset_on_close(connection: socket.socket) -> None:
    """Have the connection end with a reset instead of an orderly goodbye."""
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))

"""The address a server listens on: several of its processes share it, no other server does."""

from __future__ import annotations

import socket


class PortTaken(Exception):  # noqa: N818 - reads as how things stand
    """Somebody else listens where this server was to."""


def family_of(host: str) -> socket.AddressFamily:
    return socket.AF_INET6 if ":" in host else socket.AF_INET


def bind(host: str, port: int) -> socket.socket:
    """A socket to listen on, beside those of other processes of this server."""
    made = socket.socket(family_of(host))
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEPORT, 1)
    made.bind((host, port))
    return made


def reserve(host: str, port: int) -> socket.socket:
    """The address kept for one server while the socket is open. Raises PortTaken.

    Its processes share the port, which would let two servers share it unnoticed: so it is first
    tried as one who shares with nobody.
    """
    with socket.socket(family_of(host)) as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind((host, port))
        except OSError as error:
            raise PortTaken(f"Nobody can listen on {host}:{port}: {error.strerror}.") from None
    return bind(host, port)

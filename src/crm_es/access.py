"""Who is asking: principals, the keys they show, and who may listen where."""

from __future__ import annotations

import hmac
import ipaddress
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from pydantic import SecretStr

from crm_es.errors import Forbidden


@dataclass(frozen=True, slots=True)
class Principal:
    """Someone who may ask. A machine has shown a key; on loopback without keys anyone is local."""

    name: str
    is_machine: bool


LOCAL = Principal("local", is_machine=False)


class NotLoopback(Exception):  # noqa: N818 - reads as how things stand
    """Without an API key nothing but a loopback address may be listened on."""


class Keyring:
    """The API keys of a tenant. Only hashes stay in memory.

    A key has 256 random bits, so that stretching it would only slow its checks down.
    """

    def __init__(self, keys: Iterable[SecretStr]) -> None:
        """Each is ``name:secret``."""
        self._names: dict[bytes, str] = {}
        for key in keys:
            name, _, secret = key.get_secret_value().partition(":")
            self._names[_digest(secret)] = name

    def __bool__(self) -> bool:
        return bool(self._names)

    def principal(self, authorization: str | None) -> Principal:
        """Who sends this ``Authorization`` header. Raises Forbidden: its code says why."""
        if not self._names:
            return LOCAL
        scheme, _, secret = (authorization or "").partition(" ")
        if scheme.lower() != "bearer" or not secret:
            raise Forbidden("key.missing", "An API key is expected: Authorization: Bearer ...")
        shown, found = _digest(secret.strip()), None
        for digest, name in self._names.items():  # all of them, so that time tells nothing
            if hmac.compare_digest(digest, shown):
                found = name
        if found is None:
            raise Forbidden("key.unknown", "This API key is not known.")
        return Principal(found, is_machine=True)


def _digest(secret: str) -> bytes:
    return sha256(secret.encode("utf-8", "surrogateescape")).digest()


def check_address(host: str, keyring: Keyring) -> None:
    """Raises NotLoopback where strangers could reach an interface that asks for no key."""
    if not keyring and not is_loopback(host):
        raise NotLoopback(f"To listen on {host}, set an API key first (CRM_ES_API_KEYS).")


def is_loopback(host: str) -> bool:
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:  # a name may come to mean any address
        return False

"""Personal data: sealed under a key per data subject before an event exists, opened at the edge."""

from __future__ import annotations

import os
from base64 import urlsafe_b64decode, urlsafe_b64encode
from collections import OrderedDict
from collections.abc import Iterable
from hashlib import blake2b
from hmac import compare_digest
from typing import NamedTuple
from uuid import UUID

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from crm_es.log.keys import KeyStore

MARK = "~1."
CIPHERS_MAX = 20_000
_ID, _NONCE, _MAC = 16, 12, 16
_NONCES_DRAWN = 256


class Tampered(Exception):  # noqa: N818 - reads as what happened
    """A token does not open under its subject's key: it was changed or moved."""


class _Key(NamedTuple):
    cipher: AESGCM
    mac: bytes


class Sealer:
    """Seals and opens texts.

    A token is ``~1.`` and the base64 of
    subject (16) | event id (16) | nonce (12) | AES-256-GCM ciphertext and tag | MAC (16).

    Subject and event id are the associated data, so a token moved to another event or person does
    not open. The MAC, keyed BLAKE2b (RFC 7693), decides equality; its key is derived from the
    subject's own and dies with it.
    """

    def __init__(self, keys: KeyStore) -> None:
        self._keys = keys
        self._ciphers: OrderedDict[bytes, _Key] = OrderedDict()
        self._nonces: list[bytes] = []

    def seal(self, subject: UUID, event_id: bytes, text: str) -> str:
        """A token for one text. Creates the subject's key; Conflict if the subject is erased."""
        id, raw = subject.bytes, text.encode()
        key = self._key(id) or self._remember(id, self._keys.create(id))
        bound, nonce = id + event_id, self._nonces.pop() if self._nonces else self._nonce()
        sealed = key.cipher.encrypt(nonce, raw, bound)
        mac = blake2b(raw, key=key.mac, digest_size=_MAC).digest()
        return MARK + urlsafe_b64encode(bound + nonce + sealed + mac).decode()

    def _nonce(self) -> bytes:
        """Never used before. The system is asked for many at once: each call costs a microsecond.

        So a process that seals must not fork one that seals too.
        """
        drawn = os.urandom(_NONCE * _NONCES_DRAWN)
        self._nonces = [drawn[n : n + _NONCE] for n in range(0, len(drawn), _NONCE)]
        return self._nonces.pop()

    def open(self, token: str) -> str | None:
        """The text, or None once the subject is erased. Raises KeyMissing, Tampered."""
        raw = _raw(token)
        subject = raw[:_ID]
        key = self._key(subject)
        if key is None:
            self._keys.explain(subject)
            return None
        bound, nonce = raw[: 2 * _ID], raw[2 * _ID : 2 * _ID + _NONCE]
        try:
            return key.cipher.decrypt(nonce, raw[2 * _ID + _NONCE : -_MAC], bound).decode()
        except InvalidTag:
            raise Tampered(f"A token of subject {UUID(bytes=subject)} does not open.") from None

    def is_same(self, token: str | None, text: str | None) -> bool:
        """Whether a token seals this very text; never after its key is gone."""
        if token is None or text is None:
            return token is None and text is None
        raw = _raw(token)
        key = self._key(raw[:_ID])
        if key is None:
            return False
        mac = blake2b(text.encode(), key=key.mac, digest_size=_MAC).digest()
        return compare_digest(mac, raw[-_MAC:])

    def fetch(self, subjects: Iterable[bytes]) -> None:
        """Look the keys of some subjects up together, before they are needed one by one."""
        cold = [subject for subject in subjects if subject not in self._ciphers]
        if cold:
            self._keys.fetch(cold)

    def forget(self, subject: UUID) -> None:
        """Drop a destroyed key from memory."""
        self._ciphers.pop(subject.bytes, None)

    def refresh(self) -> None:
        """Drop all keys from memory if others have destroyed some: a reader's, before it opens."""
        if self._keys.has_lost():
            self._ciphers.clear()

    def _key(self, subject: bytes) -> _Key | None:
        found = self._ciphers.get(subject)
        if found is not None:
            return found
        secret = self._keys.find(subject)
        return None if secret is None else self._remember(subject, secret)

    def _remember(self, subject: bytes, secret: bytes) -> _Key:
        key = _Key(AESGCM(secret), blake2b(b"equality", key=secret, digest_size=32).digest())
        self._ciphers[subject] = key
        if len(self._ciphers) > CIPHERS_MAX:
            self._ciphers.popitem(last=False)
        return key


def is_token(value: object) -> bool:
    return isinstance(value, str) and value.startswith(MARK)


def subject_of(token: str) -> UUID:
    """The person a token is about."""
    return UUID(bytes=_raw(token)[:_ID])


def _raw(token: str) -> bytes:
    raw = urlsafe_b64decode(token[len(MARK) :])
    if not token.startswith(MARK) or len(raw) < 2 * _ID + _NONCE + 16 + _MAC:
        raise Tampered("This is no token.")
    return raw

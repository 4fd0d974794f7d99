"""Personal data: sealed for one event and one person, comparable, gone with the key."""

from __future__ import annotations

from base64 import urlsafe_b64decode, urlsafe_b64encode
from pathlib import Path
from uuid import UUID, uuid4

import pytest
from hypothesis import given
from hypothesis import strategies as st

from crm_es.errors import Conflict
from crm_es.log.keys import KeyMissing, KeyStore, master_key
from crm_es.log.sealing import MARK, Sealer, Tampered, is_token, subject_of

MASTER = bytes(32)
EVENT = bytes(range(16))


@pytest.fixture
def keys(tmp_path: Path) -> KeyStore:
    return KeyStore(tmp_path / "keys.sqlite", MASTER)


def test_a_text_comes_back_in_another_process(keys: KeyStore, tmp_path: Path) -> None:
    ann = uuid4()
    token = Sealer(keys).seal(ann, EVENT, "Ann 安")
    keys.flush()
    reader = KeyStore(tmp_path / "keys.sqlite", MASTER, is_reader=True)
    assert Sealer(reader).open(token) == "Ann 安"
    assert (is_token(token), subject_of(token)) == (True, ann)


@given(st.text(), st.text())
def test_tokens_of_equal_texts_differ_and_are_told_to_be_the_same(one: str, two: str) -> None:
    one, two = (text.encode("utf-8", "ignore").decode() for text in (one, two))
    sealer = Sealer(_in_memory())
    ann = UUID(int=7)
    token = sealer.seal(ann, EVENT, one)
    assert sealer.seal(ann, EVENT, one) != token
    assert sealer.is_same(token, one)
    assert sealer.is_same(token, two) == (one == two)


def _in_memory() -> KeyStore:
    return KeyStore(Path(":memory:"), MASTER)


def test_no_nonce_is_ever_used_twice() -> None:
    sealer, ann = Sealer(_in_memory()), UUID(int=7)
    tokens = [sealer.seal(ann, EVENT, "Ann") for _ in range(1_000)]
    nonces = {urlsafe_b64decode(token[len(MARK) :])[32:44] for token in tokens}
    assert len(nonces) == len(tokens)


def test_a_token_opens_for_its_own_event_and_person_only(keys: KeyStore) -> None:
    sealer, ann, bob = Sealer(keys), uuid4(), uuid4()
    token = sealer.seal(ann, EVENT, "Ann")
    sealer.seal(bob, EVENT, "Bob")
    raw = bytearray(urlsafe_b64decode(token[len(MARK) :]))
    for at in (20, 40, 50, len(raw) - 20):  # event id, nonce, text, tag
        changed = raw.copy()
        changed[at] ^= 1
        with pytest.raises(Tampered):
            sealer.open(MARK + urlsafe_b64encode(changed).decode())
    moved = bob.bytes + bytes(raw[16:])
    with pytest.raises(Tampered):
        sealer.open(MARK + urlsafe_b64encode(moved).decode())


def test_a_destroyed_key_seals_no_more_and_never_comes_back(keys: KeyStore) -> None:
    sealer, ann = Sealer(keys), uuid4()
    token = sealer.seal(ann, EVENT, "Ann")
    keys.flush()
    keys.destroy(ann.bytes)
    sealer.forget(ann)
    assert sealer.open(token) is None
    assert not sealer.is_same(token, "Ann")
    with pytest.raises(Conflict) as refusal:
        sealer.seal(ann, EVENT, "Ann")
    assert refusal.value.code == "subject.erased"


def test_a_missing_key_is_no_erasure(keys: KeyStore) -> None:
    sealer, ann = Sealer(keys), uuid4()
    token = sealer.seal(ann, EVENT, "Ann")
    with pytest.raises(KeyMissing):
        Sealer(_in_memory()).open(token)


def test_the_wrong_master_key_is_told_from_an_erasure(keys: KeyStore, tmp_path: Path) -> None:
    token = Sealer(keys).seal(uuid4(), EVENT, "Ann")
    keys.flush()
    with pytest.raises(KeyMissing):
        Sealer(KeyStore(tmp_path / "keys.sqlite", bytes([1]) * 32)).open(token)


def test_keys_are_never_stored_in_the_clear(keys: KeyStore, tmp_path: Path) -> None:
    secret = keys.create(uuid4().bytes)
    keys.flush()
    stored = b"".join(path.read_bytes() for path in tmp_path.iterdir())
    assert secret not in stored


def test_a_master_key_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    path = tmp_path / "master.key"
    made = master_key(path, create=True)
    assert master_key(path, create=True) == made == master_key(path)
    assert path.stat().st_mode & 0o077 == 0

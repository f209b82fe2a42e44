"""Which ciphers seal: the published vectors of SM4, our own format, both side by side, and what start-up says."""

from __future__ import annotations

from typing import Any

import pytest
from cryptography.exceptions import InvalidTag, UnsupportedAlgorithm
from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from backend import settings
from backend.settings import SettingsError
from backend.storage import KeyRing, sealing
from backend.storage.ciphers import CIPHERS, CipherName, Sm4Gcm, sm4_key
from backend.storage.sealing import Mark, SealBroken, read_mark

KEY, INDEX = bytes(range(32)), bytes(32)
CONTEXT = "marriage_parties.name_sealed:01890a5d-ac96-774b-bcce-b302099a8057"
BOTH = pytest.mark.parametrize("cipher", list(CIPHERS))

# GB/T 32907-2016, appendix A: one block, and the same block enciphered a million times over.
SM4_BLOCK = bytes.fromhex("0123456789abcdeffedcba9876543210")
SM4_ONCE = bytes.fromhex("681edf34d206965e86b3e94f536e4246")
SM4_A_MILLION_TIMES = bytes.fromhex("595298c7c6fd271f0402f804c33d3f66")

# RFC 8998, appendix A.1: SM4-GCM.
GCM_NONCE = bytes.fromhex("00001234567800000000abcd")
GCM_ADDED = bytes.fromhex("feedfacedeadbeeffeedfacedeadbeefabaddad2")
GCM_TEXT = b"".join(bytes([letter]) * 8 for letter in b"\xaa\xbb\xcc\xdd\xee\xff\xee\xaa")
GCM_CIPHERTEXT = bytes.fromhex(
    "17f399f08c67d5ee19d0dc9969c4bb7d5fd46fd3756489069157b282bb200735"
    "d82710ca5c22f0ccfa7cbf93d496ac15a56834cbcf98c397b4024a2691233b8d"
)
GCM_TAG = bytes.fromhex("83de3541e4c2b58177e065a9bf7b62ec")

# Our own format; a change here makes every database there is unreadable.
SEALED = {
    "aes-256-gcm": "01026b31000102030405060708090a0ba2be76ff7d6cc72948e83dda6ea2f882876c5ed2cc48",
    "sm4-gcm": "02026b31000102030405060708090a0b3837110b5250c16994ce09697ccce0c72f10c81c28c8",
}


def test_sm4_is_the_standards():
    encryptor = Cipher(algorithms.SM4(SM4_BLOCK), modes.ECB()).encryptor()
    block = encryptor.update(SM4_BLOCK)
    assert block == SM4_ONCE
    for _ in range(999_999):
        block = encryptor.update(block)
    assert block == SM4_A_MILLION_TIMES


def test_sm4_gcm_is_the_standards():
    cipher = Sm4Gcm(SM4_BLOCK)
    assert cipher.encrypt(GCM_NONCE, GCM_TEXT, GCM_ADDED) == GCM_CIPHERTEXT + GCM_TAG
    assert cipher.decrypt(GCM_NONCE, GCM_CIPHERTEXT + GCM_TAG, GCM_ADDED) == GCM_TEXT
    for wrong in (GCM_CIPHERTEXT + GCM_TAG[:-1], GCM_TAG[:4], b"", bytes(80)):
        with pytest.raises(InvalidTag):
            cipher.decrypt(GCM_NONCE, wrong, GCM_ADDED)


def test_sm4_has_a_key_of_its_own():
    derived = sm4_key(KEY)
    assert derived.hex() == "23fe9e36ba275964fe056420e01eb3d6"
    assert derived not in KEY
    assert sm4_key(KEY[:31] + b"\xff") != derived


@BOTH
def test_the_format_is_this_one(cipher: CipherName, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(sealing.os, "urandom", lambda count: bytes(range(count)))
    ring = KeyRing({"k1": KEY}, INDEX, cipher)
    assert ring.seal("张三", CONTEXT).hex() == SEALED[cipher]
    assert ring.open(bytes.fromhex(SEALED[cipher]), CONTEXT) == "张三"


@BOTH
def test_what_either_sealed_opens_whichever_is_chosen(cipher: CipherName):
    ring = KeyRing({"k2": bytes(32), "k1": KEY}, INDEX, cipher)
    assert {ring.open(bytes.fromhex(sealed), CONTEXT) for sealed in SEALED.values()} == {"张三"}


@BOTH
def test_a_value_says_how_it_was_sealed(cipher: CipherName):
    sealed = KeyRing({"k1": KEY}, INDEX, cipher).seal("x", "c")
    assert read_mark(sealed) == read_mark(sealed[:4]) == Mark(cipher, "k1")
    assert [read_mark(begin) for begin in (b"", sealed[:1], sealed[:3], b"\x00" + sealed[1:])] == [None] * 4


@BOTH
def test_altered_cut_and_moved_values_do_not_open(cipher: CipherName):
    ring = KeyRing({"k1": KEY}, INDEX, cipher)
    sealed = ring.seal("110105194912310029", "a")
    assert ring.open(sealed, "a") == "110105194912310029"
    for cut in range(len(sealed)):
        with pytest.raises(SealBroken):
            ring.open(sealed[:cut], "a")
    for place in range(len(sealed)):
        with pytest.raises(SealBroken):
            ring.open(sealed[:place] + bytes([sealed[place] ^ 3]) + sealed[place + 1 :], "a")
    with pytest.raises(SealBroken):
        ring.open(sealed, "b")


def test_start_up_takes_one_of_the_two(make_settings: Any):
    assert make_settings().field_cipher == "aes-256-gcm"
    assert make_settings(FIELD_CIPHER="sm4-gcm").field_cipher == "sm4-gcm"
    with pytest.raises(SettingsError, match="FIELD_CIPHER must be one of aes-256-gcm, sm4-gcm"):
        make_settings(FIELD_CIPHER="sm4")


def test_start_up_says_when_the_library_has_no_sm4(make_settings: Any, monkeypatch: pytest.MonkeyPatch):
    def unsupported(*_: object) -> None:
        raise UnsupportedAlgorithm("no SM4 here")

    monkeypatch.setattr(settings, "Cipher", unsupported)
    assert make_settings(FIELD_CIPHER="aes-256-gcm")
    with pytest.raises(SettingsError, match=r"FIELD_CIPHER .*without SM4"):
        make_settings(FIELD_CIPHER="sm4-gcm")


def test_a_library_without_sm4_still_opens_everything_else(monkeypatch: pytest.MonkeyPatch):
    def unsupported(*_: object) -> None:
        raise UnsupportedAlgorithm("no SM4 here")

    monkeypatch.setattr("backend.storage.ciphers.algorithms.SM4", unsupported)
    ring = KeyRing({"k1": KEY}, INDEX)
    assert ring.open(bytes.fromhex(SEALED["aes-256-gcm"]), CONTEXT) == "张三"
    with pytest.raises(SealBroken, match="without this cipher"):
        ring.open(bytes.fromhex(SEALED["sm4-gcm"]), CONTEXT)


def test_a_key_named_twice_is_refused(make_settings: Any):
    encoded = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8="
    assert make_settings(FIELD_KEYS=f"a:{encoded}").field_keys == {"a": KEY}
    with pytest.raises(SettingsError, match=r"FIELD_KEYS .*twice"):
        make_settings(FIELD_KEYS=f"a:{encoded},a:{encoded}")

"""References tell nothing, and sealed fields open only whole and with their key."""

import pytest
from cryptography.exceptions import InvalidTag

from shared.privacy import FieldCipher, Pseudonyms

CODE = "32999900001"


def test_one_person_has_one_reference_and_kinds_never_meet() -> None:
    names = Pseudonyms(b"secret")
    assert names.pupil_ref(CODE) == Pseudonyms(b"secret").pupil_ref(CODE)
    assert names.pupil_ref(CODE)[3:] != names.staff_ref(CODE)[3:]
    assert names.pupil_ref(CODE) != Pseudonyms(b"other").pupil_ref(CODE)
    assert CODE not in names.pupil_ref(CODE)


def test_a_sealed_name_opens_to_every_letter_and_looks_different_each_time() -> None:
    cipher = FieldCipher({1: bytes(32)})
    name = "Ģertrūde Šķēle-Ņikuļina"
    assert cipher.open(cipher.seal(name)) == name
    assert cipher.seal(name) != cipher.seal(name)
    assert name.encode() not in cipher.seal(name)


def test_a_new_key_seals_and_the_old_one_still_opens() -> None:
    old = FieldCipher({1: bytes(32)})
    both = FieldCipher({1: bytes(32), 2: bytes([1]) * 32})
    assert both.open(old.seal("x")) == "x"
    assert both.seal("x")[0] == 2


def test_what_was_tampered_with_does_not_open() -> None:
    cipher = FieldCipher({1: bytes(32)})
    sealed = bytearray(cipher.seal("x"))
    sealed[-1] ^= 1
    with pytest.raises(InvalidTag):
        cipher.open(bytes(sealed))

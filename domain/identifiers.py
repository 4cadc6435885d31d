"""Names that follow from content: the id of an alert, and the partition of a key. The same everywhere, for ever."""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha256
from typing import Final

_UINT32: Final = 0xFFFFFFFF
_MURMUR2_SEED: Final = 0x9747B28C
_MURMUR2_M: Final = 0x5BD1E995


def alert_id(rule_id: str, subject_key: str, episode: int) -> str:
    """First 32 hex digits of SHA-256 over ``rule_id|subject_key|episode`` (rules.md section 2)."""
    return sha256(f"{rule_id}|{subject_key}|{episode}".encode()).hexdigest()[:32]


def murmur2(data: bytes) -> int:
    """Kafka's hash of a key, as an unsigned 32-bit integer (the Java client's Utils.murmur2)."""
    length = len(data)
    h = _MURMUR2_SEED ^ length
    whole = length & ~3
    for at in range(0, whole, 4):
        k = int.from_bytes(data[at : at + 4], "little") * _MURMUR2_M & _UINT32
        k ^= k >> 24
        h = (h * _MURMUR2_M & _UINT32) ^ (k * _MURMUR2_M & _UINT32)
    if length > whole:
        h = (h ^ int.from_bytes(data[whole:], "little")) * _MURMUR2_M & _UINT32
    h ^= h >> 13
    h = h * _MURMUR2_M & _UINT32
    return h ^ (h >> 15)


# A deployment has some 3,000 regions and asks for each again and again; hashing costs 2 µs, looking up 0.1.
@lru_cache(maxsize=16_384)
def partition_of(key: bytes, partitions: int) -> int:
    """The partition of a key: (murmur2(key) & 0x7fffffff) mod N, the Java client's default (wire.md section 1)."""
    return (murmur2(key) & 0x7FFFFFFF) % partitions

"""A gateway's own key: made on first start, readable only by its owner, never leaves the machine."""

from __future__ import annotations

import os
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
    load_pem_private_key,
)

from coldchain.errors import ConfigError


def load_or_make(path: Path) -> Ed25519PrivateKey:
    """Return the private key in a PEM file, making file and key (mode 0600) when it is missing.

    Raises:
        ConfigError: the file holds something else.
    """
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        key = Ed25519PrivateKey.generate()
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        with os.fdopen(handle, "wb") as file:
            file.write(key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()))
            file.flush()
            os.fsync(file.fileno())
        return key
    try:
        key = load_pem_private_key(path.read_bytes(), None)  # type: ignore[assignment]
    except (ValueError, TypeError) as fault:
        raise ConfigError(f"{path}: not a private key in PEM form: {fault}") from fault
    if not isinstance(key, Ed25519PrivateKey):
        raise ConfigError(f"{path}: not an Ed25519 key; move it away and a new one is made")
    return key


def public_hex(key: Ed25519PrivateKey) -> str:
    """Return the public key as the registry writes it, 64 hex digits."""
    return key.public_key().public_bytes_raw().hex()

"""Ed25519 (RFC 8032) over the manifest's bytes; the manifest holds the hash of every other file."""

import base64
import hashlib
import os
import stat
from pathlib import Path
from typing import Any

import msgspec
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import serialization as forms
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from dashboards.report.document import MANIFEST, SIGNATURE, digest
from ioc.errors import ConfigError, FatalError


def make_key(file: Path) -> str:
    """Makes a private key that only its owner may read; gives the public one as PEM.

    Raises:
        ConfigError: the file is there already, or cannot be written.
    """
    key = Ed25519PrivateKey.generate()
    text = key.private_bytes(forms.Encoding.PEM, forms.PrivateFormat.PKCS8, forms.NoEncryption())
    try:
        descriptor = os.open(file, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except OSError as error:
        raise ConfigError(f"{file}: {error.strerror}; a key is never written over") from error
    with os.fdopen(descriptor, "wb") as out:
        out.write(text)
    return public_pem(key)


def public_pem(key: Ed25519PrivateKey) -> str:
    """The public key of a private one, as PEM."""
    return key.public_key().public_bytes(forms.Encoding.PEM, forms.PublicFormat.SubjectPublicKeyInfo).decode()


def read_key(file: Path | None) -> Ed25519PrivateKey:
    """The private key of the settings.

    Raises:
        ConfigError: there is none, others may read it, or it is no Ed25519 key.
    """
    if file is None:
        raise ConfigError("report.key_file is not set; `ioc report key FILE` makes a key")
    try:
        if file.stat().st_mode & (stat.S_IRWXG | stat.S_IRWXO):
            raise ConfigError(f"report.key_file {file}: others may read it; set its mode to 0600")
        key = forms.load_pem_private_key(file.read_bytes(), None)
    except (OSError, ValueError, TypeError, UnsupportedAlgorithm) as error:
        raise ConfigError(f"report.key_file {file}: {error}") from error
    if not isinstance(key, Ed25519PrivateKey):
        raise ConfigError(f"report.key_file {file}: not an Ed25519 key")
    return key


def key_id(key: Ed25519PublicKey) -> str:
    """A short name of a public key: 16 hexadecimal digits of its SHA-256."""
    raw = key.public_bytes(forms.Encoding.Raw, forms.PublicFormat.Raw)
    return hashlib.sha256(raw).hexdigest()[:16]


def signature(key: Ed25519PrivateKey, manifest: bytes) -> bytes:
    """The signature file of a manifest: algorithm, name of the key, signature."""
    signed = base64.b64encode(key.sign(manifest)).decode()
    return msgspec.json.encode({"algorithm": "Ed25519", "key": key_id(key.public_key()), "signature": signed})


def verify(files: dict[str, bytes], public: str) -> dict[str, Any]:
    """Holds a report's files against its manifest and its signature; gives the manifest.

    Raises:
        FatalError: a file is missing, beyond the manifest or changed, or the signature is not of that key; the message says which.
        ConfigError: `public` is no Ed25519 public key in PEM.
    """
    try:
        key = forms.load_pem_public_key(public.encode())
    except (ValueError, UnsupportedAlgorithm) as error:
        raise ConfigError(f"the public key is not PEM: {error}") from error
    if not isinstance(key, Ed25519PublicKey):
        raise ConfigError("the public key is not an Ed25519 key")
    for name in (MANIFEST, SIGNATURE):
        if name not in files:
            raise FatalError(f"{name} is missing")
    try:
        said = msgspec.json.decode(files[SIGNATURE])
        key.verify(base64.b64decode(said["signature"], validate=True), files[MANIFEST])
        manifest: dict[str, Any] = msgspec.json.decode(files[MANIFEST])
        listed = {one["name"]: one["sha256"] for one in manifest["files"]}
    except InvalidSignature:
        raise FatalError(f"{SIGNATURE} is not of key {key_id(key)} over this {MANIFEST}") from None
    except (msgspec.DecodeError, KeyError, TypeError, ValueError) as error:
        raise FatalError(f"{MANIFEST} or {SIGNATURE} cannot be read: {error}") from error
    wrong = [f"{name} is missing" for name in listed if name not in files]
    wrong += [f"{name} was changed" for name in listed if name in files and digest(files[name]) != listed[name]]
    wrong += [f"{name} is not in the manifest" for name in files if name not in {*listed, MANIFEST, SIGNATURE}]
    if wrong:
        raise FatalError("; ".join(sorted(wrong)))
    return manifest

"""Where a store lies: a file of SQLite, memory, or a database of PostgreSQL."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path

from sqlalchemy import URL, make_url
from sqlalchemy.exc import ArgumentError

from agent.errors import StoreError

MEMORY = Path(":memory:")
DRIVER = "postgresql+psycopg"
MOUNTS = Path("/proc/mounts")  # Linux has it; elsewhere no file system is known to be remote

# WAL needs memory that all who use the file share, which a network can't give.
_REMOTE = re.compile(
    r"nfs\d?|cifs|smb\d?|smbfs|9p|afs|ceph|lustre|gpfs|beegfs|ncpfs|coda|gfs2|ocfs2|davfs"
    r"|fuse\.(sshfs|glusterfs|ceph.*|s3fs|rclone|davfs.*|gcsfuse|smbnetfs|curlftpfs|lustre|juicefs)"
)
_OCTAL = re.compile(r"\\([0-7]{3})")


@dataclass(frozen=True, slots=True)
class Place:
    """Where a store lies. name: for messages, without user and password. path: of SQLite's file.

    secret: the password, to be struck out of what a server says.
    """

    url: URL
    name: str
    path: Path | None = None
    secret: str = field(default="", repr=False)

    @property
    def in_memory(self) -> bool:
        """Whether it ends with the process."""
        return self.path == MEMORY


def read_place(place: Path | str) -> Place:
    """Return what a path, or a text that is a path or an address, stands for.

    Raises:
        StoreError: it's an address, but not one of PostgreSQL.
    """
    if isinstance(place, str) and "://" in place:
        return _server(place)
    path = Path(place)
    if path != MEMORY:
        path = path.expanduser().absolute()
    return Place(URL.create("sqlite", database=str(path)), str(path), path)


def _server(address: str) -> Place:
    form = f"{DRIVER}://USER:PASSWORD@HOST/DATABASE"
    try:
        url = make_url(address)
    except (ArgumentError, ValueError):
        raise StoreError(f"the address of the store can't be read: write it as {form}") from None
    if url.drivername != DRIVER or not url.database:
        raise StoreError(f"the store's address must be a path, or {form}")
    if "@" in (url.host or "") or "/" in url.database:
        raise StoreError(
            "the address of the store can't be read: in its password write @ as %40 and / as %2F"
        )
    port = f":{url.port}" if url.port else ""
    secret = url.password or str(url.query.get("password", ""))
    return Place(url, f"postgresql://{url.host or 'localhost'}{port}/{url.database}", None, secret)


def remote_type(path: Path, mounts: str) -> str | None:
    r"""Return the type of the network file system that a path lies on, None for a local one.

    mounts: as in /proc/mounts, where a blank in a path is \040.

    >>> remote_type(Path("/home/ann/s.db"), "/dev/sda / ext4 rw\nfiles:/home /home nfs4 rw\n")
    'nfs4'
    """
    best, kind = -1, ""
    for line in mounts.splitlines():
        _, point, found, *_ = [*line.split(), "", "", ""]
        mount = Path(_OCTAL.sub(lambda match: chr(int(match[1], 8)), point) or "/")
        if found and path.is_relative_to(mount) and len(mount.parts) >= best:
            best, kind = len(mount.parts), found
    return kind if _REMOTE.fullmatch(kind) else None


def check_local(path: Path) -> None:
    """Check that a file lies on this machine.

    Raises:
        StoreError: it lies on a network file system.
    """
    try:
        mounts = MOUNTS.read_text(encoding="utf-8", errors="replace")
    except OSError:
        return
    if kind := remote_type(path.resolve(), mounts):
        raise StoreError(
            f"{path} lies on a network file system ({kind}), where SQLite loses data: set "
            f"SAYSO_STORE to a file on this machine, or to {DRIVER}://… to share it"
        )

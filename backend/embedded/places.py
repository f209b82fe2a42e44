"""Where our servers keep their files, and whether the user they run as can get there.

PostgreSQL refuses to run as root. When we are root it therefore runs as the system's `nobody` (or as the owner of data
that an ordinary user made earlier). That user may be unable to enter a directory such as /root, in which the project or
the data directory may lie. We never loosen permissions of directories that are not ours: whatever cannot be reached is
put under `shelter()` instead, and DATA_DIR keeps a symbolic link to it.
"""

from __future__ import annotations

import fcntl
import os
import pwd
import re
import shutil
import stat
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from backend.embedded import texts
from backend.embedded.errors import AlreadyRunning, EmbeddedServerError
from backend.embedded.processes import SystemUser

# A Unix socket's path holds 107 bytes on Linux, 103 on macOS; the file's own name comes on top of the directory.
_LONGEST_SOCKET_DIR = 80
# Anything else would need quoting, each time differently, in server options, connection URLs and clients.
_PLAIN_PATH = re.compile(r"[A-Za-z0-9/._-]+")
_PRIVATE, _PASS_THROUGH = 0o700, 0o711
_ROOT = 0


def prepare_data_dir(data_dir: Path) -> Path:
    """Make DATA_DIR with its `run` and `logs`; return its absolute path. Raises `EmbeddedServerError`.

    A DATA_DIR that root makes may be passed through, but not listed, by the database's user.
    """
    data_dir = data_dir.absolute()
    try:
        if not data_dir.exists():
            data_dir.mkdir(parents=True)
            data_dir.chmod(_PASS_THROUGH if os.geteuid() == _ROOT else _PRIVATE)
        for name in ("run", "logs"):
            (data_dir / name).mkdir(mode=_PRIVATE, exist_ok=True)
            if not os.access(data_dir / name, os.W_OK | os.X_OK):
                raise PermissionError(name)
    except OSError as error:
        raise EmbeddedServerError(texts.UNWRITABLE.format(data_dir=data_dir)) from error
    return data_dir


@contextmanager
def temporary_data_dir() -> Iterator[Path]:
    """A data directory that is removed at the end and that our servers can reach also when root starts them."""
    path = Path(tempfile.mkdtemp(prefix="nuanmin-"))
    path.chmod(_PASS_THROUGH if os.geteuid() == _ROOT else _PRIVATE)
    try:
        yield path
    finally:
        link = path / "postgres"
        if link.is_symlink():
            shutil.rmtree(link.resolve(), ignore_errors=True)
        shutil.rmtree(path, ignore_errors=True)


class Lock:
    """Keeps a second starter out of DATA_DIR; the kernel lets go when we end, however we end."""

    def __init__(self, data_dir: Path, name: str) -> None:
        self._data_dir = data_dir
        self._path = data_dir / "run" / f"{name}.lock"
        self._descriptor: int | None = None

    def acquire(self) -> None:
        """Take the lock. Raises `AlreadyRunning` with the holder's process number."""
        descriptor = os.open(self._path, os.O_RDWR | os.O_CREAT, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            holder = os.read(descriptor, 20).decode("ascii", "replace").strip() or "?"
            os.close(descriptor)
            raise AlreadyRunning(texts.ALREADY_RUNNING.format(data_dir=self._data_dir, pid=holder)) from None
        os.ftruncate(descriptor, 0)
        os.write(descriptor, f"{os.getpid()}\n".encode("ascii"))
        self._descriptor = descriptor

    def release(self) -> None:
        """Let go; harmless when not held. The file stays, for removing it would race with another starter."""
        if self._descriptor is not None:
            os.close(self._descriptor)
            self._descriptor = None


def database_user(existing: Path) -> SystemUser | None:
    """Whom PostgreSQL runs as: None (as we do) unless we are root; then the owner of `existing` data, else nobody.

    Raises `EmbeddedServerError` when root cannot become another user here.
    """
    if os.geteuid() != _ROOT:
        return None
    try:
        owner = existing.stat()
        if owner.st_uid != _ROOT:
            return SystemUser(owner.st_uid, owner.st_gid)
    except FileNotFoundError:
        pass  # nothing has been made yet
    try:
        entry = pwd.getpwnam("nobody")
    except KeyError as error:
        raise EmbeddedServerError(texts.CANNOT_CHANGE_USER) from error
    user = SystemUser(entry.pw_uid, entry.pw_gid)
    if not _test_as(user, "-r", Path("/")):
        raise EmbeddedServerError(texts.CANNOT_CHANGE_USER)
    return user


def reachable(path: Path, user: SystemUser | None, *, writable: bool = False) -> bool:
    """Whether `user` can read `path` (or write to it). Asked of the kernel by trying it, not worked out from modes."""
    if user is None:
        return os.access(path, os.W_OK if writable else os.R_OK)
    return _test_as(user, "-w" if writable else "-r", path)


def _test_as(user: SystemUser, question: str, path: Path) -> bool:
    """`test -r`, `-w` or `-x` of a path, by a process that runs as `user`; /bin/sh is where every user can get to."""
    argv = ["/bin/sh", "-c", 'test "$1" "$2"', "sh", question, str(path)]
    try:
        finished = subprocess.run(argv, user=user.uid, group=user.gid, extra_groups=[], cwd="/", check=False)
    except PermissionError:  # a container that may not change users
        return False
    return finished.returncode == 0


def give_to(path: Path, user: SystemUser | None) -> None:
    """Make a directory of ours private to `user`."""
    if user is not None:
        os.chown(path, user.uid, user.gid)
    path.chmod(_PRIVATE)


def private_place(link: Path, user: SystemUser | None, *, lasting: bool) -> Path:
    """A directory at `link` that only `user` can enter; return where it really is.

    When `user` cannot get to `link` the directory is made under `shelter()` and `link` becomes a symbolic link to it,
    so that the data is found again, and removing DATA_DIR starts afresh as it does elsewhere.
    """
    if link.is_symlink() and not link.exists():
        link.unlink()  # what it led to has been removed
    if not link.exists():
        link.mkdir()
        give_to(link, user)
        if not reachable(link, user, writable=True):
            link.rmdir()
            link.symlink_to(_sheltered(user, link, lasting=lasting))
    place = link.resolve()
    if not reachable(place, user, writable=True):
        raise EmbeddedServerError(texts.NO_SHELTER.format(path=link))
    return place


def _sheltered(user: SystemUser | None, wanted: Path, *, lasting: bool) -> Path:
    place = Path(tempfile.mkdtemp(prefix="data-", dir=shelter(user, wanted, lasting=lasting)))
    give_to(place, user)
    return place


def shelter(user: SystemUser | None, wanted: Path, *, lasting: bool) -> Path:
    """A directory of root's that `user` can pass through, for what it cannot reach at `wanted`.

    /var/lib survives a restart of the machine; data that need not last goes to the directory for temporary files.
    Raises `EmbeddedServerError` when there is none.
    """
    candidates = [Path("/var/lib/nuanmin"), *(base / "nuanmin-root" for base in _temporary_dirs())]
    if not lasting:
        candidates = [*candidates[1:], candidates[0]]
    for candidate in candidates:
        with suppress(OSError):
            candidate.mkdir(mode=_PASS_THROUGH, exist_ok=True)
            # In a directory open to everybody another user may have made it first.
            found = candidate.lstat()
            if not stat.S_ISDIR(found.st_mode) or found.st_uid != os.geteuid() or found.st_mode & 0o022:
                continue
            candidate.chmod(_PASS_THROUGH)  # ours; the umask may have been stricter
            if user is None or _test_as(user, "-x", candidate):
                return candidate
    raise EmbeddedServerError(texts.NO_SHELTER.format(path=wanted))


def _temporary_dirs() -> list[Path]:
    return list(dict.fromkeys([Path(tempfile.gettempdir()), Path("/tmp"), Path("/var/tmp")]))  # noqa: S108 (checked)


def short_enough(directory: Path) -> bool:
    """Whether a socket in `directory` has a path that every client can be told without quoting."""
    text = str(directory)
    return len(text) <= _LONGEST_SOCKET_DIR and _PLAIN_PATH.fullmatch(text) is not None


class SocketDirectory:
    """Where one server's socket lies: in its own place, or in a private temporary directory if that path is long."""

    def __init__(self, preferred: Path, user: SystemUser | None = None) -> None:
        self._temporary = not short_enough(preferred)
        self.path = _temporary_socket_dir(user) if self._temporary else preferred
        self.path.mkdir(mode=_PRIVATE, exist_ok=True)
        give_to(self.path, user)

    def remove(self) -> None:
        """Remove a temporary directory; one in its own place stays."""
        if self._temporary:
            shutil.rmtree(self.path, ignore_errors=True)


def _temporary_socket_dir(user: SystemUser | None) -> Path:
    for base in _temporary_dirs():
        if not short_enough(base / "nuanmin-12345678"):
            continue
        with suppress(OSError):
            path = Path(tempfile.mkdtemp(prefix="nuanmin-", dir=base))
            give_to(path, user)
            if reachable(path, user, writable=True):
                return path
            path.rmdir()
    raise EmbeddedServerError(texts.NO_SHORT_PATH)


def fresh_log(data_dir: Path, name: str) -> Path:
    """DATA_DIR/logs/<name>.log, not there yet; the one of the run before is kept as <name>.log.1."""
    log = data_dir / "logs" / f"{name}.log"
    if log.exists():
        log.replace(log.with_name(f"{name}.log.1"))
    return log


def tail(log: Path, lines: int = 20) -> str:
    """The last lines of a log, for an error message."""
    try:
        return "\n".join(log.read_text(encoding="utf-8", errors="replace").splitlines()[-lines:])
    except FileNotFoundError:
        return ""

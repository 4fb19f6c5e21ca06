"""`tollbooth backup`, `restore` and `check` take the uploaded files along."""

from pathlib import Path
from typing import Any

import pytest

from tests.conftest import ON_POSTGRESQL, Corp
from tests.families.uploads import download, image_url, media_id, png
from tests.server.test_backup import done, failed, run, url_of
from wecom_tollbooth.backup import files

pytestmark = pytest.mark.skipif(ON_POSTGRESQL, reason="about a file of SQLite")


@pytest.fixture
def database(tmp_path: Path) -> Path:
    (tmp_path / "world").mkdir()
    return tmp_path / "world" / "world.db"


def contents(folder: Path) -> set[bytes]:
    return {(folder / name).read_bytes() for name in files.names_in(folder)}


def folder_of(file: Path) -> Path:
    return file.with_name(f"{file.name}.files")


def test_a_backup_and_its_restore_have_the_files(start_server: Any, database: Path, tmp_path: Path) -> None:
    server = start_server(database_url=url_of(database))
    corp = server.make_corp()
    first = media_id(corp.client())
    backup = tmp_path / "backup.db"
    done("backup", str(backup), url=url_of(database))
    assert contents(folder_of(backup)) == {png()}
    image_url(corp.client(), png(8, 8))
    server.stop()

    done("restore", str(backup), url=url_of(database))
    assert contents(folder_of(database)) == {png()}
    (aside,) = database.parent.glob("world.replaced-*Z.db")
    assert contents(folder_of(aside)) == {png(), png(8, 8)}, "beside the database that was replaced"
    assert "上传的文件 Uploaded files  正常 ok" in done("check", url=url_of(aside))
    again = start_server(database_url=url_of(database))
    restored = Corp(again, again.sim.get(f"/corps/{corp.corpid}").json())
    assert download(restored.client(), first).content == png()


def test_an_overwritten_backup_has_the_files_of_the_new_one(
    start_server: Any, database: Path, tmp_path: Path
) -> None:
    server = start_server(database_url=url_of(database))
    corp, other = server.make_corp(), server.make_corp()
    media_id(corp.client())
    backup = tmp_path / "backup.db"
    done("backup", str(backup), url=url_of(database))
    media_id(other.client(), "image", png(7, 7))
    server.sim.delete(f"/corps/{corp.corpid}").raise_for_status()
    done("backup", str(backup), "--overwrite", url=url_of(database))
    assert contents(folder_of(backup)) == {png(7, 7)}


def test_a_failed_backup_leaves_the_files_of_the_one_that_was_there(
    start_server: Any, database: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    server = start_server(database_url=url_of(database))
    wecom = server.make_corp().client()
    media_id(wecom)
    backup = tmp_path / "backup.db"
    done("backup", str(backup), url=url_of(database))
    media_id(wecom, "image", png(7, 7))

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr("wecom_tollbooth.backup.copies.shutil.copymode", full)
        assert "make room" in failed("backup", str(backup), "--overwrite", url=url_of(database))
        assert "make room" in failed("backup", str(tmp_path / "new.db"), url=url_of(database))
    assert contents(folder_of(backup)) == {png()}
    assert {path.name for path in tmp_path.iterdir()} == {"world", "backup.db", "backup.db.files"}


def test_a_database_without_files_is_backed_up_without_a_folder(
    start_server: Any, database: Path, tmp_path: Path
) -> None:
    start_server(database_url=url_of(database)).make_corp()
    done("backup", str(tmp_path / "backup.db"), url=url_of(database))
    assert not folder_of(tmp_path / "backup.db").exists()


def test_a_backup_whose_files_are_gone_is_not_restored(
    start_server: Any, database: Path, tmp_path: Path
) -> None:
    server = start_server(database_url=url_of(database))
    media_id(server.make_corp().client())
    backup = tmp_path / "backup.db"
    done("backup", str(backup), url=url_of(database))
    server.stop()
    folder_of(backup).rename(tmp_path / "elsewhere")
    assert "1 of the 1 uploaded files of the backup are not there" in failed(
        "restore", str(backup), url=url_of(database)
    )
    assert contents(folder_of(database)) == {png()}


def test_a_check_names_files_that_are_missing_or_damaged(start_server: Any, database: Path) -> None:
    server = start_server(database_url=url_of(database))
    wecom = server.make_corp().client()
    ids = [media_id(wecom, "image", png(size, size)) for size in (2, 3, 4)]
    folder = folder_of(database)
    by_content = {(folder / name).read_bytes(): folder / name for name in files.names_in(folder)}
    by_content[png(2, 2)].unlink()
    by_content[png(3, 3)].write_bytes(b"short")
    damaged = bytearray(png(4, 4))
    damaged[20] ^= 1
    by_content[png(4, 4)].write_bytes(damaged)
    told = run("check", url=url_of(database))
    assert told.exit_code == 1
    assert "上传的文件 Uploaded files  3 处问题 faults" in told.stdout
    for uploaded, what in zip(ids, ("can't be read", "has 5 bytes", "is damaged"), strict=True):
        assert f"the file of {uploaded} {what}" in told.stdout

"""The folder: what keeps a file, what removes it, and what a killed process leaves."""

import socket
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
import sqlalchemy as sa

from tests.conftest import ON_POSTGRESQL, RunningServer, WeCom
from tests.families.uploads import download, files_of, image_url, media_id, png
from wecom_tollbooth.db import run_slices
from wecom_tollbooth.families.media.files_in_use import removing_orphans
from wecom_tollbooth.families.media.tables import DROPPED_FILE, MEDIA, MEDIA_ADDRESS
from wecom_tollbooth.files import FilesFolder, IncomingFile
from wecom_tollbooth.files.incoming import BLOCK_BYTES
from wecom_tollbooth.main import create_app
from wecom_tollbooth.settings import Settings, WrongSetting


@pytest.fixture
def own(start_server: Any, tmp_path: Path) -> RunningServer:
    started: RunningServer = start_server(files=str(tmp_path / "files"))
    return started


def temporary_of(server: RunningServer) -> list[Path]:
    return list((server.server.files.path / "incoming").iterdir())


def test_a_file_stays_until_its_last_corp_is_deleted(own: RunningServer) -> None:
    first, second = own.make_corp().client(), own.make_corp().client()
    media_id(first)
    image_url(first)
    uploaded = media_id(second)
    assert len(files_of(first)) == 1
    own.sim.delete(f"/corps/{first.corp.corpid}").raise_for_status()
    assert download(second, uploaded).content == png()
    own.sim.delete(f"/corps/{second.corp.corpid}").raise_for_status()
    assert files_of(first) == set()
    with own.server.database.transaction() as tx:
        for table in (MEDIA, MEDIA_ADDRESS, DROPPED_FILE):
            assert tx.execute(sa.select(sa.func.count()).select_from(table)).scalar() == 0


def test_an_upload_that_is_cut_off_leaves_nothing(own: RunningServer) -> None:
    wecom = own.make_corp().client()
    media_id(wecom)  # the folder exists
    address = urlsplit(own.base_url)
    head = (
        f"POST /cgi-bin/media/upload?type=file&access_token={wecom.token} HTTP/1.1\r\nHost: x\r\n"
        "Content-Type: multipart/form-data; boundary=sep\r\nContent-Length: 2000000\r\n\r\n"
        '--sep\r\nContent-Disposition: form-data; name="media"; filename="a"\r\n\r\n'
    )
    with socket.create_connection((address.hostname, address.port)) as connection:
        connection.sendall(head.encode() + bytes(600_000))
        while not temporary_of(own):
            httpx.get(f"{own.base_url}/_sim/health")
    while temporary_of(own):
        httpx.get(f"{own.base_url}/_sim/health")
    assert len(files_of(wecom)) == 1
    assert len(wecom.corp.sim("calls")["calls"]) == 2, "gettoken and the first upload"


def test_what_a_killed_process_left_is_removed_and_what_is_in_use_stays(own: RunningServer) -> None:
    wecom = own.make_corp().client()
    uploaded = media_id(wecom)
    files = own.server.files
    (files.path / ("0" * 64)).write_bytes(b"kept, and no row was committed")
    (files.path / "incoming" / "incoming-old").write_bytes(b"half a")
    (files.path / "notes.txt").write_bytes(b"somebody's own")
    arriving = files.new()
    arriving.write(b"123456")
    run_slices(own.server.database, removing_orphans(files))
    assert download(wecom, uploaded).content == png()
    assert not files.has("0" * 64)
    assert (files.path / "notes.txt").exists()
    assert temporary_of(own) == [arriving.path], "another worker's upload goes on"
    arriving.finish()
    arriving.keep()
    arriving.close()
    assert (files.has(arriving.sha256), temporary_of(own)) == (True, [])


def test_a_row_whose_file_was_removed_in_between_gets_it_again(own: RunningServer) -> None:
    """Between the file and its row, another worker may start, and take the file for an orphan."""
    wecom = own.make_corp().client()
    files = own.server.files
    kept = files.has

    def removed_meanwhile(name: str) -> bool:
        return kept(name)

    file = files.new()
    file.write(b"123456")
    file.finish()
    file.keep()
    run_slices(own.server.database, removing_orphans(files))
    assert not removed_meanwhile(file.sha256)
    file.keep()
    assert files.has(file.sha256)
    file.close()
    assert wecom


def test_a_folder_without_links_gets_copies(own: RunningServer, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: object) -> None:
        raise PermissionError("no links here")

    monkeypatch.setattr("os.link", refuse)
    wecom = own.make_corp().client()
    assert download(wecom, media_id(wecom)).content == png()
    assert temporary_of(own) == []


def test_a_full_disk_answers_minus_one_and_leaves_nothing(
    own: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    wecom = own.make_corp().client()
    media_id(wecom)

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    for name in ("write", "finish", "keep"):
        with monkeypatch.context() as patch:
            patch.setattr(f"wecom_tollbooth.files.incoming.IncomingFile.{name}", full)
            answer = wecom.http.post(
                "media/uploadimg", params={"access_token": wecom.token}, files={"media": png(9, 9)}
            )
        assert answer.json()["errcode"] == -1, name
    assert (len(files_of(wecom)), temporary_of(own)) == (1, [])
    media_id(wecom)


@pytest.mark.skipif(ON_POSTGRESQL, reason="of SQLite")
def test_the_folder_is_beside_the_database_and_made_with_the_first_file(start_server: Any) -> None:
    server = start_server()
    beside = Path(f"{server.settings.sqlite_file}.files").resolve()
    assert server.server.files.path == beside
    assert not beside.exists()
    media_id(server.make_corp().client())
    assert len(list(server.server.files.names())) == 1
    assert beside.is_dir()


def test_a_database_in_memory_has_a_folder_that_goes_with_it(start_server: Any) -> None:
    server = start_server(database_url="sqlite:///:memory:")
    wecom = server.make_corp().client()
    assert not server.server.files.exists, "before the first file"
    assert download(wecom, media_id(wecom)).content == png()
    folder = server.server.files.path
    assert folder.is_dir()
    server.stop()
    assert not folder.exists()


def test_a_folder_of_another_database_is_refused(own: RunningServer, databases: Any, tmp_path: Path) -> None:
    media_id(own.make_corp().client())
    url = databases.new_url()
    with pytest.raises(WrongSetting, match="holds the files of the database"):
        create_app(Settings(database_url=url, files=str(tmp_path / "files")))
    databases.remove(url)
    assert FilesFolder(own.settings).refuse_foreign() is None  # type: ignore[func-returns-value]


def test_a_file_is_written_in_blocks_while_it_arrives(
    own: RunningServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The small case of test_large_uploads.py."""
    blocks: list[int] = []
    write = IncomingFile.write

    def noting(file: IncomingFile, data: Any) -> None:
        blocks.append(len(data))
        write(file, data)

    monkeypatch.setattr(IncomingFile, "write", noting)
    media_id(own.make_corp().client(), "file", bytes(3_000_000))
    assert sum(blocks) == 3_000_000
    assert max(blocks) < 2 * BLOCK_BYTES


def test_uploads_of_one_content_among_deletions_keep_its_file(own: RunningServer) -> None:
    """Whoever removes the last reference must not take the file from somebody who has just got it."""
    content = png(12, 12)
    kept: list[tuple[WeCom, str]] = []

    def upload_and_delete(_: int) -> None:
        for round_ in range(2):
            wecom = own.make_corp().client()
            uploaded = media_id(wecom, "image", content)
            if round_ == 1:
                kept.append((wecom, uploaded))
            else:
                own.sim.delete(f"/corps/{wecom.corp.corpid}").raise_for_status()

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(upload_and_delete, range(4)))
    for wecom, uploaded in kept:
        assert download(wecom, uploaded).content == content
    for wecom, _ in kept:
        own.sim.delete(f"/corps/{wecom.corp.corpid}").raise_for_status()
    assert (files_of(kept[0][0]), temporary_of(own)) == (set(), [])

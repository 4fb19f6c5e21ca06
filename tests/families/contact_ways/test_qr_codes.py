"""「联系我」: the QR code and page of a contact way, and what SDKs make of them."""

import asyncio
import struct
import zlib
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx
import pytest
import segno
from wechatpy.enterprise import WeChatClient
from wechatpy.exceptions import WeChatClientException
from wecom_crm_mcp.client import WecomClient
from wecom_crm_mcp.config import WecomConfig
from wecom_crm_mcp.exceptions import WecomAPIError
from wecom_crm_mcp.modules.contact_way import ContactWayModule

from tests.conftest import Corp, WeCom
from tests.families.contact_ways.ways import LINK, add_way, delete_errcode, new_way
from tests.families.factories import act

# --- the QR code -----------------------------------------------------------------------------------------


def modules_of(png: bytes) -> tuple[int, list[list[int]]]:
    """Returns the side of the image in pixels and the dark modules of its code, without the quiet zone."""
    assert png[:8] == b"\x89PNG\r\n\x1a\n"
    width, height, depth, colour = struct.unpack(">IIBB", png[16:26])
    assert (width, depth, colour) == (height, 8, 0)
    data, place = b"", 8
    while place < len(png):
        (size,) = struct.unpack(">I", png[place : place + 4])
        if png[place + 4 : place + 8] == b"IDAT":
            data += png[place + 8 : place + 8 + size]
        place += size + 12
    raw = zlib.decompress(data)
    lines = [raw[row * (width + 1) + 1 : (row + 1) * (width + 1)] for row in range(height)]
    top = next(row for row, line in enumerate(lines) if 0 in line)
    left = lines[top].index(0)
    # The finder pattern in the corner is seven dark modules wide.
    scale = next(column for column in range(left, width) if lines[top][column]) - left
    assert scale % 7 == 0
    scale //= 7
    count = (width - 2 * left) // scale
    return width, [
        [int(lines[top + row * scale][left + column * scale] == 0) for column in range(count)]
        for row in range(count)
    ]


def test_the_qr_code_is_an_image_that_links_to_the_contact_ways_page(corp: Corp, wecom: WeCom) -> None:
    reply = add_way(wecom)
    answer = httpx.get(reply["qr_code"])
    assert (answer.status_code, answer.headers["content-type"]) == (200, "image/png")
    width, modules = modules_of(answer.content)
    assert width == 400
    page = f"{corp.server.base_url}/_sim/scan/contact_way/{corp.corpid}/{reply['config_id']}"
    assert modules == [list(row) for row in segno.make(page, error="m", micro=False).matrix]
    shown = httpx.get(page)
    assert shown.status_code == 200
    assert shown.headers["content-type"].startswith("text/html")
    assert "演示企业" in shown.text
    assert f'{{"act": "scan_contact_way", "config_id": "{reply["config_id"]}"}}' in shown.text
    assert f"{corp.server.base_url}/_sim/corps/{corp.corpid}/acts" in shown.text


def test_each_contact_way_has_its_own_qr_code(wecom: WeCom) -> None:
    first, second = (httpx.get(add_way(wecom)["qr_code"]).content for _ in range(2))
    assert modules_of(first) != modules_of(second)


def test_the_qr_code_links_to_the_host_that_was_called(corp: Corp, wecom: WeCom) -> None:
    config_id = new_way(wecom)
    answer = httpx.post(
        f"{corp.server.base_url}/cgi-bin/externalcontact/get_contact_way",
        params={"access_token": wecom.token},
        json={"config_id": config_id},
        headers={"Host": "wecom.example:9000"},
    )
    qr_code = answer.json()["contact_way"]["qr_code"]
    assert qr_code.startswith("http://wecom.example:9000/_sim/qr/400/")
    image = httpx.get(
        f"{corp.server.base_url}{urlsplit(qr_code).path}", headers={"Host": "wecom.example:9000"}
    )
    page = f"http://wecom.example:9000/_sim/scan/contact_way/{corp.corpid}/{config_id}"
    assert modules_of(image.content)[1] == [
        list(row) for row in segno.make(page, error="m", micro=False).matrix
    ]


def test_the_address_is_as_short_as_wecoms(corp: Corp, wecom: WeCom) -> None:
    """A product keeps it in a column of 128 characters."""
    answer = httpx.post(
        f"{corp.server.base_url}/cgi-bin/externalcontact/add_contact_way",
        params={"access_token": wecom.token},
        json={"type": 1, "scene": 2, "user": ["zhangsan"]},
        headers={"Host": "qyapi.weixin.qq.com"},
    )
    assert len(answer.json()["qr_code"].replace("http://", "https://")) <= 110


def test_the_page_says_when_a_contact_way_is_no_longer_valid(corp: Corp, wecom: WeCom) -> None:
    config_id = new_way(wecom)
    delete_errcode(wecom, config_id)
    pages = f"{corp.server.base_url}/_sim/scan/contact_way"
    for place in (f"{corp.corpid}/{config_id}", f"{corp.corpid}/%00", "ww0/x"):
        answer = httpx.get(f"{pages}/{place}")
        assert answer.status_code == 404
        assert "已失效" in answer.text


def test_the_page_needs_no_admin_token(start_server: Any) -> None:
    server = start_server(admin_token="secret")
    server.sim.headers["Authorization"] = "Bearer secret"
    corp = server.make_corp(seed="demo", name="<b>店</b>")
    config_id = new_way(corp.client())
    answer = httpx.get(f"{server.base_url}/_sim/scan/contact_way/{corp.corpid}/{config_id}")
    assert answer.status_code == 200
    assert "&lt;b&gt;店" in answer.text
    assert httpx.get(f"{server.base_url}/_sim/corps/{corp.corpid}/temp_chats").status_code == 401


# --- SDKs ------------------------------------------------------------------------------------------------


def test_wechatpy_manages_contact_ways(corp: Corp, wecom: WeCom) -> None:
    client = WeChatClient(corp.corpid, corp.apps[0]["secret"], wecom.token, auto_retry=False)
    client.API_BASE_URL = f"{corp.server.base_url}/cgi-bin/"
    contacts = client.external_contact
    config_id = contacts.add_contact_way(2, 2, remark="渠道", state="s", user=["lisi"], party=["2"])[
        "config_id"
    ]
    contacts.update_contact_way(config_id, "新渠道", skip_verify=False)
    way = contacts.get_contact_way(config_id)["contact_way"]
    assert (way["remark"], way["skip_verify"], way["state"]) == ("新渠道", False, "s")
    assert (way["user"], way["party"]) == (["lisi"], [2])
    contacts.del_contact_way(config_id)
    with pytest.raises(WeChatClientException, match="41044"):
        contacts.get_contact_way(config_id)


def test_wecom_crm_mcp_manages_contact_ways(corp: Corp, tmp_path: Path) -> None:
    async def work() -> None:
        config = WecomConfig(
            corpid=corp.corpid,
            corpsecret=corp.apps[0]["secret"],
            base_url=corp.server.base_url,
            cache_dir=str(tmp_path),
        )
        async with WecomClient(config) as client:
            ways = ContactWayModule(client)
            link = {"link": LINK}
            created = await ways.add_contact_way(1, 2, user=["lisi"], is_temp=True, conclusions=link)
            shown = await ways.get_contact_way(created["config_id"])
            assert shown["contact_way"]["conclusions"] == link
            permanent = await ways.add_contact_way(1, 1, style=2, user=["lisi"])
            await ways.update_contact_way(permanent["config_id"], remark="新")
            found = await ways.list_contact_way(limit=10)
            assert found["contact_way"] == [{"config_id": permanent["config_id"]}]
            result = act(corp, "scan_contact_way", config_id=created["config_id"])
            await ways.close_temp_chat("lisi", result["external_userid"])
            with pytest.raises(WecomAPIError, match="84061"):
                await ways.close_temp_chat("lisi", result["external_userid"])

    asyncio.run(work())

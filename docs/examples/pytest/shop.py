"""A small product: it greets new customers and tags those who spend much. The program under test."""

import httpx

API = "https://qyapi.weixin.qq.com"
TRUSTED = httpx.create_ssl_context()
"""The certificates, read once: reading them for each client would take longer than a test."""


class WeComError(Exception):
    """A call was not answered with errcode 0."""


class Shop:
    """Calls WeCom for one corp; `api` is the host, so that tests can put another in its place."""

    def __init__(self, corpid: str, secret: str, api: str = API) -> None:
        self._login = {"corpid": corpid, "corpsecret": secret}
        self._http = httpx.Client(base_url=f"{api}/cgi-bin/", verify=TRUSTED)
        self._token = ""

    def greet(self, callback: dict[str, str]) -> None:
        """Answers the callback of a new customer with a welcome message."""
        if callback.get("ChangeType") == "add_external_contact" and "WelcomeCode" in callback:
            self._post(
                "externalcontact/send_welcome_msg",
                welcome_code=callback["WelcomeCode"],
                text={"content": "欢迎光临"},
            )

    def mark_important(self, userid: str, external_userid: str) -> None:
        """Gives the customer the tag 重要, which it makes if the corp has none."""
        tag_id = self._tag("重要")
        self._post(
            "externalcontact/mark_tag", userid=userid, external_userid=external_userid, add_tag=[tag_id]
        )

    def _tag(self, name: str) -> str:
        for group in self._post("externalcontact/get_corp_tag_list")["tag_group"]:
            for tag in group["tag"]:
                if tag["name"] == name:
                    return tag["id"]
        made = self._post("externalcontact/add_corp_tag", group_name="客户等级", tag=[{"name": name}])
        return made["tag_group"]["tag"][0]["id"]

    def _post(self, path: str, **body: object) -> dict:
        for _ in range(2):
            reply = self._http.post(path, params={"access_token": self._token}, json=body).json()
            if reply["errcode"] not in (40014, 41001, 42001):
                break
            self._token = self._http.get("gettoken", params=self._login).json()["access_token"]
        if reply["errcode"]:
            raise WeComError(reply["errmsg"])
        return reply

"""What a product asks of a login page, checked as WeCom checks it (pages 91022, 91335, 98152, 2026-08)."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import SplitResult, parse_qsl, urlsplit, urlunsplit

from wecom_tollbooth.corps.app_kinds import MEMBER_APPS
from wecom_tollbooth.corps.tables import App, Corp
from wecom_tollbooth.db import Transaction
from wecom_tollbooth.families.identity.codes import BASE, PRIVATE_INFO, WEB

SCOPES = (BASE, PRIVATE_INFO)
LOGIN_TYPES = ("CorpApp", "ServiceApp", "jssdk")


@dataclass(frozen=True)
class Broken(Exception):
    """A rule that the address breaks: WeCom's code for it, and what would be right, in both languages."""

    code: int
    chinese: str
    english: str


@dataclass(frozen=True)
class LoginRequest:
    """An address that keeps the rules."""

    corp_id: str
    app: App | None
    """None where the address names no app, which only snsapi_base may do."""
    scope: str
    redirect: SplitResult
    state: str
    """As the product wrote it, still encoded, so that it goes back untouched."""
    names_corp: bool = False
    """Whether the redirect carries the corpid as appid."""

    @property
    def host(self) -> str:
        """The host of the page that gets the code, with its port if the address shows one."""
        return self.redirect.netloc.rpartition("@")[2].lower()

    @property
    def agentid(self) -> int | None:
        return self.app.agentid if self.app else None

    def answer(self, code: str) -> str:
        """The address to go to: code and state, and appid where the page adds it, end its query."""
        added = f"code={code}&state={self.state}"
        if self.names_corp:
            added += f"&appid={self.corp_id}"
        query = f"{self.redirect.query}&{added}" if self.redirect.query else added
        return urlunsplit(self.redirect._replace(query=query))


def read_oauth(tx: Transaction, raw: str) -> LoginRequest:
    """The query of an address of connect/oauth2/authorize. Raises Broken."""
    query = read_query(raw)
    if query.get("response_type", "code") != "code":
        raise Broken(40063, "response_type 必须是 code", "response_type must be code")
    scope = query.get("scope", "")
    if scope not in SCOPES:
        raise Broken(
            40063,
            f"scope 必须是 {BASE} 或 {PRIVATE_INFO}，现在是 {scope!r}",
            f"scope must be {BASE} or {PRIVATE_INFO}, and is {scope!r}",
        )
    return _read(tx, query, scope, _raw_state(raw), needs_app=False)


def read_web_login(tx: Transaction, raw: str) -> LoginRequest:
    """The query of an address of the QR login. Raises Broken with the code that the login panel gets."""
    query = read_query(raw)
    login_type = query.get("login_type", "CorpApp")
    if login_type not in LOGIN_TYPES:
        raise Broken(-31040, f"login_type 不能是 {login_type!r}", f"login_type {login_type!r} is not CorpApp")
    if login_type == "ServiceApp":
        raise Broken(
            -31037,
            "服务商的登录授权还没有模拟，请用 CorpApp",
            "login of providers is not simulated yet; use CorpApp",
        )
    return _read(tx, query, WEB, _raw_state(raw), needs_app=True)


def read_qr_connect(tx: Transaction, raw: str) -> LoginRequest:
    """The same under the old path, whose redirect names the corp too. Raises Broken."""
    return replace(read_web_login(tx, raw), names_corp=True)


def _read(
    tx: Transaction, query: Mapping[str, str], scope: str, state: str, *, needs_app: bool
) -> LoginRequest:
    is_web = scope == WEB
    corp_id = query.get("appid", "")
    if not corp_id or tx.session.get(Corp, corp_id) is None:
        raise Broken(
            -31027 if is_web else 40013,
            f"appid 应为企业的 corpid，没有企业 {corp_id!r}",
            f"appid must be a corpid; there is no corp {corp_id!r}",
        )
    app = _app(tx, corp_id, query.get("agentid", ""), needed=needs_app, code=-31028 if is_web else 40056)
    redirect = _redirect(query.get("redirect_uri", ""), app, is_web=is_web)
    return LoginRequest(corp_id, app, scope, redirect, state)


def _app(tx: Transaction, corp_id: str, agentid: str, *, needed: bool, code: int) -> App | None:
    if not agentid:
        if needed:
            raise Broken(code, "缺少 agentid", "agentid is missing")
        return None
    app = tx.session.get(App, (corp_id, int(agentid))) if agentid.isdecimal() and len(agentid) < 19 else None
    if app is None or app.kind not in MEMBER_APPS or not app.enabled:
        raise Broken(
            code,
            f"agentid {agentid!r} 不是该企业启用的自建或代开发应用",
            f"agentid {agentid!r} is not an enabled self-built or provider-developed app of this corp",
        )
    return app


def _redirect(address: str, app: App | None, *, is_web: bool) -> SplitResult:
    if not address:
        raise Broken(-31035 if is_web else 50001, "redirect_uri 为空", "redirect_uri is empty")
    try:
        redirect = urlsplit(address)
        is_address = redirect.scheme in ("http", "https") and bool(redirect.hostname) and redirect.port != 0
    except ValueError:
        is_address = False
    if not is_address or any(character in address for character in "\r\n\x00\\"):
        raise Broken(
            -31020 if is_web else 50001,
            f"redirect_uri {address[:200]!r} 不是 http 或 https 地址；是否漏了 URL 编码？",
            f"redirect_uri {address[:200]!r} is no http or https address; was it URL-encoded?",
        )
    host = redirect.netloc.rpartition("@")[2].lower()
    if app is not None and app.trusted_domains and host not in app.trusted_domains:
        raise Broken(
            -31039 if is_web else 50001,
            f"redirect_uri 的域名 {host} 不在应用的可信域名中：{'、'.join(app.trusted_domains)}",
            f"the host {host} of redirect_uri is not among the app's trusted domains: "
            f"{', '.join(app.trusted_domains)}",
        )
    return redirect


def refuse_unkeepable(raw: str) -> None:
    """Raises Broken for the null character, which PostgreSQL can't look up."""
    if "%00" in raw:
        raise Broken(40058, "地址中有空字符 %00", "the address has the null character, %00")


def read_query(raw: str) -> dict[str, str]:
    """The fields of an address, decoded once; of one that is given twice, the last."""
    return dict(parse_qsl(raw, keep_blank_values=True))


def _raw_state(raw: str) -> str:
    given = [part.partition("=")[2] for part in raw.split("&") if part.partition("=")[0] == "state"]
    return given[-1] if given else ""

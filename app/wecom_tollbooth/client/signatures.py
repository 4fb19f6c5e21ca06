"""Signatures of pages, checked as the client checks them (page 90506, 2024-11; page 90509, 2025-07).

A wrong signature says nothing about its cause, so the usual mistakes are tried: the one that gives this very
signature is the cause.
"""

import hashlib
import itertools
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from html import escape
from urllib.parse import quote, unquote, urlsplit, urlunsplit

from wecom_tollbooth.client.problems import Problem

KEYS = ("jsapi_ticket", "noncestr", "timestamp", "url")
"""In the order in which they are signed."""
SECONDS_TRIED = 120
"""How far from the timestamp that was sent the signed one is searched."""
MILLISECONDS_FROM = 100_000_000_000


def string_to_sign(ticket: str, noncestr: str, timestamp: str, url: str) -> str:
    return _joined((KEYS[0], ticket), (KEYS[1], noncestr), (KEYS[2], timestamp), (KEYS[3], url))


def sign(ticket: str, noncestr: str, timestamp: str, url: str) -> str:
    """SHA-1 over the raw values, in lower-case hex."""
    return _sha1(string_to_sign(ticket, noncestr, timestamp, url))


def without_fragment(url: str) -> str:
    """The address that is signed: all of it up to the #."""
    return url.partition("#")[0]


@dataclass(frozen=True)
class Signed:
    """What a page hands over, and the address that it has."""

    address: str
    """The page's own address, as location.href has it."""
    noncestr: str
    timestamp: str
    signature: str

    @property
    def url(self) -> str:
        return without_fragment(self.address)


@dataclass(frozen=True)
class Suspects:
    """What else the page may have signed with, by what to call it in both languages."""

    tickets: Sequence[tuple[str, str, str]] = ()
    """Tickets that are not the right one: (ticket, Chinese, English)."""
    addresses: Sequence[str] = ()
    """Addresses of earlier calls: a page may have signed its first one."""
    noncestrs: Sequence[str] = ()
    timestamps: Sequence[str] = ()


@dataclass
class _Guess:
    """One way to a wrong signature: the values that were signed, and what is wrong with them."""

    ticket: str
    noncestr: str
    timestamp: str
    url: str
    problems: list[Problem] = field(default_factory=list)

    def gives(self, signature: str) -> bool:
        return sign(self.ticket, self.noncestr, self.timestamp, self.url) == signature


def find_problems(ticket: str | None, signed: Signed, suspects: Suspects | None = None) -> list[Problem]:
    """What is wrong with the signature; empty if it is right. `ticket` is None if nobody has fetched one."""
    suspects = suspects or Suspects()
    shape = _shape_problems(signed)
    if shape:
        return shape
    if ticket is None:
        return _without_ticket(signed, suspects)
    if sign(ticket, signed.noncestr, signed.timestamp, signed.url) == signed.signature:
        return []
    cause = _cause(ticket, signed, suspects)
    return cause or [_unknown_cause(ticket, signed)]


def _shape_problems(signed: Signed) -> list[Problem]:
    """What can be seen without computing anything."""
    found = []
    if not signed.noncestr:
        found.append(Problem("noncestr", "缺少 nonceStr（注意大写 S）", "nonceStr is missing (capital S)"))
    if not signed.timestamp:
        found.append(Problem("timestamp", "缺少 timestamp", "timestamp is missing"))
    elif not (signed.timestamp.isascii() and signed.timestamp.isdigit()):
        found.append(
            Problem(
                "timestamp",
                f"timestamp 应为 Unix 秒，现在是 {signed.timestamp[:40]!r}",
                f"timestamp must be Unix seconds, and is {signed.timestamp[:40]!r}",
            )
        )
    elif int(signed.timestamp[:20]) >= MILLISECONDS_FROM:
        found.append(
            Problem(
                "timestamp",
                f"timestamp 的单位应为秒，{signed.timestamp[:40]} 像是毫秒",
                f"timestamp must be in seconds; {signed.timestamp[:40]} looks like milliseconds",
            )
        )
    if not signed.signature:
        found.append(Problem("signature", "缺少 signature", "signature is missing"))
    return found


def _without_ticket(signed: Signed, suspects: Suspects) -> list[Problem]:
    for ticket, chinese, english in suspects.tickets:
        if sign(ticket, signed.noncestr, signed.timestamp, signed.url) == signed.signature:
            return [_wrong_ticket(chinese, english)]
    return [
        Problem(
            "ticket",
            "没有有效的 jsapi_ticket：还没有人获取，或上一个已过期（有效期 2 小时）",
            "there is no valid jsapi_ticket: nobody has fetched one, or the last one expired (after 2 hours)",
        )
    ]


def _cause(ticket: str, signed: Signed, suspects: Suspects) -> list[Problem]:
    """The mistakes that together give this signature: one of them if one is enough, else two."""
    right = _Guess(ticket, signed.noncestr, signed.timestamp, signed.url)
    addresses = list(_addresses(signed, suspects.addresses))
    tickets = list(_tickets(ticket, suspects))
    nonces = list(_noncestrs(signed, suspects.noncestrs))
    times = list(_timestamps(signed, suspects.timestamps))
    for guesses in (addresses, tickets, nonces, times):
        for value, problem in guesses:
            guess = _with(right, value, problem)
            if guess.gives(signed.signature):
                return guess.problems
    for one, other in ((addresses, tickets), (addresses, nonces), (tickets, nonces), (addresses, times[:4])):
        for (value, problem), (value_2, problem_2) in itertools.product(one, other):
            guess = _with(_with(right, value, problem), value_2, problem_2)
            if guess.gives(signed.signature):
                return guess.problems
    return list(_wrong_computation(ticket, signed))


def _with(guess: _Guess, value: str, problem: Problem) -> _Guess:
    names = {"url": "url", "ticket": "ticket", "noncestr": "noncestr", "timestamp": "timestamp"}
    values = {**vars(guess), names[problem.part]: value, "problems": [*guess.problems, problem]}
    return _Guess(**values)


def _addresses(signed: Signed, earlier: Iterable[str]) -> Iterator[tuple[str, Problem]]:
    """Addresses that pages sign by mistake."""
    url = signed.url
    try:
        parts = urlsplit(url)
        host = parts.hostname or ""
    except ValueError:
        return
    tried = {url}

    def wrong(address: str, chinese: str, english: str) -> Iterator[tuple[str, Problem]]:
        if address not in tried:
            tried.add(address)
            yield (
                address,
                Problem(
                    "url",
                    f"签名用的 url {chinese}：{address[:300]}；应为 {url[:300]}",
                    f"the url that was signed {english}: {address[:300]}; it should be {url[:300]}",
                ),
            )

    yield from wrong(signed.address, "带着 # 及其后的部分", "has the # and what follows it")
    yield from wrong(unquote(url), "被解码了", "was decoded")
    for encoded in (quote(url, safe=""), quote(url, safe=":/"), quote(url, safe=":/?&=%"), quote(url)):
        yield from wrong(encoded, "被 URL 编码了", "was URL-encoded")
    yield from wrong(escape(url), "中的 & 被写成了 &amp;", "has &amp; in place of &")
    yield from wrong(urlunsplit(parts._replace(query="")), "缺少 ? 后的参数", "lacks the query")
    first = parts.query.partition("&")[0]
    yield from wrong(
        urlunsplit(parts._replace(query=first)), "缺少第一个 & 之后的参数", "ends before the first &"
    )
    yield from wrong(f"{url}/", "末尾多了 /", "has a / too many at its end")
    yield from wrong(url.rstrip("/"), "末尾少了 /", "lacks the / at its end")
    yield from wrong(urlunsplit(parts._replace(netloc=host)), "缺少端口", "lacks the port")
    for port in (443, 80):
        yield from wrong(
            urlunsplit(parts._replace(netloc=f"{host}:{port}")), f"多了端口 {port}", f"has the port {port}"
        )
    for scheme in ("http", "https"):
        yield from wrong(urlunsplit(parts._replace(scheme=scheme)), "协议不对", "has the wrong scheme")
        for netloc in (host, f"{host}:443", f"{host}:80"):
            yield from wrong(
                urlunsplit(parts._replace(scheme=scheme, netloc=netloc)),
                "协议与端口不对",
                "has the wrong scheme and port",
            )
    yield from wrong(f"{parts.scheme}://{parts.netloc}/", "只有域名", "is the host alone")
    yield from wrong(f"{parts.scheme}://{parts.netloc}", "只有域名", "is the host alone")
    for address in earlier:
        for earlier_address in (without_fragment(address), address):
            yield from wrong(
                earlier_address, "是之前的地址", "is an earlier address; sign again when the address changes"
            )


def _tickets(ticket: str, suspects: Suspects) -> Iterator[tuple[str, Problem]]:
    for other, chinese, english in suspects.tickets:
        if other != ticket:
            yield other, _wrong_ticket(chinese, english)
    yield (
        f"{ticket} ",
        Problem("ticket", "jsapi_ticket 末尾有空格", "there is a space after the jsapi_ticket"),
    )
    yield "", Problem("ticket", "jsapi_ticket 为空", "the jsapi_ticket is empty")


def _wrong_ticket(chinese: str, english: str) -> Problem:
    return Problem("ticket", f"签名用的是{chinese}", f"it was signed with {english}")


def _noncestrs(signed: Signed, earlier: Iterable[str]) -> Iterator[tuple[str, Problem]]:
    for other in (signed.noncestr.lower(), signed.noncestr.upper(), signed.noncestr.strip(), "", *earlier):
        if other != signed.noncestr:
            yield (
                other,
                Problem(
                    "noncestr",
                    f"签名用的 noncestr 是 {other!r}，传入的是 {signed.noncestr[:60]!r}",
                    f"the noncestr that was signed is {other!r}, not {signed.noncestr[:60]!r}",
                ),
            )


def _timestamps(signed: Signed, earlier: Iterable[str]) -> Iterator[tuple[str, Problem]]:
    sent = int(signed.timestamp)
    near = [str(sent + offset) for n in range(1, SECONDS_TRIED + 1) for offset in (-n, n)]
    for other in (*earlier, f"{sent}000", "", *near):
        if other != signed.timestamp:
            yield (
                other,
                Problem(
                    "timestamp",
                    f"签名用的 timestamp 是 {other!r}，传入的是 {signed.timestamp}",
                    f"the timestamp that was signed is {other!r}, not {signed.timestamp}",
                ),
            )


def _wrong_computation(ticket: str, signed: Signed) -> Iterator[Problem]:
    """The right values, signed in a wrong way."""
    values = (ticket, signed.noncestr, signed.timestamp, signed.url)
    text = string_to_sign(*values)
    given = signed.signature

    def wrong(chinese: str, english: str) -> Problem:
        return Problem("signature", chinese, english)

    if given.lower() == _sha1(text):
        yield wrong("signature 应为小写十六进制", "the signature must be lower-case hex")
        return
    for name in ("md5", "sha256", "sha512"):
        if given.lower() == hashlib.new(name, text.encode()).hexdigest():
            yield wrong(f"应使用 SHA-1，而不是 {name}", f"it must be SHA-1, and is {name}")
            return
    for names in (KEYS, ("jsapi_ticket", "nonceStr", "timestamp", "url"), ("ticket", *KEYS[1:])):
        for order in itertools.permutations(zip(names, values, strict=True)):
            if _sha1(_joined(*order)) == given:
                shown = "、".join(name for name, _ in order)
                yield wrong(
                    f"拼接的键名与顺序应为 {'、'.join(KEYS)}，实际是 {shown}",
                    f"the keys must be {', '.join(KEYS)}, in this order; they are "
                    f"{', '.join(name for name, _ in order)}",
                )
                return
    if _sha1(
        "&".join(f"{name}={quote(value, safe='')}" for name, value in zip(KEYS, values, strict=True))
    ) == (given):
        yield wrong("拼接时不能对值做 URL 编码", "the values must not be URL-encoded in the string")
    elif _sha1("".join(values)) == given or _sha1("".join(sorted(values))) == given:
        yield wrong(
            "应拼接成 jsapi_ticket=…&noncestr=…&timestamp=…&url=…，而不是只拼接值",
            "the string must be jsapi_ticket=…&noncestr=…&timestamp=…&url=…, not the values alone",
        )


def _unknown_cause(ticket: str, signed: Signed) -> Problem:
    hidden = string_to_sign(f"{ticket[:6]}…", signed.noncestr, signed.timestamp, signed.url)
    return Problem(
        "signature",
        f"签名不对，也不是常见的错误。应为以下字符串的 SHA-1：{hidden[:600]}",
        "the signature is wrong, and not by one of the usual mistakes. It should be the SHA-1 of: "
        f"{hidden[:600]}",
    )


def _joined(*pairs: tuple[str, str]) -> str:
    return "&".join(f"{name}={value}" for name, value in pairs)


def _sha1(text: str) -> str:
    return hashlib.sha1(text.encode("utf-8", "surrogatepass"), usedforsecurity=False).hexdigest()

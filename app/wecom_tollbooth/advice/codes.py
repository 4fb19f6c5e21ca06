"""What strict mode can notice, each with its sentence in both languages."""

from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True)
class AdviceCode:
    """One kind of advice. `zh` and `en` are templates that take `operation`, `field` and what is noted."""

    name: str
    zh: str
    en: str

    def sentences(self, **about: Any) -> tuple[str, str]:
        """Chinese and English."""
        return _filled(self.zh, "zh", about), _filled(self.en, "en", about)


def _filled(template: str, language: str, about: dict[str, Any]) -> str:
    near = about.get("meant") or []
    joined = {"zh": " 或 ", "en": " or "}[language].join(near)
    ending = {"zh": "；是不是 {}？", "en": "; did you mean {}?"}[language].format(joined) if near else ""
    return template.format(**{**about, "did_you_mean": ending})


UNKNOWN_FIELD = AdviceCode(
    "unknown_field",
    "{operation} 没有字段 {field}，平台会忽略它{did_you_mean}",
    "{operation} has no field {field} and ignores it{did_you_mean}",
)
MISPLACED_FIELD = AdviceCode(
    "misplaced_field",
    "{operation} 的字段 {field} 放错了位置，平台会忽略它；应放在 {place_zh}",
    "{operation} ignores {field} where it was sent; it belongs in {place_en}",
)
OLD_FIELD = AdviceCode(
    "old_field",
    "{operation} 的字段 {field} 是旧写法，现在的字段是 {now}",
    "{field} is an old field of {operation}; it is now {now}",
)
OLD_PATH = AdviceCode(
    "old_path",
    "{field} 是旧路径，现在的路径是 {operation}",
    "{field} is an old path of {operation}",
)
OTHER_METHOD = AdviceCode(
    "other_method",
    "{operation} 的文档要求 {method}，收到的是 {field}",
    "the page of {operation} says {method}, and it was called by {field}",
)
MALFORMED_BODY = AdviceCode(
    "malformed_body",
    "{operation} 的请求体有一部分不合格式，平台丢弃或转换了它",
    "part of the body of {operation} was malformed, and the platform dropped or converted it",
)

PAGE_NOT_READ = AdviceCode(
    "page_not_read",
    "{operation} 还有下一页，却没有再请求；用返回的 {field} 继续读取",
    "{operation} had another page, which was never asked for; go on with {field} of its answer",
)
TOKEN_AGAIN = AdviceCode(
    "token_again",
    "{operation} 重复获取了仍有 {seconds} 秒有效期的 {field}；应当缓存它",
    "{operation} was asked again for an {field} that was good for {seconds} s more; keep it while it is good",
)
CALLBACK_NOT_FOLLOWED = AdviceCode(
    "callback_not_followed",
    "回调 {field} 已应答，{after} 秒内却没有涉及 {subject} 的调用；事件没有说明的内容要用 {operation} 查询",
    "{field} was acknowledged, and no call within {after} s was about {subject}; "
    "{operation} answers what the event leaves out",
)
REFUSED_AGAIN = AdviceCode(
    "refused_again",
    "{operation} 的同一个请求连续 {times} 次返回 {field}；应当处理错误码，而不是原样重试",
    "the same request of {operation} was answered {field} {times} times in a row; handle the errcode "
    "before you ask again",
)
RETRIED_AT_ONCE = AdviceCode(
    "retried_at_once",
    "{operation} 返回 {field} 后一秒内连续调用了 {times} 次；应当等待，并逐次延长",
    "{operation} was called {times} times within a second while it answered {field}; wait, longer each time",
)
ONE_BY_ONE = AdviceCode(
    "one_by_one",
    "连续 {times} 次逐个调用 {operation}；{field} 一次可以处理多个",
    "{operation} was called {times} times in a row, once for each; {field} does it for many at once",
)
POLLED = AdviceCode(
    "polled",
    "{operation} 的同一个请求连续 {times} 次得到相同的返回；有变化时回调 {field} 会通知",
    "the same request of {operation} had the same answer {times} times in a row; the callback {field} "
    "says when it changes",
)
FOREIGN_ID = AdviceCode(
    "foreign_id",
    "{operation} 的 {field} 对此应用无效：它是{whose_zh}",
    "the {field} of {operation} is nobody's for this app: it is {whose_en}",
)

CODES = {
    code.name: code
    for code in (
        UNKNOWN_FIELD,
        MISPLACED_FIELD,
        OLD_FIELD,
        OLD_PATH,
        OTHER_METHOD,
        MALFORMED_BODY,
        PAGE_NOT_READ,
        TOKEN_AGAIN,
        CALLBACK_NOT_FOLLOWED,
        REFUSED_AGAIN,
        RETRIED_AT_ONCE,
        ONE_BY_ONE,
        POLLED,
        FOREIGN_ID,
    )
}

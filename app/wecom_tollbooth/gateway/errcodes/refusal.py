"""The exception by which a call is refused."""

from wecom_tollbooth.gateway.errcodes.code import Code


class Refusal(Exception):
    """A call that WeCom refuses. The gateway rolls back what the handler did and answers with the code.

    `errmsg` replaces the code's own text; `detail` is a sentence for the journal that says which value was
    wrong and what would be right; `extra` are fields of the body beside the operation's empty lists.
    """

    def __init__(
        self, errcode: Code, errmsg: str | None = None, *, detail: str = "", **extra: object
    ) -> None:
        super().__init__(errcode, errmsg or errcode.text)
        self.errcode = errcode
        self.errmsg = errmsg or errcode.text
        self.detail = detail
        self.extra = extra

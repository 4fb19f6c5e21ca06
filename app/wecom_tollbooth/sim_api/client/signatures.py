"""Checking a signature of the JS-SDK without a page."""

from typing import Annotated

from pydantic import Field
from typing_extensions import TypedDict

from wecom_tollbooth.client import domains, signatures
from wecom_tollbooth.client.signatures import Signed, string_to_sign, without_fragment
from wecom_tollbooth.client.tickets import OF_THE_CORP, right_ticket, suspects
from wecom_tollbooth.db import Transaction
from wecom_tollbooth.sim_api.client.shapes import ProblemShown, shown
from wecom_tollbooth.sim_api.dependencies import TheServer
from wecom_tollbooth.sim_api.lookup import the_app, the_corp
from wecom_tollbooth.sim_api.routes import control_routes
from wecom_tollbooth.sim_api.shapes import ControlRequest, Number, example

router = control_routes()


class SignatureRequest(ControlRequest):
    model_config = example(
        agentid=1000002,
        url="https://crm.example.com/sidebar?id=1",
        noncestr="Wm3WZYTPz0wzccnW",
        timestamp="1414587457",
        signature="0f9de62fce790f9a083d5c99e95740ceb90c27ed",
    )

    agentid: Number | None = Field(
        default=None,
        description="agentConfig 的应用，不填为 config（企业的 jsapi_ticket） / "
        "The app of agentConfig; without it config, with the corp's ticket",
    )
    url: str = Field(
        max_length=4096,
        description="页面的完整地址，即 location.href / The page's whole address, as location.href has it",
    )
    noncestr: str = Field(max_length=512)
    timestamp: int | str
    signature: str = Field(max_length=512)


class SignatureReply(TypedDict):
    ok: bool
    problems: list[ProblemShown]
    string: Annotated[
        str,
        Field(
            description="应签名的字符串，没有有效的 ticket 时为空 / "
            "What is to be signed; empty without a valid ticket"
        ),
    ]
    signature: Annotated[str, Field(description="正确的签名 / The right signature")]


@router.post("/corps/{corpid}/signatures/check")
async def check_signature(corpid: str, body: SignatureRequest, server: TheServer) -> SignatureReply:
    """检查 JS-SDK 签名 / Check a signature of the JS-SDK

    像客户端一样检查签名与可信域名，并指出错在哪一项：`url`、`noncestr`、`timestamp`、`ticket`、`domain` 或
    签名的算法（`signature`）。

    Checks a signature and the trusted domains as the client does, and says what is wrong: `url`, `noncestr`,
    `timestamp`, `ticket`, `domain`, or how it was computed (`signature`).
    """

    def work(tx: Transaction) -> SignatureReply:
        the_corp(tx, corpid)
        context = server.context(tx, corpid)
        agentid = OF_THE_CORP if body.agentid is None else the_app(tx, corpid, body.agentid).agentid
        signed = Signed(body.url, body.noncestr, str(body.timestamp), body.signature)
        ticket = right_ticket(context, agentid)
        problems = domains.find_problems(body.url, domains.trusted_domains(tx, corpid, body.agentid))
        problems += signatures.find_problems(ticket, signed, suspects(context, agentid))
        values = (signed.noncestr, signed.timestamp, without_fragment(body.url))
        return {
            "ok": not problems,
            "problems": shown(problems),
            "string": "" if ticket is None else string_to_sign(ticket, *values),
            "signature": "" if ticket is None else signatures.sign(ticket, *values),
        }

    return await server.run(work)

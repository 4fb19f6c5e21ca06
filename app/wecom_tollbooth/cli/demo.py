"""The corp of `tollbooth demo` or `serve --seed`, created once and kept, and what is printed about it."""

import sys
from collections.abc import Callable
from pathlib import Path
from shutil import which

from sqlmodel import col, select

from wecom_tollbooth import __version__
from wecom_tollbooth.cli.remote import reachable
from wecom_tollbooth.cli.tables import printable
from wecom_tollbooth.corps.tables import App, Corp
from wecom_tollbooth.db import Database, Transaction
from wecom_tollbooth.families.directory.tables import Member
from wecom_tollbooth.families.relations.tables import FollowUser
from wecom_tollbooth.seeds import NewCorp, make_corp

NAME = "演示奶茶连锁"
FOLLOW_UPS = 20

ANNOUNCEMENT = """\
WeCom Tollbooth {version}  {address}  文档 docs: {address}/docs
{title} ({state})
  corpid   {corpid}
  agentid  {agentid}
  secret   {secret}
试一试 try it:
  token=$(curl -s '{address}/cgi-bin/gettoken?corpid={corpid}&corpsecret={secret}' | cut -d'"' -f10)
  curl -s "{address}/cgi-bin/externalcontact/{question}access_token=$token"
控制台 console: {address}/console/corps/{corpid}/
客户端页面 a member's client: {address}/_sim/client/{corpid}/{userid}
账单 the bill: {command} bill {corpid} --url {address}
停止 stop: Ctrl-C"""


def demo_corp(members: int, customers: int) -> NewCorp:
    """The corp of `tollbooth demo`."""
    return NewCorp(NAME, "demo", members, customers, min(customers, FOLLOW_UPS), activity=True)


def announcement(database: Database, wanted: NewCorp) -> Callable[[str], None]:
    """Creates the corp unless one of its name exists; the result prints it, given the server's address."""
    with database.transaction() as tx:
        found = _corpid(tx, wanted.name)
    corpid = found or make_corp(database, wanted)
    with database.transaction() as tx:
        agentid, secret = _first_app(tx, corpid)
        customer, userid = _a_customer(tx, corpid)
    question = f"get?external_userid={customer}&" if customer else "get_follow_user_list?"

    def announce(address: str) -> None:
        text = ANNOUNCEMENT.format(
            version=__version__,
            address=reachable(address),
            title="演示企业 demo corp" if wanted.name == NAME else printable(wanted.name),
            state="沿用 existing" if found else "新建 new",
            corpid=corpid,
            agentid=agentid,
            secret=secret,
            userid=userid,
            question=question,
            command=_command(),
        )
        print(text, flush=True)

    return announce


def _command() -> str:
    """How to call this program from here: the `tollbooth` of a clone is not on the PATH."""
    called = Path(sys.argv[0])
    if called.name != "tollbooth" or which("tollbooth"):
        return "tollbooth"
    return str(called.relative_to(Path.cwd())) if called.is_relative_to(Path.cwd()) else str(called)


def _corpid(tx: Transaction, name: str) -> str | None:
    oldest_first = (
        select(Corp.corp_id).where(Corp.name == name).order_by(col(Corp.created_at), col(Corp.corp_id))
    )
    return tx.session.exec(oldest_first).first()


def _first_app(tx: Transaction, corpid: str) -> tuple[int, str]:
    app = tx.session.exec(select(App).where(App.corp_id == corpid).order_by(col(App.agentid))).first()
    assert app is not None, "every corp has apps"
    return app.agentid, app.secret


def _a_customer(tx: Transaction, corpid: str) -> tuple[str, str]:
    """The first customer and its member; "" and the first member where there is no customer."""
    follow = FollowUser
    present = (col(follow.ended_at).is_(None), col(follow.pending_confirmation).is_(False))
    oldest_first = (
        select(follow.external_userid, follow.userid)
        .where(follow.corp_id == corpid, *present)
        .order_by(col(follow.seq))
    )
    found = tx.session.exec(oldest_first).first()
    if found is not None:
        return found
    member = select(Member.userid).where(Member.corp_id == corpid).order_by(col(Member.userid))
    return "", tx.session.exec(member).first() or ""

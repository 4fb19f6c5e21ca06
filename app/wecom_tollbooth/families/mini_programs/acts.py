"""Admins associate mini-programs with the corp in the console (应用管理 → 小程序)."""

from typing import Any

from pydantic import Field

from wecom_tollbooth.families.mini_programs.tables import MiniProgram
from wecom_tollbooth.world.acts import Act, ActModel, ActRefused, act


class OneMiniProgram(ActModel):
    appid: str = Field(min_length=1, max_length=64)


@act("admin_links_mini_program")
def admin_links_mini_program(act: Act, body: OneMiniProgram) -> dict[str, Any]:
    """管理员关联小程序 / An admin associates a mini-program; from the first one on, others answer 90206."""
    act.db.session.merge(MiniProgram(corp_id=act.corp_id, appid=body.appid))
    return {"appid": body.appid}


@act("admin_unlinks_mini_program")
def admin_unlinks_mini_program(act: Act, body: OneMiniProgram) -> dict[str, Any]:
    """管理员取消关联小程序 / An admin ends the association; without any, every appid counts again."""
    found = act.db.session.get(MiniProgram, (act.corp_id, body.appid))
    if found is None:
        raise ActRefused(f"{body.appid!r} is not associated with this corp")
    act.db.session.delete(found)
    return {"appid": body.appid}

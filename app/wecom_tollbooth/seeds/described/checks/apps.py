"""Apps and what they see."""

from wecom_tollbooth.corps.lifecycle import APPS
from wecom_tollbooth.seeds.described.checks.checking import Checking
from wecom_tollbooth.seeds.described.faults import Path


def check_apps(checking: Checking) -> None:
    numbers: dict[str, Path] = {str(agentid): () for agentid, _, _ in APPS}
    for place, app in enumerate(checking.file.apps):
        path = ("apps", place)
        if app.agentid is not None:
            checking.once(numbers, str(app.agentid), (*path, "agentid"), "the agentid")
        checking.time(app.created_at, (*path, "created_at"))
        if app.visible is not None:
            for number, userid in enumerate(app.visible.userid):
                checking.a_member(userid, (*path, "visible", "userid", number), present=True)
            for number, department in enumerate(app.visible.partyid):
                checking.a_department(department, (*path, "visible", "partyid", number))
            tags = {tag.tagid for tag in checking.file.member_tags}
            for number, tagid in enumerate(app.visible.tagid):
                if tagid not in tags:
                    checking.say((*path, "visible", "tagid", number), f"there is no member tag {tagid}")

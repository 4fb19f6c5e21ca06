"""Apps besides those that every corp has."""

from wecom_tollbooth.corps.app_kinds import AppKind
from wecom_tollbooth.corps.lifecycle import FIRST_AGENTID, new_app
from wecom_tollbooth.corps.tables import App
from wecom_tollbooth.seeds.described.shapes import SeedFile
from wecom_tollbooth.seeds.described.shapes.base import seconds
from wecom_tollbooth.world.context import Context


def apps_of(context: Context, file: SeedFile) -> list[App]:
    """The apps that the file describes, not yet added."""
    apps = []
    for one in file.apps:
        agentid = one.agentid or FIRST_AGENTID + context.next_id()
        app = new_app(context, one.name, AppKind(one.kind), agentid=agentid)
        app.created_at = seconds(one.created_at, context.now)
        app.visible = None if one.visible is None else one.visible.model_dump(exclude_defaults=True)
        apps.append(app)
    return apps

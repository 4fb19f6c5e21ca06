"""The apps of a corp."""

from wecom_tollbooth.corps.tables import App
from wecom_tollbooth.world.acts import Act, ActRefused


def the_app(act: Act, agentid: int) -> App:
    """The app with this agentid; raises ActRefused if the corp has none."""
    app = act.db.session.get(App, (act.corp_id, agentid))
    if app is None:
        raise ActRefused(f"there is no app {agentid} in this corp")
    return app

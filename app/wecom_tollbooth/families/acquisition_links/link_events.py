"""Events about acquisition links, for the app that made the link."""

from wecom_tollbooth.families.acquisition_links.tables import AcquisitionLink
from wecom_tollbooth.families.relations.contact_events import raise_event, receivers
from wecom_tollbooth.world.acts import Act


def tell_creator(act: Act, link: AcquisitionLink, change_type: str, fields: dict[str, str | int]) -> None:
    for app in receivers(act, agentid=link.created_by):
        raise_event(act, app, "customer_acquisition", change_type, fields)

"""The robot that is called."""

from typing import Any

import sqlalchemy as sa

from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.steps.keys.robot_keys import unknown_key
from wecom_tollbooth.gateway.tables import GROUP_ROBOT


def the_robot(call: Call) -> Any:
    """The row of the robot whose key the call has."""
    query = sa.select(GROUP_ROBOT).where(
        GROUP_ROBOT.c.corp_id == call.corp_id, GROUP_ROBOT.c.key == call.request.query["key"]
    )
    robot = call.db.execute(query).first()
    if robot is None:
        raise unknown_key(call, "the robot was removed during the call")
    return robot

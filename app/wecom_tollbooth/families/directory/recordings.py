"""Acts: members record voices in an app's page, by the JS-SDK."""

from typing import Any

from pydantic import Field

from wecom_tollbooth.families.directory.lookup import the_member
from wecom_tollbooth.families.media.voices import add_recording
from wecom_tollbooth.world.acts import Act, ActModel, act


class MemberRecordsVoice(ActModel):
    userid: str
    seconds: int = Field(default=3, ge=1, le=60)


@act("member_records_voice")
def member_records_voice(act: Act, body: MemberRecordsVoice) -> dict[str, Any]:
    """成员录音并上传 / A member records a voice in an app's page and uploads it; returns the media_id."""
    the_member(act, body.userid)
    return {"media_id": add_recording(act, body.seconds)}

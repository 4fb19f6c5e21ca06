"""upload_media_job_finish (page 96219): a job that fetches a file from a url has ended."""

from typing import Annotated

from wecom_tollbooth.callbacks.events.event import Doc, Event, constant
from wecom_tollbooth.callbacks.events.receiver_rules import THE_APP_THAT_ASKED


class MediaEvent(Event):
    """异步上传临时素材 / Files fetched from a url."""

    page = "96219"
    checked = "2026-08"
    receivers = THE_APP_THAT_ASKED


class UploadMediaJobFinish(MediaEvent):
    """异步上传任务完成 / A job of media/upload_by_url has ended, well or not."""

    Event: str = constant("upload_media_job_finish")
    JobId: Annotated[str, Doc("the job", "异步任务 ID")]
    asks_for = "/cgi-bin/media/get_upload_by_url_result"
    names = ("JobId",)

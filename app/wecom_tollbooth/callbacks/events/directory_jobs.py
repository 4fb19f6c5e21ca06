"""batch_job_result (pages 90973 and 94946): an import or export of the directory has ended."""

from typing import Annotated

from wecom_tollbooth.callbacks.events.event import Doc, Event, Shape, constant
from wecom_tollbooth.callbacks.events.receiver_rules import THE_APP_THAT_ASKED


class BatchJob(Shape):
    JobId: Annotated[str, Doc("the job", "异步任务 ID")]
    JobType: Annotated[
        str,
        Doc(
            "sync_user, replace_user, replace_party, export_simple_user, export_user, export_department or "
            "export_tag",
            "操作类型：sync_user、replace_user、replace_party、export_simple_user、export_user、"
            "export_department、export_tag",
        ),
    ]
    ErrCode: Annotated[int, Doc("0, or why the whole job failed", "返回码，整个任务失败时不为 0")]
    ErrMsg: Annotated[str, Doc("text of the errcode", "返回码的文本")]


class DirectoryJobEvent(Event):
    """通讯录异步任务 / Imports and exports of the directory."""

    page = "90973"
    checked = "2026-08"
    receivers = THE_APP_THAT_ASKED


class BatchJobResult(DirectoryJobEvent):
    """异步任务完成 / A job has ended. It goes to the callback that the call named, else to the app."""

    Event: str = constant("batch_job_result")
    BatchJob: Annotated[BatchJob, Doc("the job", "任务")]
    asks_for = "/cgi-bin/batch/getresult"
    names = ("BatchJob.JobId",)

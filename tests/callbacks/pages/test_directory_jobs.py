"""The event of imports and exports of the directory, with the example of its page."""

from wecom_tollbooth.callbacks.event_xml import to_xml
from wecom_tollbooth.callbacks.events.directory_jobs import BatchJob, BatchJobResult

EXAMPLE = (
    "<xml><ToUserName><![CDATA[wx28dbb14e3720FAKE]]></ToUserName><FromUserName><![CDATA[sys]]></FromUserName>"
    "<CreateTime>1425284517</CreateTime><MsgType><![CDATA[event]]></MsgType>"
    "<Event><![CDATA[batch_job_result]]></Event>"
    "<BatchJob><JobId><![CDATA[jobid_S0MrnndvRG5fadSlLwiBqiDDbM143UqTmKP3152FZk4]]></JobId>"
    "<JobType><![CDATA[export_user]]></JobType><ErrCode>0</ErrCode><ErrMsg><![CDATA[ok]]></ErrMsg></BatchJob>"
    "</xml>"
)
"""Of page 94946, whose table says that FromUserName is sys."""


def test_batch_job_result_is_written_as_on_its_page() -> None:
    job = BatchJob(
        JobId="jobid_S0MrnndvRG5fadSlLwiBqiDDbM143UqTmKP3152FZk4",
        JobType="export_user",
        ErrCode=0,
        ErrMsg="ok",
    )
    assert to_xml("wx28dbb14e3720FAKE", 1425284517, BatchJobResult(BatchJob=job)) == EXAMPLE

"""The event of media/upload_by_url, with the example of its page."""

from wecom_tollbooth.callbacks.event_xml import to_xml
from wecom_tollbooth.callbacks.events.media import UploadMediaJobFinish

EXAMPLE = (
    "<xml><ToUserName><![CDATA[wx28dbb14e3720FAKE]]></ToUserName><FromUserName><![CDATA[sys]]></FromUserName>"
    "<CreateTime>1425284517</CreateTime><MsgType><![CDATA[event]]></MsgType>"
    "<Event><![CDATA[upload_media_job_finish]]></Event>"
    "<JobId><![CDATA[jobid_S0MrnndvRG5fadSlLwiBqiDDbM143UqTmKP3152FZk4]]></JobId></xml>"
)


def test_upload_media_job_finish_is_written_as_on_its_page() -> None:
    event = UploadMediaJobFinish(JobId="jobid_S0MrnndvRG5fadSlLwiBqiDDbM143UqTmKP3152FZk4")
    assert to_xml("wx28dbb14e3720FAKE", 1425284517, event) == EXAMPLE

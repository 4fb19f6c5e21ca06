"""Whether a file fits its type, by its size and its content."""

from wecom_tollbooth.families.media.kinds import Content, examine
from wecom_tollbooth.gateway.errcodes import Code, ErrCode, Refusal
from wecom_tollbooth.gateway.files.uploads import Upload

MB = 1024 * 1024
SMALLEST = 5
"""A file must have more bytes (page 90253)."""
VOICE_SECONDS = 60


def examined(given: Upload, type: str, most: int, too_large: Code) -> Content:
    """What the file is. Raises 40006 and `too_large` for its size, and codes of its type for its content."""
    if given.file.size <= SMALLEST:
        detail = f"the file has {given.file.size} bytes; it must have more than {SMALLEST}"
        raise Refusal(ErrCode.INVALID_FILE_SIZE, detail=detail)
    if given.file.size > most:
        raise Refusal(too_large, detail=f"the file has {given.file.size} bytes; {most} are the most")
    content = content_of(given)
    if type == "image":
        refuse_unfit_image(content)
    elif type == "voice":
        _refuse_unfit_voice(content)
    elif type == "video" and content.kind != "mp4":
        raise Refusal(ErrCode.INVALID_MEDIA_FILE, detail="the content is not that of an MP4 file")
    return content


def content_of(given: Upload) -> Content:
    """What the file is, whatever it should be."""
    with given.file.path.open("rb") as file:
        return examine(file, given.file.size)


def refuse_unfit_image(content: Content) -> None:
    """Raises 40004 for what is neither JPG nor PNG, 40123 for what is damaged."""
    if not content.is_image:
        raise Refusal(ErrCode.INVALID_MEDIA_FILE, detail="the content is neither a JPG nor a PNG file")
    if not content.is_whole:
        raise Refusal(ErrCode.INVALID_IMAGE, detail=f"the {content.kind} file is damaged or cut off")


def _refuse_unfit_voice(content: Content) -> None:
    if content.kind != "amr":
        raise Refusal(ErrCode.VOICE_NOT_AMR, detail="the content is not that of an AMR file")
    if content.seconds > VOICE_SECONDS:
        raise Refusal(ErrCode.VOICE_TOO_LONG, detail=f"the voice is longer than {VOICE_SECONDS} s")
    if not content.is_whole:
        raise Refusal(ErrCode.INVALID_VOICE, detail="the AMR file has no frames, or is cut off within one")

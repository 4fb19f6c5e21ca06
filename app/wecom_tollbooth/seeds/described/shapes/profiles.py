"""对外属性 and 扩展属性: what members and WeCom customers show of themselves."""

from typing import Annotated, Any, Literal

from pydantic import Field

from wecom_tollbooth.families.directory.members.attributes import EXTATTR_TEXT_CHARS, TITLE_CHARS
from wecom_tollbooth.seeds.described.shapes.base import SeedModel


class TextValue(SeedModel):
    value: str = Field(min_length=1, max_length=EXTATTR_TEXT_CHARS)


class WebValue(SeedModel):
    url: str = Field(min_length=8, max_length=2_048, pattern="^https?://")
    title: str = Field(min_length=1, max_length=TITLE_CHARS)


class MiniProgramValue(SeedModel):
    appid: str = Field(min_length=1, max_length=64)
    pagepath: str = Field(default="", max_length=1_024)
    title: str = Field(min_length=1, max_length=24)


class TextAttribute(SeedModel):
    type: Literal[0]
    name: str = Field(min_length=1, max_length=64)
    text: TextValue


class WebAttribute(SeedModel):
    type: Literal[1]
    name: str = Field(min_length=1, max_length=64)
    web: WebValue


class MiniProgramAttribute(SeedModel):
    type: Literal[2]
    name: str = Field(min_length=1, max_length=64)
    miniprogram: MiniProgramValue


OwnAttribute = Annotated[TextAttribute | WebAttribute, Field(discriminator="type")]
ExternalAttribute = Annotated[
    TextAttribute | WebAttribute | MiniProgramAttribute, Field(discriminator="type")
]


class ChannelsAccount(SeedModel):
    nickname: str = Field(min_length=1, max_length=64)
    status: Literal[0, 1] = Field(
        default=1, description="0 已确认，1 待确认 / 0 confirmed by its owner, 1 not yet"
    )


class ExternalProfile(SeedModel):
    external_corp_name: str = Field(default="", max_length=64)
    wechat_channels: ChannelsAccount | None = None
    external_attr: list[ExternalAttribute] = Field(default=[], max_length=20)

    def stored(self) -> dict[str, Any]:
        """As the API shows it: what is empty is left out, but for the list."""
        profile: dict[str, Any] = {"external_attr": [one.model_dump() for one in self.external_attr]}
        if self.external_corp_name:
            profile["external_corp_name"] = self.external_corp_name
        if self.wechat_channels is not None:
            profile["wechat_channels"] = self.wechat_channels.model_dump()
        return profile

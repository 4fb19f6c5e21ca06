"""The family that the operations of this folder belong to: ours, not WeCom's."""

from app.gateway.operation import Family

PREFIX = "/cgi-bin/externalcontact/follow_up/"

family = Family("follow_ups", "用户跟进", "Follow-ups", extension=True)

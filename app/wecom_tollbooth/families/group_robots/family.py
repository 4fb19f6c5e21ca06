"""The family that the operations of this folder belong to."""

from wecom_tollbooth.gateway.operation import Family

family = Family("group_robots", "消息推送（原群机器人）", "Group robots")

"""通讯录: members and departments."""

from app.gateway.operation import Family

family = Family("directory", "通讯录", "Directory")

"""The family itself, apart from its operations, so that members and departments can stand in files of their own."""

from app.gateway.operation import Family

family = Family("directory", "通讯录", "Directory")

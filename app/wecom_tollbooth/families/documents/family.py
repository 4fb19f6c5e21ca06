"""The chapter that the operations of documents and smart sheets belong to."""

from wecom_tollbooth.gateway.operation import Family

family = Family("smart_sheets", "文档与智能表格", "Documents and smart sheets")

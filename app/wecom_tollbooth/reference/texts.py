"""The texts of /docs, each in Chinese and in English."""

from wecom_tollbooth.client.page import CHINESE

TEXTS = {
    "title": ("接口文档", "API reference"),
    "intro": (
        "企业微信客户联系接口的模拟器，自带计费层：每次调用都计量、计价、可解释。点开一个接口即可查看参数并直接试用，"
        "本页可离线使用。",
        "A simulator of WeCom's external-contact API with a metering layer: every call is metered, priced "
        "and explained. Open an operation to read its parameters and to try it. This page works offline.",
    ),
    "search": ("搜索路径、中文或英文", "Search paths, Chinese or English"),
    "search_hint": ("多个词同时匹配，按 / 聚焦", "All words must match; press / to search"),
    "found": ("找到 {found} 个，共 {count} 个", "{found} of {count} found"),
    "all": ("共 {count} 个", "{count} in all"),
    "nothing": (
        "没有找到。试试路径的一部分，例如 mark_tag，或换一个词。",
        "Nothing found. Try a part of a path, such as mark_tag, or another word.",
    ),
    "expand": ("展开分组", "Expand groups"),
    "collapse": ("收起分组", "Collapse groups"),
    "operations": ("企业微信接口", "WeCom's API"),
    "operations_explained": (
        "路径与企业微信相同，凭证来自 gettoken。",
        "The paths are WeCom's; the token comes from gettoken.",
    ),
    "control": ("控制接口", "Control API"),
    "control_explained": (
        "管理模拟器本身：企业、时钟、业务动作、回调、故障与账单。",
        "Manages the simulator itself: corps, clock, acts, callbacks, faults and bills.",
    ),
    "old": ("旧路径", "old path"),
    "loading": ("正在加载…", "Loading …"),
    "failed": (
        "加载失败：{reason}。收起后再点开可重试。",
        "Loading failed: {reason}. Close and open to retry.",
    ),
    "token": ("管理令牌", "Admin token"),
    "token_hint": ("随控制接口的请求发送", "Sent with calls of the control API"),
    "language": ("语言", "Language"),
    "documents": ("供生成代码使用", "For generators"),
    "whole": ("全部接口的 OpenAPI 文档", "OpenAPI of everything"),
    "control_only": ("只含控制接口", "Control API only"),
    "at_a_glance": ("单页版", "On one page"),
}

SWAGGER = {
    "Parameters": "参数",
    "No parameters": "没有参数",
    "Name": "名称",
    "Description": "说明",
    "Request body": "请求体",
    "Responses": "返回",
    "Response": "返回",
    "Server response": "服务器的回答",
    "Code": "状态码",
    "Details": "内容",
    "Links": "链接",
    "No links": "无",
    "Response body": "返回内容",
    "Response headers": "返回头",
    "Request URL": "请求地址",
    "Request duration": "耗时",
    "Example Value": "示例",
    "Edit Value": "编辑",
    "Schema": "结构",
    "Media type": "内容类型",
    "Controls Accept header.": "决定请求头 Accept。",
    "Try it out": "试用",
    "Cancel": "取消",
    "Execute": "发送请求",
    "Clear": "清空",
    "Reset": "还原",
    "Download": "下载",
    "Download file": "下载文件",
    "Undocumented": "文档未列出",
    "Expand all": "全部展开",
    "Collapse all": "全部收起",
    "Error": "出错",
    "Loading": "正在加载",
    "LOADING": "正在加载",
    "Send empty value": "发送空值",
    "No response body": "没有返回内容",
}
"""The words of Swagger UI, which has English alone."""


def texts_in(language: str) -> dict[str, str]:
    return {name: both[0 if language == CHINESE else 1] for name, both in TEXTS.items()}

"""A card of each type, and an app that may send those that members press."""

from typing import Any

from tests.conftest import Corp, WeCom
from tests.families.app_messages.sending import ADDRESS
from wecom_tollbooth.corps.tables import App

LINK = {"type": 1, "url": "https://work.weixin.qq.com"}
TITLE = {"title": "欢迎使用企业微信", "desc": "你的好友正在邀请你加入企业微信"}
OPTIONS = [{"id": "green", "text": "绿茶"}, {"id": "black", "text": "红茶"}]

NOTICE: dict[str, Any] = {
    "card_type": "text_notice",
    "source": {"icon_url": "https://a.cn/i.png", "desc": "企业微信", "desc_color": 1},
    "main_title": TITLE,
    "emphasis_content": {"title": "100", "desc": "核心数据"},
    "quote_area": {**LINK, "title": "引用", "quote_text": "真好用"},
    "sub_title_text": "下载还能抢红包",
    "horizontal_content_list": [
        {"keyname": "邀请人", "value": "张三"},
        {"type": 1, "keyname": "官网", "value": "点击访问", "url": "https://work.weixin.qq.com"},
        {"type": 2, "keyname": "下载", "value": "企业微信.apk", "media_id": "1Yv-zXfHjSjU"},
        {"type": 3, "keyname": "员工信息", "value": "点击查看", "userid": "zhangsan"},
    ],
    "jump_list": [{**LINK, "title": "官网"}, {"type": 2, "title": "小程序", "appid": "wx1"}],
    "card_action": LINK,
}
NEWS: dict[str, Any] = {
    "card_type": "news_notice",
    "main_title": TITLE,
    "card_image": {"url": "https://a.cn/1.png", "aspect_ratio": 1.3},
    "vertical_content_list": [{"title": "惊喜红包", "desc": "等你来拿"}],
    "card_action": LINK,
}
BUTTONS: dict[str, Any] = {
    "card_type": "button_interaction",
    "main_title": TITLE,
    "task_id": "approve@1",
    "button_selection": {"question_key": "score", "title": "评分", "option_list": OPTIONS},
    "button_list": [
        {"text": "同意", "style": 1, "key": "yes"},
        {"text": "拒绝", "style": 2, "key": "no"},
        {"type": 1, "text": "详情", "url": "https://work.weixin.qq.com"},
    ],
}
VOTE: dict[str, Any] = {
    "card_type": "vote_interaction",
    "main_title": TITLE,
    "task_id": "vote-1",
    "checkbox": {
        "question_key": "tea",
        "mode": 1,
        "option_list": [{**OPTIONS[0], "is_checked": True}, {**OPTIONS[1], "is_checked": False}],
    },
    "submit_button": {"text": "提交", "key": "submit"},
}
SELECTS: dict[str, Any] = {
    "card_type": "multiple_interaction",
    "main_title": TITLE,
    "task_id": "select_1",
    "select_list": [
        {"question_key": "q1", "title": "第一题", "selected_id": "black", "option_list": OPTIONS},
        {"question_key": "q2", "title": "第二题", "option_list": OPTIONS},
    ],
    "submit_button": {"text": "提交", "key": "submit"},
}
TASK: dict[str, Any] = {
    "title": "礼物申请",
    "task_id": "gift@1",
    "description": "A31茶具套装",
    "url": "https://work.weixin.qq.com",
    "btn": [
        {"key": "yes", "name": "批准", "replace_name": "已批准", "color": "red", "is_bold": True},
        {"key": "no", "name": "驳回"},
    ],
}


def app_with_address(corp: Corp, **wanted: Any) -> WeCom:
    """A new self-built app with a callback address at which nobody listens."""
    app = corp.new_app(kind="self_built", **wanted)
    with corp.server.server.database.transaction() as tx:
        row = tx.session.get_one(App, (corp.corpid, app["agentid"]))
        row.callback_url = ADDRESS
        tx.session.add(row)
    return corp.client(app)


def with_new_token(app: WeCom) -> WeCom:
    """A client of the same app, once its token has expired."""
    with app.corp.server.server.database.transaction() as tx:
        secret = tx.session.get_one(App, (app.corp.corpid, app.agentid)).secret
    return app.corp.client({"agentid": app.agentid, "secret": secret})

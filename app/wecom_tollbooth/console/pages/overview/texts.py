"""Texts of the overview, in both languages."""

from wecom_tollbooth.console.words import Text

TITLE = Text("概况", "Overview")
ABOUT = Text(
    "调用一到，这里的数字就跟着变。账单是模拟的。", "The figures follow each call. The bill is simulated."
)

TEXTS = {
    # contacts
    "contacts": Text("外部联系人", "External contacts"),
    "of_limit": Text("上限 {limit}，已用 {share}", "{share} of {limit}"),
    "no_limit": Text("没有设上限", "No limit is set"),
    "limit_reached": Text("已到上限，新增联系人会被拒绝", "The limit is reached: more contacts are refused"),
    # calls
    "calls": Text("每分钟调用", "Calls a minute"),
    "this_minute": Text("这一分钟", "this minute"),
    "calls_month": Text(
        "本月成功 {charged} 次，被拒绝 {refused} 次", "This month: {charged} answered, {refused} refused"
    ),
    "chart": Text(
        "最近 {minutes} 分钟的调用，最多一分钟 {most} 次",
        "Calls of the last {minutes} minutes, at most {most} in one",
    ),
    "minutes_ago": Text("{minutes} 分钟前", "{minutes} min ago"),
    "now": Text("现在", "now"),
    "no_calls": Text("还没有调用。复制下面的代码试一次。", "No calls yet. Copy the code below and try one."),
    "answered": Text("成功", "Answered"),
    "refused": Text("被拒绝", "Refused"),
    "at_minute": Text("{time}：{calls} 次，被拒绝 {refused} 次", "{time}: {calls} calls, {refused} refused"),
    "see_calls": Text("查看调用", "See the calls"),
    # callbacks
    "callbacks": Text("待发回调", "Callbacks waiting"),
    "kept": Text("另有 {kept} 条只留存：应用没有地址", "{kept} more are kept: the app has no address"),
    "all_sent": Text("全部送达", "All are delivered"),
    "see_callbacks": Text("查看回调", "See the callbacks"),
    # bill
    "bill": Text("{month} 账单（模拟）", "Bill of {month} (simulated)"),
    "rising": Text("打开本页以来 +{amount}", "+{amount} since this page was opened"),
    "bill_chart": Text(
        "打开本页以来的账单，从 {from} 到 {to}", "The bill since this page was opened, from {from} to {to}"
    ),
    "by_meter": Text("账单的构成", "What the bill is made of"),
    "price_book": Text("价目：{book}", "Price book: {book}"),
    "nothing_charged": Text("这个月还没有费用", "Nothing is charged this month yet"),
    "see_bill": Text("查看账单", "See the bill"),
    # errcodes
    "errors": Text("本月错误码", "Errcodes of this month"),
    "no_errors": Text("没有被拒绝的调用", "No call was refused"),
    "times": Text("{n} 次", "{n}×"),
    "more_codes": Text("另有 {n} 种", "{n} more codes"),
    # getting started
    "start": Text("开始接入", "Get started"),
    "start_about": Text("SDK 只改地址，其余不变。", "Change the address of your SDK and nothing else."),
    "app": Text("应用", "App"),
    "base_url": Text("地址", "Base URL"),
    "secret": Text("密钥", "Secret"),
    "languages": Text("语言", "Languages"),
    "copy": Text("复制", "Copy"),
    "copy_what": Text("复制{what}", "Copy: {what}"),
    "copied": Text("已复制", "Copied"),
    "code": Text("代码", "Code"),
    "hidden": Text("演示模式隐藏了密钥", "Presenter mode hides secrets"),
    # the callback form
    "callback": Text("回调地址", "Callback address"),
    "callback_about": Text(
        "保存时会像企业微信那样验证：GET 请求带加密的 echostr，地址须返回明文。",
        "As in WeCom, saving verifies it: the address gets an encrypted echostr and must answer "
        "its plain text.",
    ),
    "url": Text("URL", "URL"),
    "url_hint": Text("留空则只留存回调、不发送", "Empty: callbacks are kept, not sent"),
    "stays": Text("留空则不变", "Empty: stays as it is"),
    "save": Text("保存并验证", "Save and verify"),
    "saving": Text("正在验证……", "Verifying…"),
    "verified": Text("已保存，验证通过。", "Saved: the address was verified."),
    "kept_only": Text("已保存：没有地址，回调只留存。", "Saved: no address, so callbacks are kept."),
    "refused_address": Text("没有保存：{reason}", "Not saved: {reason}"),
    "read_only": Text("只读模式，不能修改", "Read-only mode: nothing can be changed"),
    "status_no_address": Text("没有地址", "No address"),
    "status_idle": Text("正常", "All delivered"),
    "status_sending": Text("发送中", "Sending"),
    "status_failing": Text("上次失败，会重试", "Last attempt failed; tried again"),
    "status_paused": Text("已暂停", "Paused"),
    # states
    "unreachable": Text("连不上服务，正在重试。", "The server can't be reached; trying again."),
}

"""The hosts of WeCom that are served here."""

API_HOST = "qyapi.weixin.qq.com"

HOSTS = (
    API_HOST,
    "open.weixin.qq.com",
    "open.work.weixin.qq.com",
    "login.work.weixin.qq.com",
    "work.weixin.qq.com",
    "res.wx.qq.com",
    "res2.wx.qq.com",
    "wwcdn.weixin.qq.com",
    "rescdn.qqmail.com",
    "wework.qpic.cn",
    "p.qpic.cn",
    "shp.qpic.cn",
    "wx.qlogo.cn",
)
"""What products call and their pages load, without pay, official accounts and mini programs."""

LOCAL_NAMES = ("localhost",)
LOCAL_ADDRESSES = ("127.0.0.1", "::1")

ADDRESS_FOR_SOCKS = "192.0.2.1"
"""Stands for every listed host in Java's hosts file: an address of no machine, which only the proxy knows.

127.0.0.1 would not do, because Java never sends loopback addresses through a SOCKS proxy.
"""


def is_served(name: str) -> bool:
    return name.rstrip(".").lower() in HOSTS


def hosts_file_lines(address: str = "127.0.0.1") -> list[str]:
    return [f"{address} {host}" for host in HOSTS]

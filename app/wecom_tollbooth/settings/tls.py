"""The HTTPS front."""

from pydantic import Field
from pydantic_settings import BaseSettings

from wecom_tollbooth.settings.fields import Switch, both


class TlsSettings(BaseSettings):
    tls: Switch = Field(
        default=False,
        description=both(
            "on：另开 HTTPS 端口，以企业微信的域名应答",
            "on: an HTTPS port too, which answers under WeCom's host names",
        ),
    )
    tls_port: int = Field(
        default=8443,
        ge=0,
        le=65535,
        description=both("HTTPS 端口，0 为自动选择", "HTTPS port; 0 picks a free one"),
    )
    tls_folder: str = Field(
        default="tollbooth-tls",
        min_length=1,
        description=both(
            "存放本地证书机构、证书与各语言信任文件的目录",
            "folder of the local certificate authority, the certificate and what clients need to trust it",
        ),
    )
    proxy: Switch = Field(
        default=False,
        description=both(
            "on：另开代理端口（CONNECT 与 SOCKS5），只通往企业微信的域名；需要 TOLLBOOTH_TLS",
            "on: a proxy port too (CONNECT and SOCKS5) that leads WeCom's hosts here and refuses others; "
            "needs TOLLBOOTH_TLS",
        ),
    )
    proxy_port: int = Field(
        default=8899,
        ge=0,
        le=65535,
        description=both("代理端口，0 为自动选择", "port of the proxy; 0 picks a free one"),
    )

"""The server itself: database, address, seed, price books."""

from typing import Annotated, Literal

from pydantic import AfterValidator, Field
from pydantic_settings import BaseSettings

from wecom_tollbooth.settings.fields import Switch, both, host_names


class ServerSettings(BaseSettings):
    database_url: str = Field(
        default="sqlite:///tollbooth.db",
        description=both(
            "SQLite 文件（单进程）或 PostgreSQL 地址（可多进程）",
            "sqlite:///file.db (one worker) or postgresql://user:password@host/name (many workers)",
        ),
    )
    files: str = Field(
        default="",
        description=both(
            "存放上传文件的文件夹；空为数据库文件旁的 <数据库文件名>.files，PostgreSQL 为 tollbooth.files；"
            "多进程、多机器须共用",
            "folder of uploaded files; empty: <file>.files beside the database file, with PostgreSQL "
            "tollbooth.files; all workers and machines share it",
        ),
    )
    host: str = Field(default="127.0.0.1", description=both("监听地址", "address to listen on"))
    port: int = Field(
        default=8000,
        ge=0,
        le=65535,
        description=both("监听端口，0 为自动选择", "port to listen on; 0 picks a free one"),
    )
    workers: int = Field(
        default=1,
        ge=1,
        le=64,
        description=both(
            "进程数，多于 1 需要 PostgreSQL", "worker processes; more than one needs PostgreSQL"
        ),
    )
    admin_token: str = Field(
        default="",
        description=both(
            "访问 /_sim 所需的 Bearer 令牌，不只监听本机时必填",
            "bearer token that /_sim requires; needed unless the server listens on loopback",
        ),
    )
    sim_hosts: Annotated[str, AfterValidator(host_names)] = Field(
        default="",
        description=both(
            "除本机回环名称外，/_sim 还应答哪些主机名，也是可以从浏览器调用它的网页的主机名；逗号分隔，如 "
            "tollbooth.test,*.example.com",
            "hosts besides loopback under which /_sim answers, and whose pages may call it from a browser; "
            "commas between, such as tollbooth.test,*.example.com",
        ),
    )
    console_read_only: Switch = Field(
        default=False,
        description=both(
            "on：控制台 /console 只能查看，不能修改",
            "on: the console at /console only looks and changes nothing",
        ),
    )
    in_image: Switch = Field(
        default=False,
        description=both(
            "镜像中为 on：设了 DATABASE_URL 却没设 TOLLBOOTH_DATABASE_URL 时拒绝启动",
            "on in the image: a DATABASE_URL without TOLLBOOTH_DATABASE_URL stops the start",
        ),
    )
    url: str = Field(
        default="http://127.0.0.1:8000",
        description=both(
            "tollbooth bill 等命令访问的服务地址",
            "address of the running server that commands such as `tollbooth bill` ask",
        ),
    )

    sqlite_synchronous: Literal["normal", "full"] = Field(
        default="normal",
        description=both(
            "normal：进程被杀不丢数据；full：断电也不丢",
            "normal: a killed process loses nothing; full: a power failure neither",
        ),
    )
    pool_size: int = Field(
        default=10,
        ge=1,
        le=200,
        description=both("每个进程的 PostgreSQL 连接数", "PostgreSQL connections of each worker"),
    )

    seed: int = Field(
        default=1,
        ge=0,
        description=both("随机种子，种子相同，ID 就相同", "seed of all random values: same seed, same ids"),
    )
    price_book: str = Field(
        default="article-toll",
        description=both(
            "价目表：内置名称或 TOML 文件，逗号分隔",
            "price books: shipped names or paths of TOML files, separated by commas",
        ),
    )

"""`tollbooth console`: the web console by itself."""

from typing import Annotated

import typer

from wecom_tollbooth.cli.errors import CommandError
from wecom_tollbooth.cli.remote import Url

DEFAULT_PORT = 8001


def add_to(app: typer.Typer) -> None:
    app.command()(console)


def console(
    url: Url = None,
    host: Annotated[str, typer.Option(help="监听地址 Address to listen on")] = "127.0.0.1",
    port: Annotated[int, typer.Option(min=1, max=65535, help="端口 Port")] = DEFAULT_PORT,
) -> None:
    """单独运行网页控制台。Run the web console by itself, for a server with several workers or elsewhere."""
    from wecom_tollbooth.console.mount import WITHOUT_NICEGUI, is_installed

    if not is_installed():
        raise CommandError(WITHOUT_NICEGUI[1], 1)
    import uvicorn

    from wecom_tollbooth.console.apart import console_apart
    from wecom_tollbooth.http_protocol import OPTIONS
    from wecom_tollbooth.settings import load_settings

    settings = load_settings(url=url, host=host, port=port, workers=1)
    options = {**OPTIONS, "ws": "websockets-sansio", "http": "httptools"}
    print(f"控制台 Console  http://{host}:{port}/  →  {settings.url}")
    uvicorn.run(console_apart(settings), host=host, port=port, log_level="warning", **options)

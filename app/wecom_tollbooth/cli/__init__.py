"""`tollbooth`: start a server, and ask a running one. `main` is the entry point.

serve, demo, migrate, backup, restore and check open the database themselves, estimate needs none; the other
commands talk to a running server's /_sim over HTTP. To start fast, a command imports what it needs only when
it runs.
"""

import gc
import sys
from typing import Annotated, Any

import typer
from typer.core import TyperGroup

from wecom_tollbooth import __version__
from wecom_tollbooth.cli import (
    backup,
    console,
    corps,
    load,
    people,
    serve,
    server_info,
    snapshots,
    tls,
)
from wecom_tollbooth.cli.billing import bill, budget, estimate, ledger
from wecom_tollbooth.cli.calls import advice, faults
from wecom_tollbooth.cli.errors import CommandError


class OneLineGroup(TyperGroup):
    """Prints an error that the user can fix as one line on stderr, without a traceback."""

    def invoke(self, ctx: Any) -> Any:
        from wecom_tollbooth.settings import WrongSetting

        try:
            return super().invoke(ctx)
        except (CommandError, WrongSetting) as error:
            print(f"tollbooth: {error}", file=sys.stderr)
            raise typer.Exit(error.code if isinstance(error, CommandError) else 2) from None


app = typer.Typer(
    name="tollbooth",
    cls=OneLineGroup,
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    help="企业微信客户联系接口模拟器，带计量计费。"
    "A simulator of WeCom's customer API that meters and prices every call.",
)
for part in (
    serve,
    backup,
    corps,
    snapshots,
    people,
    faults,
    advice,
    bill,
    budget,
    ledger,
    estimate,
    server_info,
    load,
    tls,
    console,
):
    part.add_to(app)


def _print_version(wanted: bool) -> None:
    if wanted:
        print(f"tollbooth {__version__}")
        raise typer.Exit


@app.callback()
def options(
    version: Annotated[
        bool,
        typer.Option("--version", callback=_print_version, is_eager=True, help="显示版本 Show the version"),
    ] = False,
) -> None:
    """The options of `tollbooth` itself."""


def main() -> None:
    # Importing leaves no garbage, and collecting it would take a third of a command's time. The server turns
    # the collector on when it listens.
    gc.disable()
    app(prog_name="tollbooth")

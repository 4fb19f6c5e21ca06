"""`tollbooth`: start a server, and ask a running one. `main` is the entry.

serve, demo and migrate open the database themselves, estimate needs none; the other commands speak HTTP to a
running server's /_sim. Start-up is kept light: a command imports what it needs when it runs.
"""

import gc
import sys
from typing import Any

import typer
from typer.core import TyperGroup

from wecom_tollbooth.cli import bill, budget, corps, estimate, ledger, load, serve, world
from wecom_tollbooth.cli.errors import CommandError


class OneLineGroup(TyperGroup):
    """Ends with one line on stderr, and no traceback, where the user can mend what is wrong."""

    def invoke(self, ctx: Any) -> Any:
        from wecom_tollbooth.settings import WrongSetting

        try:
            return super().invoke(ctx)
        except (CommandError, WrongSetting) as stopped:
            print(f"tollbooth: {stopped}", file=sys.stderr)
            raise typer.Exit(stopped.code if isinstance(stopped, CommandError) else 2) from None


app = typer.Typer(
    name="tollbooth",
    cls=OneLineGroup,
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
    help="企业微信客户联系接口模拟器，带收费站。A simulator of WeCom's customer API with a toll booth.",
)
for part in (serve, corps, bill, budget, ledger, estimate, world, load):
    part.add_to(app)


def main() -> None:
    # A third of a command's time would go into looking for garbage among what it imports, and there is none.
    # A server switches the collector on when it listens.
    gc.disable()
    app(prog_name="tollbooth")

"""What people do outside the API, `tollbooth act`, and what their phones show, `tollbooth phone`."""

import typer

from wecom_tollbooth.cli.people.acts import act
from wecom_tollbooth.cli.people.phones import phone


def add_to(app: typer.Typer) -> None:
    app.command("act")(act)
    app.command("phone")(phone)

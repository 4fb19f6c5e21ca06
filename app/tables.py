"""All tables, imported, so that SQLModel.metadata is whole."""

import importlib
import importlib.util
import pkgutil

import sqlalchemy as sa
from sqlmodel import SQLModel

import app.billing.tables
import app.callbacks.tables
import app.families
import app.gateway.tables
import app.world.clock
import app.world.schedule


def metadata() -> sa.MetaData:
    """The metadata of every table of the project."""
    for module in pkgutil.iter_modules(app.families.__path__):
        name = f"app.families.{module.name}.tables"
        if importlib.util.find_spec(name):
            importlib.import_module(name)
    return SQLModel.metadata

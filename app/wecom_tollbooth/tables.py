"""All tables, imported, so that SQLModel.metadata is whole."""

import importlib
import importlib.util
import pkgutil

import sqlalchemy as sa
from sqlmodel import SQLModel

import wecom_tollbooth.billing.tables
import wecom_tollbooth.callbacks.tables
import wecom_tollbooth.families
import wecom_tollbooth.gateway.tables
import wecom_tollbooth.world.clock
import wecom_tollbooth.world.schedule


def metadata() -> sa.MetaData:
    """The metadata of every table of the project."""
    for module in pkgutil.iter_modules(wecom_tollbooth.families.__path__):
        name = f"wecom_tollbooth.families.{module.name}.tables"
        if importlib.util.find_spec(name):
            importlib.import_module(name)
    return SQLModel.metadata

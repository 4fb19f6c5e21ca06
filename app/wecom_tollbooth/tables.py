"""All tables, imported, so that SQLModel.metadata is whole."""

import importlib
import pkgutil

import sqlalchemy as sa
from sqlmodel import SQLModel

import wecom_tollbooth.advice.tables
import wecom_tollbooth.billing.tables
import wecom_tollbooth.callbacks.tables
import wecom_tollbooth.client.tables
import wecom_tollbooth.corps.snapshot_tables
import wecom_tollbooth.corps.tables
import wecom_tollbooth.families
import wecom_tollbooth.faults.tables
import wecom_tollbooth.gateway.tables
import wecom_tollbooth.retention.tables
import wecom_tollbooth.world.clock
import wecom_tollbooth.world.keyed_corps
import wecom_tollbooth.world.scheduled_tasks


def metadata() -> sa.MetaData:
    """The metadata of every table of the project."""
    families = wecom_tollbooth.families
    for module in pkgutil.walk_packages(families.__path__, f"{families.__name__}."):
        if module.name.endswith(".tables"):
            importlib.import_module(module.name)
    return SQLModel.metadata

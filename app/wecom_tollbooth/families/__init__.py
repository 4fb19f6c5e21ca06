"""The chapters of WeCom's API, one folder each: api.py (shapes and handlers), tables.py, acts.py."""

import importlib
import pkgutil
from functools import cache

from wecom_tollbooth.gateway.operation import REGISTRY, Registry


@cache
def load_families() -> Registry:
    """Imports every module of every family, which declares its operations and acts; safe to call again."""
    for module in pkgutil.walk_packages(__path__, f"{__name__}."):
        importlib.import_module(module.name)
    return REGISTRY

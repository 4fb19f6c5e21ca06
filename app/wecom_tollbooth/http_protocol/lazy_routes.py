"""FastAPI's routes, analysed when somebody asks for them: to analyse all took a sixth of the start."""

import inspect
from collections.abc import Callable
from typing import Any

from fastapi.routing import APIRoute

_DEFAULTS = {
    name: option.default
    for name, option in inspect.signature(APIRoute).parameters.items()
    if option.default is not option.empty
}


class LazyRoute(APIRoute):
    """Knows what it was given and no more.

    FastAPI analyses a route for each place where its router is included, and doesn't look at this one again.
    Where it is served itself, it is completed when something asks for what is missing.
    """

    def __init__(self, path: str, endpoint: Callable[..., Any], **options: Any) -> None:
        self._given = (path, endpoint, options)
        self.path, self.endpoint = path, endpoint
        for option, value in {**_DEFAULTS, **options}.items():
            setattr(self, option, value)
        self.methods = {method.upper() for method in self.methods or ("GET",)}
        self.tags, self.dependencies = list(self.tags or ()), list(self.dependencies or ())
        self.responses = self.responses or {}
        self.name = self.name or endpoint.__name__
        self.description = self.description or inspect.cleandoc(endpoint.__doc__ or "")
        self.stream_item_type = None
        self.form_limits = self.form_limits or {}

    def __getattr__(self, name: str) -> Any:
        """Reached for what an incomplete route lacks."""
        given = self.__dict__.pop("_given", None)
        if given is None:
            raise AttributeError(name)
        path, endpoint, options = given
        super().__init__(path, endpoint, **options)
        return getattr(self, name)

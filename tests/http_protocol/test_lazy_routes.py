"""Routes are analysed when something asks for what only the analysis tells."""

from typing import Any

from fastapi import APIRouter, FastAPI

from tests.conftest import RunningServer
from wecom_tollbooth.http_protocol.lazy_routes import LazyRoute
from wecom_tollbooth.sim_api.sections import SECTIONS


async def doubled(number: int) -> dict[str, int]:
    """Twice the number."""
    return {"doubled": 2 * number}


def is_complete(route: Any) -> bool:
    return "_given" not in vars(route)


def test_a_route_is_completed_at_the_first_look() -> None:
    router = APIRouter(route_class=LazyRoute)
    router.add_api_route("/double", doubled)
    [route] = router.routes
    assert not is_complete(route)
    assert isinstance(route, LazyRoute)
    assert route.path_regex.match("/double")
    assert is_complete(route)
    assert route.dependant.query_params[0].name == "number"


def test_a_lazy_route_is_in_openapi_as_any_other() -> None:
    lazy, usual = FastAPI(), FastAPI()
    for app, router in ((lazy, APIRouter(route_class=LazyRoute)), (usual, APIRouter())):
        router.add_api_route("/double", doubled, methods=["PUT"], tags=["a"])
        app.include_router(router, prefix="/x", tags=["b"])
    assert lazy.openapi() == usual.openapi()


def test_no_control_route_is_analysed_twice(server: RunningServer) -> None:
    server.sim.get("/corps").raise_for_status()
    server.sim.get("/operations").raise_for_status()
    assert server.app.openapi()["paths"]["/_sim/corps"]
    routes = [one for section in SECTIONS for router in section.routers for one in router.routes]
    assert routes
    assert [vars(route)["path"] for route in routes if is_complete(route)] == []

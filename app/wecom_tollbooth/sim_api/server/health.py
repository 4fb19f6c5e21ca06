"""GET /_sim/health."""

from typing import Any

from fastapi import APIRouter

from wecom_tollbooth import __version__

router = APIRouter()


@router.get("/health")
async def health() -> dict[str, Any]:
    """{"status": "ok", "version": …} once the server answers calls."""
    return {"status": "ok", "version": __version__}

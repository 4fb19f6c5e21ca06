"""The JSON schema of seed files."""

from typing import Any

from fastapi.responses import JSONResponse

from wecom_tollbooth.sim_api.routes import control_routes

router = control_routes()


@router.get("/seeds/schema", response_class=JSONResponse)
async def get_seed_schema() -> dict[str, Any]:
    """种子文件的格式 / The format of seed files

    种子文件的 JSON Schema，编辑器可据此检查与补全。

    The JSON schema of seed files. Editors check and complete files by it.
    """
    from wecom_tollbooth.seeds.described.schema import seed_schema

    return seed_schema()

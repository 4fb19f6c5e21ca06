"""Snapshots of a corp, and going back to one."""

from functools import partial
from typing import Annotated, Any

from pydantic import Field
from typing_extensions import TypedDict

from wecom_tollbooth.db import Slices, Transaction
from wecom_tollbooth.families.media.files_in_use import removing_dropped
from wecom_tollbooth.gateway.gateway import Gateway
from wecom_tollbooth.seeds.resetting import NoSeed, resetting
from wecom_tollbooth.server import Server
from wecom_tollbooth.sim_api.dependencies import TheGateway, TheServer
from wecom_tollbooth.sim_api.errors import SimError
from wecom_tollbooth.sim_api.lookup import the_corp
from wecom_tollbooth.sim_api.routes import CONFLICT, control_routes
from wecom_tollbooth.sim_api.shapes import ControlRequest, DeletedReply, example
from wecom_tollbooth.snapshots import stored
from wecom_tollbooth.snapshots.reading import NoCorp, read_state
from wecom_tollbooth.snapshots.restoring import IsBusy, NoSnapshot, Restored, restoring
from wecom_tollbooth.snapshots.stored import FileGone
from wecom_tollbooth.snapshots.taking import NotTaken, keeping
from wecom_tollbooth.world.keyed_corps import is_keyed

router = control_routes()

NAME = r"^\w[\w.\-]{0,63}$"
"""It doesn't begin with a dot: clients make `/corps/ID` of `/corps/ID/snapshots/..`, and delete the corp."""
ATTEMPTS = 3


class SnapshotRequest(ControlRequest):
    model_config = example(name="before-import")

    name: str = Field(
        pattern=NAME,
        description="字母、数字（含汉字）、点、下划线、连字符，最多 64 个，不以点或连字符开头 / "
        "Up to 64 letters, digits, dots, underscores and hyphens; no dot or hyphen first",
    )


class SnapshotReply(TypedDict):
    name: str
    taken_at: Annotated[int, Field(description="企业时钟的 Unix 秒 / Unix seconds of the corp's clock")]
    rows: Annotated[int, Field(description="数据行数 / Rows of the corp")]
    bytes: Annotated[int, Field(description="占用的字节数 / Bytes that it takes up")]


class SnapshotsReply(TypedDict):
    snapshots: list[SnapshotReply]


class RestoredReply(TypedDict):
    corpid: str
    restored: Annotated[str, Field(description="快照名称 / Name of the snapshot")]
    segment: Annotated[int, Field(description="账本的第几段 / Number of the new segment of the ledger")]
    superseded: Annotated[
        int,
        Field(
            description="被取代、不再计费的账本记录数 / Records of the ledger that are not billed any more"
        ),
    ]


class ResetReply(TypedDict):
    corpid: str
    segment: Annotated[int, Field(description="账本的第几段 / Number of the new segment of the ledger")]
    superseded: Annotated[
        int,
        Field(description="被取代、不再计费的账本记录数 / Records of the ledger that are billed no more"),
    ]


@router.post("/corps/{corpid}/snapshots", responses=CONFLICT)
async def take_snapshot(corpid: str, body: SnapshotRequest, server: TheServer) -> SnapshotReply:
    """拍摄快照 / Take a snapshot

    企业此刻的全部状态：数据、账本、时钟、发件箱与上传的文件，保存在数据库里。其间照常应答调用。同名快照已存在、
    快照多于 100 个或合计超过 1 GiB 时返回 409。

    The whole state of the corp at this moment: rows, ledger, clock, outbox and uploaded files, kept in the
    database. Calls are answered meanwhile. 409 for a name that is taken, and beyond 100 snapshots or 1 GiB.
    """
    await server.run(lambda tx: the_corp(tx, corpid))
    for attempt in range(1, ATTEMPTS + 1):
        try:
            state = await server.read(partial(read_state, server.settings, corpid))
            await server.in_slices(keeping(server.files, corpid, body.name, state))
            break
        except NotTaken as refusal:
            raise SimError(409, str(refusal)) from None
        except NoCorp as error:
            raise SimError(404, str(error)) from None
        except FileGone:
            if attempt == ATTEMPTS:
                raise SimError(409, "files of the corp are removed again and again; try once more") from None
    return _shown(await server.run(lambda tx: stored.find(tx, corpid, body.name)))


@router.get("/corps/{corpid}/snapshots")
async def list_snapshots(corpid: str, server: TheServer) -> SnapshotsReply:
    """列出快照 / List the snapshots

    最早的在前。

    Oldest first.
    """

    def work(tx: Transaction) -> SnapshotsReply:
        the_corp(tx, corpid)
        return {"snapshots": [_shown(row) for row in stored.listed(tx, corpid)]}

    return await server.run(work)


@router.delete("/corps/{corpid}/snapshots/{name}")
async def delete_snapshot(corpid: str, name: str, server: TheServer) -> DeletedReply:
    """删除快照 / Delete a snapshot

    企业本身不变。

    The corp itself stays as it is.
    """

    def find(tx: Transaction) -> int:
        the_corp(tx, corpid)
        found = stored.find(tx, corpid, name)
        if found is None:
            raise _no_snapshot(corpid, name)
        return int(found.id)

    await server.in_slices(stored.removing(corpid, await server.run(find)))
    await server.in_slices(removing_dropped(server.files))
    return {"deleted": name}


@router.post("/corps/{corpid}/snapshots/{name}/restore", responses=CONFLICT)
async def restore_snapshot(corpid: str, name: str, server: TheServer, gateway: TheGateway) -> RestoredReply:
    """恢复快照 / Restore a snapshot

    企业回到拍摄快照时的状态，自己的时钟也回到当时的时刻。其间它的调用返回 -1 并说明原因，控制接口返回 409，其
    他企业照常。拍摄之后的账本记录被取代：仍可查看，不再计费；恢复本身记入账本，封存链从这里开始新的一段。

    The corp goes back to the state of the snapshot, with its own clock showing what it showed then. Meanwhile
    its calls answer -1 with a hint and the control API 409; other corps go on. Records of the ledger from
    after the snapshot are superseded: readable, and billed no more. The restore books a record of its own and
    begins a new segment of the chain of seals.
    """
    await server.run(lambda tx: the_corp(tx, corpid))
    return await restore(server, gateway, corpid, name)


@router.post("/corps/{corpid}/reset", responses=CONFLICT)
async def reset_corp(corpid: str, server: TheServer, gateway: TheGateway) -> ResetReply:
    """重置企业 / Reset a corp

    企业回到初始数据：新建时的内容以及 `…/seed` 添加的内容，ID 与密钥相同；导入的企业回到导入时的状态。账本与
    恢复快照时一样：已有记录被取代，开始新的一段。快照保留。

    The corp goes back to its seed: what it was made with and what `…/seed` added, with the same ids and
    secrets; an imported one to what was imported. The ledger does what it does for a restore: its records are
    superseded, and a new segment begins. Snapshots stay.
    """
    await server.run(lambda tx: the_corp(tx, corpid))
    done = await _replace(server, gateway, corpid, resetting(server.database, corpid), "")
    return {"corpid": corpid, "segment": done.segment, "superseded": done.superseded}


async def restore(server: Server, gateway: Gateway, corpid: str, name: str) -> RestoredReply:
    """Restores the corp, and sees to what follows from it."""
    done = await _replace(server, gateway, corpid, restoring(server.settings, corpid, name), name)
    return {"corpid": corpid, "restored": name, "segment": done.segment, "superseded": done.superseded}


async def _replace(
    server: Server, gateway: Gateway, corpid: str, slices: Slices[Restored], name: str
) -> Restored:
    async with server.moving_the_clock(corpid):
        try:
            done = await server.in_slices(slices)
        except NoSeed as error:
            raise SimError(409, str(error)) from None
        except NoSnapshot:
            raise _no_snapshot(corpid, name) from None
        except NoCorp as error:
            raise SimError(404, str(error)) from None
        except IsBusy as error:
            raise SimError(409, str(error)) from None
        gateway.rate_limits.forget(corpid)
        if is_keyed(corpid):
            await server.settle(corpid)
    await server.in_slices(removing_dropped(server.files))
    server.work_waiting.set(corpid)
    return done


def _no_snapshot(corpid: str, name: str) -> SimError:
    return SimError(404, f"corp {corpid!r} has no snapshot {name!r}; GET /_sim/corps/{corpid}/snapshots")


def _shown(row: Any) -> SnapshotReply:
    return {"name": row.name, "taken_at": row.taken_at, "rows": row.rows, "bytes": row.size}

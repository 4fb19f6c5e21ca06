"""Faults in the delivery of callbacks: copies, reordering, delays, losses."""

from pydantic import Field
from typing_extensions import TypedDict

from wecom_tollbooth.callbacks.tables import DeliveryFaults
from wecom_tollbooth.db import Transaction
from wecom_tollbooth.sim_api.dependencies import TheServer
from wecom_tollbooth.sim_api.lookup import the_corp
from wecom_tollbooth.sim_api.routes import control_routes, renamed
from wecom_tollbooth.sim_api.shapes import ControlRequest, example

router = control_routes()

PATH, OLD_PATH = "/corps/{corpid}/callbacks/delivery_faults", "/corps/{corpid}/callbacks/knobs"


class DeliveryFaultsRequest(ControlRequest):
    """A fault that is left out is off."""

    model_config = example(duplicate=1, same_second=20)

    duplicate: int = Field(
        default=0, ge=0, le=10, description="每个事件多发的份数 / Extra copies of each event"
    )
    reorder: int = Field(
        default=0, ge=0, le=64, description="在多大的窗口内打乱顺序 / Size of the windows that are shuffled"
    )
    delay_seconds: int = Field(
        default=0, ge=0, le=86_400, description="推迟的秒数，按模拟器时钟 / Delay, by the simulator's clock"
    )
    drop_one_in: int = Field(
        default=0,
        ge=0,
        le=1_000_000_000,
        description="每多少个丢一个，1 为全部丢弃 / One in this many is never sent; 1 drops all",
    )
    same_second: int = Field(
        default=0,
        ge=0,
        le=10_000,
        description="连续多少个的 CreateTime 相同 / How many in a row share a CreateTime",
    )


class DeliveryFaultsReply(TypedDict):
    duplicate: int
    reorder: int
    delay_seconds: int
    drop_one_in: int
    same_second: int


@router.get(OLD_PATH, **renamed(PATH, "get_callback_knobs"))
@router.get(PATH)
async def get_delivery_faults(corpid: str, server: TheServer) -> DeliveryFaultsReply:
    """查看回调投递故障 / Show the delivery faults

    生效的故障注入参数。

    The faults in force.
    """
    return await server.run(lambda tx: _described(tx, corpid))


@router.put(OLD_PATH, **renamed(PATH, "set_callback_knobs"))
@router.put(PATH)
async def set_delivery_faults(
    corpid: str, body: DeliveryFaultsRequest, server: TheServer
) -> DeliveryFaultsReply:
    """设置回调投递故障 / Set the delivery faults

    对此后引发的事件注入故障：重复、乱序、延迟、丢失。省略的参数视为关闭。

    Injects faults into the delivery of events raised from now on. A fault that is left out is off.
    """

    def work(tx: Transaction) -> DeliveryFaultsReply:
        the_corp(tx, corpid)
        tx.session.merge(DeliveryFaults(corp_id=corpid, **body.model_dump()))
        tx.flush()
        return _described(tx, corpid)

    return await server.run(work)


def _described(tx: Transaction, corpid: str) -> DeliveryFaultsReply:
    the_corp(tx, corpid)
    faults = tx.session.get(DeliveryFaults, corpid) or DeliveryFaults(corp_id=corpid)
    return {
        "duplicate": faults.duplicate,
        "reorder": faults.reorder,
        "delay_seconds": faults.delay_seconds,
        "drop_one_in": faults.drop_one_in,
        "same_second": faults.same_second,
    }

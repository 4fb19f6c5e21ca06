"""Customer groups: without a name, without a notice, full, of an owner who left, dissolved."""

from typing import Any

from wecom_tollbooth.seeds.edge.customers import IN_THE_LARGE_GROUP
from wecom_tollbooth.seeds.edge.directory import STAFF
from wecom_tollbooth.seeds.edge.texts import RARE, longest


def _group(id_: str, /, **fields: Any) -> dict[str, Any]:
    return {"chat_id": f"wrEdge{id_}", **fields}


GROUPS: list[dict[str, Any]] = [
    _group("Bare", owner="lisi", people=[{"userid": "lisi"}]),
    _group(
        "Full",
        name=longest(64),
        notice=RARE[-1] + longest(1980),
        owner="zhangsan",
        admins=["lisi", "A-b_c.d@E"],
        people=[
            {"userid": "zhangsan", "group_nickname": "群主"},
            {"userid": "lisi", "invitor": "zhangsan", "group_nickname": RARE[0]},
            {"userid": "A-b_c.d@E", "join_scene": 2},
            {"customer": "Full", "invitor": "zhangsan", "group_nickname": longest(32)},
            {"customer": "Bare", "join_scene": 2},
            {"customer": "FullOfWeCom", "join_scene": 3, "state": "x" * 30},
            {"customer": "OfNobody", "join_scene": 3, "state": RARE[0]},
            {"customer": "Way1", "left_at": "-1d"},
            {"customer": "Way2", "joined_at": "-5d", "left_at": "-3d"},
            {"customer": "Way2", "joined_at": "-2d"},
        ],
    ),
    _group("Rare", name=RARE[1], notice=RARE[3], owner="lisi", people=[{"userid": "lisi"}]),
    _group(
        "Large",
        name="五百人群",
        owner=STAFF[0],
        people=[
            *({"userid": userid} for userid in STAFF[:20]),
            *({"customer": f"Group{number:03d}", "join_scene": 3} for number in range(IN_THE_LARGE_GROUP)),
        ],
    ),
    _group("OwnerLeft", name="群主已离职", owner="gone", people=[{"userid": "gone"}, {"customer": "Full"}]),
    _group("BeingInherited", name="继承中", owner="gone", status=2, people=[{"userid": "gone"}]),
    _group("Inherited", name="已继承", owner="lisi", status=3, people=[{"userid": "lisi"}]),
    _group(
        "Dismissed",
        name="已解散",
        owner="lisi",
        dismissed_at="-1d",
        people=[{"userid": "lisi"}, {"customer": "Full"}],
    ),
    _group("Oldest", owner="founder", created_at="2016-04-18", people=[{"userid": "founder"}]),
]

"""商品图册: the products that members show to customers."""

import re
from typing import Any, NotRequired

import sqlalchemy as sa
from typing_extensions import TypedDict

from wecom_tollbooth.families.media.lookup import check_media
from wecom_tollbooth.families.product_albums.tables import PRODUCT_ALBUM
from wecom_tollbooth.gateway.call import Call
from wecom_tollbooth.gateway.cursors import make_cursor, position_of
from wecom_tollbooth.gateway.errcodes import ErrCode, Refusal
from wecom_tollbooth.gateway.operation import Family
from wecom_tollbooth.gateway.permissions import Permission
from wecom_tollbooth.gateway.shapes import Done, RequestModel, optional, required, required_number

family = Family("product_albums", "商品图册", "Product albums")


DESCRIPTION_CHARS, PRODUCT_SN_BYTES, ATTACHMENTS = 300, 128, 9
PRICE_MAX = 5_000_000
"""Fen: 50,000 yuan (page 95096)."""
LIST_DEFAULT, LIST_MAX = 50, 100
_PRODUCT_SN = re.compile(r"[A-Za-z0-9]*")


class ImageGiven(RequestModel):
    media_id: str | None = optional(doc="of media/upload_attachment, attachment_type 2")


class AttachmentGiven(RequestModel):
    type: str | None = optional(doc="image, the only kind")
    image: ImageGiven | None = optional()


class ImageShape(TypedDict):
    media_id: str


class AttachmentShape(TypedDict):
    type: str
    image: ImageShape


# --- 创建商品图册 ----------------------------------------------------------------------------------------


class AddRequest(RequestModel):
    description: str = required(
        ErrCode.INVALID_PRODUCT_DESCRIPTION,
        max_chars=DESCRIPTION_CHARS,
        too_long=ErrCode.DESCRIPTION_NOT_CONFORMING,
    )
    price: int = required_number(ErrCode.INVALID_PRODUCT_PRICE, doc="fen, at most 5000000")
    product_sn: str | None = optional(doc="letters and digits, at most 128 bytes")
    attachments: list[AttachmentGiven] = required(
        ErrCode.ATTACHMENTS_EMPTY, max_items=ATTACHMENTS, too_long=ErrCode.TOO_MANY_ATTACHMENTS
    )


class AddReply(TypedDict):
    product_id: str


@family.post(
    "/cgi-bin/externalcontact/add_product_album",
    doc="95096",
    meter="customer.write",
    permission=Permission.PRODUCT_ALBUM,
    errors=(
        ErrCode.INVALID_PRODUCT_DESCRIPTION,
        ErrCode.DESCRIPTION_NOT_CONFORMING,
        ErrCode.INVALID_PRODUCT_PRICE,
        ErrCode.INVALID_PRODUCT_SN,
        ErrCode.ATTACHMENTS_EMPTY,
        ErrCode.TOO_MANY_ATTACHMENTS,
        ErrCode.INVALID_ATTACHMENT_TYPE,
        ErrCode.INVALID_MEDIA_ID,
    ),
    sample={
        "description": "世界上最好的商品",
        "price": 30000,
        "product_sn": "xxxxxxxx",
        "attachments": [{"type": "image", "image": {"media_id": "MEDIA_ID"}}],
    },
)
def add_product_album(call: Call, body: AddRequest) -> AddReply:
    """创建商品图册 / Create a product album

    A description of up to 300 characters, a price of 0 to 5,000,000 fen, 1 to 9 images.
    """
    _refuse_price(body.price)
    _refuse_product_sn(body.product_sn or "")
    attachments = _attachments(call, body.attachments)
    product_id = call.new_id("")
    call.db.execute(
        sa.insert(PRODUCT_ALBUM).values(
            corp_id=call.corp_id,
            product_id=product_id,
            seq=call.next_id(),
            description=body.description,
            price=body.price,
            product_sn=body.product_sn or "",
            attachments=attachments,
            create_time=call.now,
            created_by=call.agentid,
        )
    )
    return {"product_id": product_id}


def _refuse_price(price: int) -> None:
    if not 0 <= price <= PRICE_MAX:
        raise Refusal(ErrCode.INVALID_PRODUCT_PRICE, detail=f"price {price} is outside 0 to {PRICE_MAX} fen")


def _refuse_product_sn(product_sn: str) -> None:
    if len(product_sn.encode()) > PRODUCT_SN_BYTES or not _PRODUCT_SN.fullmatch(product_sn):
        raise Refusal(
            ErrCode.INVALID_PRODUCT_SN,
            detail=f"product_sn may hold only letters and digits, at most {PRODUCT_SN_BYTES} bytes",
        )


def _attachments(call: Call, given: list[AttachmentGiven]) -> list[AttachmentShape]:
    """The attachments in their stored form. Raises 41065, 40007."""
    attachments: list[AttachmentShape] = []
    for place, attachment in enumerate(given):
        if attachment.type != "image":
            raise Refusal(ErrCode.INVALID_ATTACHMENT_TYPE, detail=f"type {attachment.type!r} is not 'image'")
        media_id = (attachment.image.media_id if attachment.image else None) or ""
        field = f"attachments[{place}].image.media_id"
        check_media(call, media_id, "image", field=field, use="product_album")
        attachments.append({"type": "image", "image": {"media_id": media_id}})
    return attachments


# --- 获取商品图册 ----------------------------------------------------------------------------------------


class ProductRequest(RequestModel):
    product_id: str = required()


class ListedProduct(TypedDict):
    product_id: str
    description: str
    price: int
    product_sn: NotRequired[str]
    attachments: list[AttachmentShape]


class Product(ListedProduct):
    create_time: int


class GetReply(TypedDict):
    product: Product


@family.post(
    "/cgi-bin/externalcontact/get_product_album",
    doc="95096",
    meter="customer.read",
    permission=Permission.PRODUCT_ALBUM,
    errors=(ErrCode.PARAMETERS_EMPTY, ErrCode.INVALID_PRODUCT_ID, ErrCode.PRODUCT_DELETED),
    sample={"product_id": "xxxxxxxxxx"},
)
def get_product_album(call: Call, body: ProductRequest) -> GetReply:
    """获取商品图册 / Get a product album

    Any product of the corp, whichever app created it; `product_sn` is absent if none was given.
    """
    row = _the_product(call, body.product_id)
    return {"product": {**_shape(row), "create_time": row.create_time}}


def _the_product(call: Call, product_id: str) -> Any:
    """The product's row. Raises 41075, 41074."""
    row = call.db.execute(sa.select(PRODUCT_ALBUM).where(*_this(call, product_id))).first()
    if row is None:
        raise Refusal(ErrCode.INVALID_PRODUCT_ID, detail=f"{product_id!r} is not a product of this corp")
    if row.deleted_at is not None:
        raise Refusal(ErrCode.PRODUCT_DELETED, detail=f"{product_id!r} was deleted")
    return row


def _this(call: Call, product_id: str) -> tuple[sa.ColumnElement[bool], ...]:
    return (PRODUCT_ALBUM.c.corp_id == call.corp_id, PRODUCT_ALBUM.c.product_id == product_id)


def _shape(row: Any) -> ListedProduct:
    shape: ListedProduct = {
        "product_id": row.product_id,
        "description": row.description,
        "price": row.price,
        "attachments": row.attachments,
    }
    if row.product_sn:
        shape["product_sn"] = row.product_sn
    return shape


# --- 获取商品图册列表 ------------------------------------------------------------------------------------


class ListRequest(RequestModel):
    limit: int | None = optional(doc="default 50, at most 100; a larger one counts as 50")
    cursor: str | None = optional(doc="empty for the first page")


class ListReply(TypedDict):
    next_cursor: str
    product_list: list[ListedProduct]


@family.post(
    "/cgi-bin/externalcontact/get_product_album_list",
    doc="95096",
    meter="customer.read",
    permission=Permission.PRODUCT_ALBUM,
    errors=(ErrCode.INVALID_CURSOR,),
    sample={"limit": 50, "cursor": "CURSOR"},
)
def get_product_album_list(call: Call, body: ListRequest) -> ListReply:
    """获取商品图册列表 / List product albums

    The products of the corp, oldest first, without create_time. `next_cursor` is empty on the last page.
    """
    limit = body.limit if body.limit and 0 < body.limit <= LIST_MAX else LIST_DEFAULT
    after = position_of(call, "", body.cursor)[0] if body.cursor else 0
    query = (
        sa.select(PRODUCT_ALBUM)
        .where(
            PRODUCT_ALBUM.c.corp_id == call.corp_id,
            PRODUCT_ALBUM.c.seq > after,
            PRODUCT_ALBUM.c.deleted_at.is_(None),
        )
        .order_by(PRODUCT_ALBUM.c.seq)
        .limit(limit + 1)
    )
    rows = list(call.db.execute(query))
    more = len(rows) > limit
    return {
        "next_cursor": make_cursor(call, "", [rows[limit - 1].seq]) if more else "",
        "product_list": [_shape(row) for row in rows[:limit]],
    }


# --- 编辑商品图册 ----------------------------------------------------------------------------------------


class UpdateRequest(ProductRequest):
    description: str | None = optional(
        max_chars=DESCRIPTION_CHARS, too_long=ErrCode.DESCRIPTION_NOT_CONFORMING
    )
    price: int | None = optional(doc="fen, at most 5000000")
    product_sn: str | None = optional(doc="letters and digits, at most 128 bytes")
    attachments: list[AttachmentGiven] | None = optional(
        max_items=ATTACHMENTS, too_long=ErrCode.TOO_MANY_ATTACHMENTS, doc="replaces all attachments"
    )


@family.post(
    "/cgi-bin/externalcontact/update_product_album",
    doc="95096",
    meter="customer.write",
    permission=Permission.PRODUCT_ALBUM,
    errors=(
        ErrCode.PARAMETERS_EMPTY,
        ErrCode.INVALID_PRODUCT_ID,
        ErrCode.PRODUCT_DELETED,
        ErrCode.NO_PRIVILEGE,
        ErrCode.DESCRIPTION_NOT_CONFORMING,
        ErrCode.INVALID_PRODUCT_PRICE,
        ErrCode.INVALID_PRODUCT_SN,
        ErrCode.ATTACHMENTS_EMPTY,
        ErrCode.TOO_MANY_ATTACHMENTS,
        ErrCode.INVALID_ATTACHMENT_TYPE,
        ErrCode.INVALID_MEDIA_ID,
    ),
    sample={
        "product_id": "xxxxxxxxxx",
        "description": "世界上最好的商品",
        "price": 30000,
        "product_sn": "xxxxxx",
        "attachments": [{"type": "image", "image": {"media_id": "MEDIA_ID"}}],
    },
)
def update_product_album(call: Call, body: UpdateRequest) -> Done:
    """编辑商品图册 / Change a product album

    Changes a product that the calling app created. Absent fields and empty texts keep their value;
    `attachments` replaces all attachments and may not be empty.
    """
    _refuse_unless_own(call, _the_product(call, body.product_id))
    changes: dict[str, Any] = {}
    if body.description:
        changes["description"] = body.description
    if body.price is not None:
        _refuse_price(body.price)
        changes["price"] = body.price
    if body.product_sn:
        _refuse_product_sn(body.product_sn)
        changes["product_sn"] = body.product_sn
    if body.attachments is not None:
        if not body.attachments:
            raise Refusal(
                ErrCode.ATTACHMENTS_EMPTY, detail="give at least one attachment, or omit attachments"
            )
        changes["attachments"] = _attachments(call, body.attachments)
    if changes:
        call.db.execute(sa.update(PRODUCT_ALBUM).where(*_this(call, body.product_id)).values(changes))
    return {}


def _refuse_unless_own(call: Call, row: Any) -> None:
    """Raises 60011 for a product that another app created."""
    if row.created_by != call.agentid:
        raise Refusal(
            ErrCode.NO_PRIVILEGE,
            detail=f"{row.product_id} was created by app {row.created_by}, not by app {call.agentid}",
        )


# --- 删除商品图册 ----------------------------------------------------------------------------------------


@family.post(
    "/cgi-bin/externalcontact/delete_product_album",
    doc="95096",
    meter="customer.write",
    permission=Permission.PRODUCT_ALBUM,
    errors=(
        ErrCode.PARAMETERS_EMPTY,
        ErrCode.INVALID_PRODUCT_ID,
        ErrCode.PRODUCT_DELETED,
        ErrCode.NO_PRIVILEGE,
    ),
    sample={"product_id": "xxxxxxxxxx"},
)
def delete_product_album(call: Call, body: ProductRequest) -> Done:
    """删除商品图册 / Delete a product album

    Deletes a product that the calling app created.
    """
    _refuse_unless_own(call, _the_product(call, body.product_id))
    call.db.execute(sa.update(PRODUCT_ALBUM).where(*_this(call, body.product_id)).values(deleted_at=call.now))
    return {}

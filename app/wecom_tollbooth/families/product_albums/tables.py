"""Product albums (商品图册): what members show to customers."""

from typing import Any

import sqlalchemy as sa
from sqlmodel import Field, SQLModel

from wecom_tollbooth.db import JsonText, table_of


class ProductAlbum(SQLModel, table=True):
    """One product of the corp. A deleted row is kept, so that its id answers 41074 instead of 41075."""

    __tablename__ = "product_album"
    __table_args__ = (sa.Index("product_album_by_seq", "corp_id", "seq"),)
    corp_id: str = Field(primary_key=True)
    product_id: str = Field(primary_key=True)
    seq: int = Field(sa_type=sa.BigInteger)
    """Rises with each new product; lists are in this order."""
    description: str
    price: int
    """Fen."""
    product_sn: str = ""
    attachments: list[dict[str, Any]] = Field(sa_type=JsonText)
    create_time: int = Field(sa_type=sa.BigInteger)
    created_by: int = Field(sa_type=sa.BigInteger)
    """agentid of the app that created it."""
    deleted_at: int | None = Field(default=None, sa_type=sa.BigInteger)


PRODUCT_ALBUM = table_of(ProductAlbum)

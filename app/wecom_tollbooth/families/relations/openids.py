"""The openid of a WeChat user for one corp."""

from wecom_tollbooth.world import ids


def openid_of(corp_id: str, external_userid: str) -> str:
    """The same in every call, so that a login leads to the customer who is known already."""
    return "o" + ids.draw(0, f"openid/{corp_id}/{external_userid}", 0, 27)

"""What members do with documents in the client.

Sharing raises doc_change, which goes to the app that made the document: only that app has authority over it.
"""

from typing import Any

from pydantic import Field

from wecom_tollbooth.callbacks.emit import emit
from wecom_tollbooth.callbacks.events.documents import DocMemberChange
from wecom_tollbooth.families.directory.lookup import the_member
from wecom_tollbooth.families.documents.document_permissions import AUTHS, PERSON, members_after
from wecom_tollbooth.families.documents.lookup import change_document, find_document
from wecom_tollbooth.world.acts import Act, ActModel, ActRefused, act


def document_of(act: Act, docid: str, *, to_write: bool = False) -> Any:
    """As find_document; raises ActRefused for an unknown document."""
    document = find_document(act, docid, to_write=to_write)
    if document is None:
        raise ActRefused(f"there is no document {docid!r} in this corp")
    return document


class DocumentMember(ActModel):
    userid: str
    auth: int = AUTHS[0]


class MemberSharesDocument(ActModel):
    docid: str
    userid: str | None = None
    add: list[DocumentMember] = Field(default_factory=list, max_length=100)
    remove: list[str] = Field(default_factory=list, max_length=100)


@act("member_shares_document")
def member_shares_document(act: Act, body: MemberSharesDocument) -> dict[str, Any]:
    """成员修改文档成员 / A member adds members to a document or removes them: doc_change."""
    document = document_of(act, body.docid, to_write=True)
    sender = the_member(act, body.userid).userid if body.userid else "sys"
    put = []
    for one in body.add:
        if one.auth not in AUTHS:
            raise ActRefused(f"auth {one.auth} is not one of {AUTHS}")
        put.append({"type": PERSON, "userid": the_member(act, one.userid).userid, "auth": one.auth})
    removed = [{"type": PERSON, "userid": userid} for userid in body.remove]
    change_document(act, document.docid, members=members_after(document.members, put, removed))
    emit(act, DocMemberChange(FromUserName=sender, DocId=document.docid), agentid=document.agentid)
    return {"docid": document.docid}

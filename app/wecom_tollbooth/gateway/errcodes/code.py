"""One errcode."""


class Code(int):
    """The number of an errcode, with its text on the wire and the name that it is assigned to."""

    text: str
    name: str

    def __new__(cls, number: int, text: str) -> "Code":
        code = int.__new__(cls, number)
        code.text = text
        return code

    def __set_name__(self, owner: type, name: str) -> None:
        # A family may name a code again, as an attribute of a class of its own.
        if "name" not in vars(self):
            self.name = name

    def __repr__(self) -> str:
        return f"<{self.name}: {int(self)}>"

    __str__ = int.__repr__

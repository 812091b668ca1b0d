"""Which elements were mapped or quantified, and in what."""

from sqlalchemy import String
from sqlalchemy.orm import Mapped, mapped_column

from app.infra.db.base import Base, Id


class ShownElement(Base):
    """
    An element shown of a dataset or result by a dataset or result.

    ``by_id`` is what holds the map or composition: the thing itself, or a result that was made of the dataset.
    """

    __tablename__ = "shown_element"

    element: Mapped[str] = mapped_column(String(2), primary_key=True)
    object_id: Mapped[str] = mapped_column(Id, primary_key=True)
    by_id: Mapped[str] = mapped_column(Id, primary_key=True, index=True)

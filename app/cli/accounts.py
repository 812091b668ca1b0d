"""Accounts kept from the machine itself: for the day nobody can sign in."""

from dataclasses import dataclass
from typing import Any, Literal

from pydantic import SecretStr, ValidationError

from app.errors import LabError
from app.infra.db.models import User
from app.infra.house import House
from app.lab.access import SYSTEM
from app.lab.accounts.passwords import hash_password
from app.lab.accounts.schemas import NewUser, UserChange
from app.lab.accounts.service import AccountService
from app.lab.composition import Lab

PAGE = 500


@dataclass(frozen=True)
class Kept:
    """An account, and what became of it."""

    act: Literal["made", "changed"]
    login: str
    user_id: str
    role: str

    @property
    def words(self) -> str:
        """Say it in a line."""
        return f"{self.act} {self.role} {self.login} ({self.user_id})"


class AccountRefused(RuntimeError):
    """Why an account was neither made nor changed."""


def keep_account(house: House, login: str, *, role: str | None, display_name: str | None, password: str | None) -> Kept:
    """
    Make an account, or change the one of that login name; tell what was done.

    Parameters
    ----------
    house : House
        The service.
    login : str
        Login name.
    role : {"member", "manager", "auditor", "admin"} or None
        Facility role; a new account without one is a member's.
    display_name : str or None
        Name shown; the login name for a new account without one.
    password : str or None
        New password; sign-ins end when it changes.
    """
    given: dict[str, Any] = {"facility_role": role, "display_name": display_name}
    fields = {name: value for name, value in given.items() if value is not None}
    if password is not None:
        fields["password"] = SecretStr(password)
    try:
        return _keep(house, login, fields)
    except ValidationError as error:
        raise AccountRefused("; ".join(f"{item['loc'][-1]}: {item['msg']}" for item in error.errors())) from None
    except LabError as error:
        raise AccountRefused(error.detail) from None


def _keep(house: House, login: str, fields: dict[str, Any]) -> Kept:
    new = NewUser(login=login, **{"display_name": login, **fields})
    change = UserChange(**fields)
    digest = hash_password(new.password.get_secret_value()) if new.password is not None else None
    with house.database.writing() as session:
        accounts = Lab(house, session).accounts
        user = _find(accounts, login)
        if user is None:
            user = accounts.create(SYSTEM, new, digest)
            return Kept("made", login, user.id, user.facility_role)
        accounts.change(SYSTEM, user.id, change, version=user.version, password_hash=digest)
        return Kept("changed", login, user.id, user.facility_role)


def _find(accounts: AccountService, login: str) -> User | None:
    before: str | None = None
    while rows := accounts.page(SYSTEM, before, PAGE):
        for row in rows:
            if row.login == login:
                return row
        before = rows[-1].id
    return None

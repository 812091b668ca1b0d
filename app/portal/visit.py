"""A visit: who looks at a page or sends a form, with the rooms in the request's one transaction."""

from dataclasses import dataclass
from typing import Annotated, Any

from fastapi import APIRouter, Depends, Query, Request
from fastapi.responses import HTMLResponse

from app.errors import LabError, Unauthenticated
from app.lab.access import Actor
from app.lab.composition import Lab
from app.lab.doors import CurrentLab
from app.lab.doors.dependencies import LOGIN_COOKIE, identify
from app.lab.doors.route import LabRoute
from app.portal import rendering
from app.portal.forms import Values, errors_of, read_form
from app.portal.names import namer

MOST_ALARMS = 100
Done = Annotated[str | None, Query(alias="done", max_length=40, description="Name of the notice to show")]
FormValues = Annotated[Values, Depends(read_form)]


def portal_router() -> APIRouter:
    """Make the router of a room's pages: committed like every request, absent from the API's description."""
    return APIRouter(route_class=LabRoute, include_in_schema=False)


@dataclass(frozen=True)
class Visit:
    """What every page is made from."""

    request: Request
    lab: Lab
    actor: Actor
    csrf_token: str
    form: Values

    def page(self, template: str, **context: Any) -> HTMLResponse:
        """Render a page for this visitor, with the alarms that wait for somebody."""
        waiting = self.lab.alarms.count_open(self.actor, MOST_ALARMS)
        shown = {"namer": namer(self.lab, self.actor), "open_alarms": waiting, "most_alarms": MOST_ALARMS, **context}
        return rendering.page(self.request, template, **shown)

    def refused(self, error: LabError, template: str, **context: Any) -> HTMLResponse:
        """
        Undo what a form began and show it again with its answers and what was wrong.

        Parameters
        ----------
        error : LabError
            The refusal; its pointers lead to the fields.
        template : str
            The form's page.
        **context
            What the page needs besides.
        """
        self.lab.session.rollback()
        return self.page(template, status=error.status, errors=errors_of(error), values=self.form, **context)


def _visit(request: Request, lab: CurrentLab, form: FormValues, _done: Done = None) -> Visit:
    cookie = request.cookies.get(LOGIN_COOKIE)
    if not cookie:
        raise Unauthenticated
    actor = identify(request, csrf_token=form.pop("csrf_token", ""))
    visit = Visit(request, lab, actor, lab.authentication.csrf_token(cookie), form)
    request.state.visit = visit
    return visit


CurrentVisit = Annotated[Visit, Depends(_visit, scope="function")]

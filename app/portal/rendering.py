"""Templates, and the headers every page carries."""

from functools import cache
from pathlib import Path
from typing import Any

from fastapi import Request
from fastapi.responses import HTMLResponse, RedirectResponse
from jinja2 import Environment, FileSystemLoader, StrictUndefined

from app.infra.house import House
from app.portal import (
    beams,
    drawing,
    forms,
    glossary,
    links,
    methods,
    navigation,
    notices,
    pictures,
    statics,
    tour,
    words,
)
from app.portal.icons import PATHS, icon

THEMES = ("auto", "light", "dark")
THEME_COOKIE = "lithoscope_theme"
HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self' 'wasm-unsafe-eval'; style-src 'self'; img-src 'self' blob:; "
        "connect-src 'self'; worker-src 'self'; frame-src 'self'; form-action 'self'; frame-ancestors 'none'; "
        "base-uri 'none'; object-src 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "same-origin",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cache-Control": "no-store",
}
FILTERS = (
    "bounds",
    "celsius",
    "detail",
    "duration",
    "field",
    "formula",
    "instant",
    "interval",
    "label_and_unit",
    "listed",
    "number",
    "printed",
    "quantity",
    "share",
    "short",
    "size",
    "span",
    "title",
    "unit",
    "without_note",
    "word",
)


@cache
def environment() -> Environment:
    """Return the template environment: everything escaped, an unset name an error."""
    made = Environment(
        loader=FileSystemLoader(Path(__file__).parent / "templates"),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    made.filters |= {name: getattr(words, name) for name in FILTERS}
    made.globals |= {"rows_shown": forms.rows_shown, "static": statics.address, "preloads": statics.preloads}
    made.globals |= {"icon": icon, "navigation": navigation}
    made.filters |= {"linked": links.linked, "things": links.things, "term": glossary.term, "gathered": beams.gathered}
    made.globals |= {
        "thing": links.link,
        "pictures": pictures,
        "milliseconds": drawing.milliseconds,
        "icon_path": PATHS.__getitem__,
        "method_title": methods.title_of,
        "kind_title": words.kind_title,
    }
    return made


def page(
    request: Request, template: str, *, status: int = 200, namer: links.Namer | None = None, **context: Any
) -> HTMLResponse:
    """Render a page with the headers that keep it safe; ``namer`` knows what the visitor calls the things it links."""
    theme = request.cookies.get(THEME_COOKIE, "auto")
    house: House = request.app.state.house
    visit = getattr(request.state, "visit", None)
    values = {
        "path": request.url.path,
        "address": f"{request.url.path}?{request.url.query}".rstrip("?"),
        "front": "/",
        "theme": theme if theme in THEMES else "auto",
        "actor": getattr(visit, "actor", None),
        "csrf_token": getattr(visit, "csrf_token", ""),
        "notice": notices.TEXTS.get(request.query_params.get("done", "")),
        "settings": house.settings,
        "errors": {},
        "open_alarms": 0,
        "tour": tour.step_of(request) if visit else None,
        "tour_steps": len(tour.STEPS),
        **context,
    }
    with links.named_by(namer):
        text = environment().get_template(template).render(values)
    return HTMLResponse(text, status, headers=HEADERS)


def seen(address: str, done: str | None = None) -> RedirectResponse:
    """Send the browser on to a page after a form did its work; ``done`` names the notice shown there."""
    if done is not None:
        notices.TEXTS[done]  # a notice without words is a mistake
        address = f"{address}{'&' if '?' in address else '?'}done={done}"
    return RedirectResponse(address, 303, headers={"Cache-Control": "no-store"})


def local_address(address: str | None, otherwise: str = "/") -> str:
    """Return an address within this portal, or the other one: no form sends a browser to another site."""
    if address and address.startswith("/") and not address.startswith(("//", "/\\")) and address.isprintable():
        return address
    return otherwise

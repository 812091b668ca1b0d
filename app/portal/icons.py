"""The portal's one set of icons: 24-unit grid, 1.75 stroke, drawn in the colour of the text beside them."""

from markupsafe import Markup

PATHS = {
    "home": "M4 11.5 12 5l8 6.5M6 10v9h12v-9M10 19v-5h4v5",
    "project": "M3.5 7.5h6l2 2h9v9.5h-17zM3.5 7.5V5h6l2 2.5",
    "sample": "M9 4h6M10 4v5.5L5.8 17.6A1.6 1.6 0 0 0 7.2 20h9.6a1.6 1.6 0 0 0 1.4-2.4L14 9.5V4M7.6 15h8.8",
    "dataset": "M12 4 20 8l-8 4-8-4zM4 12l8 4 8-4M4 16l8 4 8-4",
    "job": "M12 8.5v4l3 1.8M12 4a8 8 0 1 0 8 8M16 4.6l3.4-.6.6 3.4",
    "result": "M4 20V4M4 20h16M7.5 16l3.5-5 3 2.5L19 7",
    "method": "M18 5H7l6 7-6 7h11",
    "instrument": "M9.5 4h5v9h-5zM12 13v3M6 20h12M12 20v-2M17 9.5a6 6 0 0 1-3 8.5",
    "key": "M14.5 9.5a4 4 0 1 0-3.6 4L13 15.5h2v2h2v2h3v-3.5l-5.8-5.8zM8.8 9.3h.1",
    "audit": "M12 3.5 19 6v5.5c0 4.3-2.9 7.4-7 9-4.1-1.6-7-4.7-7-9V6zM9 12l2.2 2.2L15.2 10",
    "person": "M12 12a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7zM5 20a7 7 0 0 1 14 0",
    "leave": "M14 7V4.5H5v15h9V17M10 12h10M17 8.8l3.2 3.2-3.2 3.2",
    "upload": "M12 16V5M7.5 9 12 4.5 16.5 9M4.5 15.5V19h15v-3.5",
    "download": "M12 4.5v11M7.5 11 12 15.5 16.5 11M4.5 16v3h15v-3",
    "plus": "M12 5v14M5 12h14",
    "search": "M10.5 17a6.5 6.5 0 1 0 0-13 6.5 6.5 0 0 0 0 13zM15.3 15.3 20 20",
    "sun": "M12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8zM12 2.5v2M12 19.5v2M2.5 12h2M19.5 12h2"
    "M5.3 5.3l1.4 1.4M17.3 17.3l1.4 1.4M18.7 5.3l-1.4 1.4M6.7 17.3l-1.4 1.4",
    "moon": "M19.5 14.5A8 8 0 1 1 9.5 4.5a6.5 6.5 0 0 0 10 10z",
    "contrast": "M12 20a8 8 0 1 0 0-16 8 8 0 0 0 0 16zM12 4v16M12 7.5h6.5M12 12h8M12 16.5h6.5",
    "warning": "M12 4.5 21 19.5H3zM12 10v4.5M12 17.2v.1",
    "check": "M5 12.5 10 17.5 19.5 7",
    "clock": "M12 20a8 8 0 1 0 0-16 8 8 0 0 0 0 16zM12 7.5V12l3 2",
    "exposure": "M13 3 6 13.5h5L10 21l8-11h-5.5z",
    "event": "M6 21V4M6 4.5h11.5l-2.5 4 2.5 4H6",
    "stop": "M7 7h10v10H7z",
    "finish": "M5.5 20V4.5M5.5 5h13v8.5h-13M10 5v8.5M14.3 5v8.5M5.5 9.3h13",
    "again": "M19.5 12a7.5 7.5 0 1 1-2.4-5.5M19.5 4v4h-4",
    "play": "M7.5 5v14l11-7z",
    "lineage": "M6 8.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM6 20.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5z"
    "M18 14.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5zM6 8.5v7M15.5 12C9 12 6 10.5 6 8.5",
    "edit": "M5 19l.8-3.8L16 5l3 3L8.8 18.200zM13.5 7.500l3 3",
    "trash": "M5 7h14M9.5 7V4.500h5V7M6.5 7l1 13h9l1-13M10.5 11v5.500M13.5 11v5.5",
    "copy": "M8.5 8.500h11v11h-11zM15.5 8.500v-4h-11v11h4",
    "air": "M3.5 9h10a2.5 2.5 0 1 0-2.4-3.200M3.5 13h14a2.5 2.5 0 1 1-2.4 3.200M3.5 17h7",
    "cold": "M12 4v16M5 8l14 8M19 8 5 16M9.5 4.500 12 7l2.5-2.500M9.500 19.5 12 17l2.5 2.500",
    "heat": "M12 20.500a5.500 5.500 0 0 0 5.500-5.500c0-4-4-5.500-4.500-11"
    "-3.500 2-6.500 6.500-6.500 11a5.500 5.500 0 0 0 5.500 5.500z",
    "box": "M4 8.500 12 4.500l8 4v8l-8 4-8-4zM4 8.500l8 4 8-4M12 12.500v8",
    "mill": "M12 3v8M9.500 6h5M12 11l-6 4.500 6 5 6-5z",
    "open": "M5 10.500v9h14v-9M5 10.500h14M7.500 10.500 16 4.500l1.500 2.500",
    "bell": "M6 17V11a6 6 0 0 1 12 0v6l1.500 1.500h-15zM10.500 20.500h3",
    "plan": "M5 4.500h14v15H5zM8 9h8M8 12.500h8M8 16h4",
    "rules": "M12 4v16M6 7h12M6 7l-2.500 6.500h5zM18 7l-2.500 6.500h5zM8.500 20h7",
    "print": "M7 9V4.500h10V9M7 17H4.500V9h15v8H17M7 14h10v6H7zM16.500 11.500h.1",
    "transfer": "M4 8.500h15M15.5 5 19 8.5 15.5 12M20 15.500H5M8.5 12 5 15.5 8.5 19",
}  # fmt: skip


def icon(name: str) -> Markup:
    """Draw an icon; it is decoration, the words beside it carry the meaning."""
    return Markup(
        '<svg class="icon" viewBox="0 0 24 24" width="20" height="20" fill="none" stroke="currentColor" '
        'stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">'
        '<path d="{}"/></svg>'
    ).format(PATHS[name])

"""The two bodies of a mail. Every value comes from outside and is escaped; nothing is loaded from the network.

Styles are written on each element, for many mail programs drop a style sheet; the few rules of the sheet only turn the
colours for those that show mails dark.
"""

from __future__ import annotations

from collections.abc import Sequence
from html import escape
from urllib.parse import urlsplit

from argus.server.alerts.values import Severity, State
from argus.server.notify import chart
from argus.server.notify.figures import moment, number, span
from argus.server.notify.message import Message
from argus.server.notify.outcome import one_line

SHOWN_IN_DIGEST = 50
FOOTER = "Sent by Argus. Rules and silences are on its alerts page."
STANDS_FOR_MANY = "They came within a short time; this mail stands for all of them."

RED, GREEN, AMBER, BLUE = "#d9484c", "#3a9d6a", "#b9802a", "#408ad0"
COLOURS = {State.FIRING: RED, State.RESOLVED: GREEN}
LAYOUT = 'role="presentation" width="100%" cellpadding="0" cellspacing="0"'
FONT = "font-family:-apple-system,BlinkMacSystemFont,'Segoe UI',Roboto,'Helvetica Neue',Arial,sans-serif"
DARK = (
    "@media (prefers-color-scheme:dark){"
    ".ground{background:#121417!important}.card{background:#1b1e23!important;border-color:#2c3138!important}"
    ".ink{color:#e6e9ed!important}.soft{color:#97a1ad!important}.rule{border-color:#2c3138!important}"
    ".dashboard{background:#2b6cb0!important}}"
)


def facts(message: Message) -> list[tuple[str, str]]:
    """Return what is told of an alert besides its headline, in order."""
    notice = message.notice
    told = []
    if notice.value is not None:
        told.append(("Value", f"{number(notice.value)} (threshold {number(notice.threshold)})"))
    told += [
        ("Condition", notice.condition_text),
        ("Application", notice.app_id),
        ("Severity", notice.severity),
        ("Time", moment(notice.at)),
    ]
    if notice.ended_at is not None:
        told.append(("Lasted", f"{span(notice.ended_at - notice.since)}, from {moment(notice.since)}"))
        if notice.ended_at < notice.at:
            told.append(("Well since", moment(notice.ended_at)))
    elif notice.at > notice.since:
        told.append(("Since", f"{span(notice.at - notice.since)}, from {moment(notice.since)}"))
    if message.flaps:
        told.append(("Flapping", f"fired {notice.fired} times; one message at a time tells of all of them"))
    return told


def links(message: Message) -> list[tuple[str, str]]:
    """Return the links that may stand in a mail: a runbook is text that somebody wrote, such as ``javascript:…``."""
    given = (("Dashboard", message.notice.link), ("Runbook", message.notice.runbook_url or ""))
    return [(name, link) for name, link in given if _is_web(link)]


def text(message: Message) -> str:
    """Return the plain text."""
    told = [(name, " ".join(value.split())) for name, value in facts(message)] + links(message)
    width = max(len(name) for name, _ in told) + 2
    lines = [f"{name + ':':<{width}} {value}" for name, value in told]
    return "\n".join([one_line(message.headline), "", *lines, "", "-- ", FOOTER, ""])


def html(message: Message, picture: str | None) -> str:
    """Return the page; ``picture`` is the address of the chart."""
    return _page(
        message.headline,
        _badge(message)
        + _element("h1", message.title, "ink", "margin:10px 0 2px;font-size:21px;line-height:1.3")
        + _element("p", message.sentence, "soft", "margin:0 0 18px;font-size:15px;line-height:1.45")
        + (_picture(picture, message) if picture else "")
        + _table(facts(message))
        + _buttons(message),
    )


def digest_text(messages: Sequence[Message]) -> str:
    """Return the plain text of a mail that stands for many."""
    shown, more = _most_urgent(messages), len(messages) - SHOWN_IN_DIGEST
    lines = [f"{moment(message.notice.at)}  {one_line(message.headline)}" for message in shown]
    rest = [f"and {more} more: see the alert history."] if more > 0 else []
    return "\n".join([STANDS_FOR_MANY, "", *lines, *rest, "", "-- ", FOOTER, ""])


def digest_html(messages: Sequence[Message]) -> str:
    """Return the page of a mail that stands for many."""
    shown, more = _most_urgent(messages), len(messages) - SHOWN_IN_DIGEST
    title = f"{len(messages)} alerts"
    rows = "".join(
        f'<tr><td class="rule" style="padding:9px 0;border-top:1px solid #e4e7eb">{_badge(message)}'
        + _element("div", message.title, "ink", "margin-top:4px;font-size:15px")
        + _element("div", f"{message.notice.condition_text} · {moment(message.notice.at)}", "soft", "font-size:13px")
        + "</td></tr>"
        for message in shown
    )
    return _page(
        title,
        _element("h1", title, "ink", "margin:0 0 2px;font-size:21px")
        + _element("p", STANDS_FOR_MANY, "soft", "margin:0 0 14px;font-size:15px")
        + f"<table {LAYOUT}>{rows}</table>"
        + (_element("p", f"and {more} more: see the alert history", "soft", "margin:14px 0 0") if more > 0 else ""),
    )


def _most_urgent(messages: Sequence[Message]) -> list[Message]:
    """Return what a mail that stands for many has room for: what fires before what is over, the severest first."""
    severest = list(reversed(Severity))

    def urgency(message: Message) -> tuple[bool, int]:
        return message.notice.state is State.RESOLVED, severest.index(message.notice.severity)

    return sorted(messages, key=urgency)[:SHOWN_IN_DIGEST]


def _page(title: str, body: str) -> str:
    return (
        '<!doctype html><html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width">'
        '<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">'
        f"<title>{escape(title)}</title><style>{DARK}</style></head>"
        f'<body class="ground" style="margin:0;padding:0;background:#f3f5f7;{FONT}">'
        f'<table class="ground" {LAYOUT} style="background:#f3f5f7">'
        '<tr><td align="center" style="padding:28px 12px">'
        f'<table {LAYOUT} style="max-width:624px">'
        '<tr><td class="card" '
        'style="background:#fff;border:1px solid #e4e7eb;border-radius:10px;padding:26px 30px 28px">'
        f"{body}</td></tr><tr><td>"
        + _element("p", FOOTER, "soft", "margin:14px 4px 0;font-size:12px")
        + "</td></tr></table></td></tr></table></body></html>"
    )


def _element(tag: str, words: str, ink: str, style: str) -> str:
    """Return an element of escaped words in the light page's colour for that ink."""
    colour = {"ink": "#1d2329", "soft": "#68727d"}[ink]
    return f'<{tag} class="{ink}" style="color:{colour};overflow-wrap:anywhere;{style}">{escape(words)}</{tag}>'


def _badge(message: Message) -> str:
    colour = BLUE if message.test else COLOURS.get(message.notice.state, AMBER)
    return (
        f'<span style="color:{colour};font-size:13px;font-weight:600;letter-spacing:.02em">'
        f'<span style="display:inline-block;width:9px;height:9px;border-radius:5px;margin-right:7px;'
        f'background:{colour}"></span>{escape(message.label)}</span>'
    )


def _picture(address: str, message: Message) -> str:
    words = escape(f"{message.measured} against the threshold of {number(message.notice.threshold)}", quote=True)
    return (
        f'<img src="{escape(address, quote=True)}" alt="{words}" width="{chart.WIDTH}" '
        'style="display:block;width:100%;height:auto;margin:0 0 18px;border:0">'
    )


def _table(rows: Sequence[tuple[str, str]]) -> str:
    edge = "border-top:1px solid #e4e7eb;padding:8px 0;font-size:14px;vertical-align:top"
    cells = "".join(
        f'<tr><td class="rule" width="112" style="{edge}">{_element("span", name, "soft", "")}</td>'
        f'<td class="rule" style="{edge}">{_element("span", value, "ink", "")}</td></tr>'
        for name, value in rows
    )
    return f"<table {LAYOUT}>{cells}</table>"


def _buttons(message: Message) -> str:
    look = {
        "Dashboard": "background:#2f7ac2;color:#fff;text-decoration:none;font-weight:600;padding:10px 18px;"
        "border-radius:6px",
        "Runbook": "color:#408ad0;padding:10px 0",
    }
    return "".join(
        f'<a class="{name.lower()}" href="{escape(link)}" '
        f'style="display:inline-block;font-size:14px;margin:20px 16px 0 0;{look[name]}">Open the {name.lower()}</a>'
        for name, link in links(message)
    )


def _is_web(link: str) -> bool:
    try:
        return urlsplit(link).scheme in {"http", "https"} and link.isprintable() and " " not in link
    except ValueError:
        return False

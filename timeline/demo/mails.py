"""Mails: threads with signature and quotation, as text and as the HTML that mail programs write."""

import mimetypes
from html import escape
from typing import Any

from timeline.demo.messages import progress
from timeline.demo.people import slug
from timeline.demo.stage import Mail, Scene, Stage, say, stamp
from timeline.entries import Channel, Direction, MessageDraft

_FONT = "font-family:Arial,Helvetica,sans-serif;font-size:14px;line-height:1.5;color:#222222"
_CELL = "padding:6px 12px;border-bottom:1px solid #dddddd;text-align:start"
_QUOTE = "margin:0 0 0 8px;padding-inline-start:12px;border-inline-start:2px solid #cccccc"


def mail(stage: Stage, scene: Scene) -> MessageDraft:
    """``mail in|out [SUBJECT]``; without a subject it answers the mail before, and quotes it."""
    direction, _, subject = scene.step.words.partition(" ")
    outbound = direction == "out"
    answered = None if subject else stage.thread
    subject = say(stage, scene, subject) if answered is None else _reply(answered.subject)
    text, html = _written(stage, scene, answered, outbound=outbound)
    sender, recipient = _parties(stage, outbound=outbound)
    sent = Mail(subject, _header(stage, scene, outbound=outbound), text, html)
    if scene.step.aside("apart") is None:
        stage.thread = sent
    return MessageDraft(
        **stamp(stage, scene),
        channel=Channel.EMAIL,
        direction=Direction.OUTBOUND if outbound else Direction.INBOUND,
        content=text,
        subject=subject,
        # Who writes from a phone often writes without.
        html=html if outbound or stage.rng.random() < 0.7 else "",
        sender=sender,
        recipients=[recipient],
        attachments=_attachments(stage, scene),
        provider_message_id=f"<{stage.token(24)}@mail.example>",
        **progress(stage, scene, Direction.OUTBOUND if outbound else Direction.INBOUND),
    )


def _written(
    stage: Stage, scene: Scene, answered: Mail | None, *, outbound: bool
) -> tuple[str, str]:
    """Return the mail as text and as HTML: what is said, who says it, what it answers."""
    body = say(stage, scene, scene.step.body)
    signature = _signature(stage, scene) if outbound else _mobile(stage)
    text = "\n\n".join(part for part in (_plain(body), "\n".join(signature)) if part)
    html = _paragraphs(body) + _signed(stage, scene, signature, outbound=outbound)
    if answered is not None:
        quoted = "\n".join(f"> {line}".rstrip() for line in answered.text.splitlines())
        text += f"\n\n{answered.header}\n{quoted}"
        html += f"<div>{escape(answered.header)}</div>"
        html += f'<blockquote style="{_QUOTE}">{answered.html}</blockquote>'
    return text, f'<div dir="auto" style="{_FONT}">{html}</div>'


def _signature(stage: Stage, scene: Scene) -> list[str]:
    known = stage.cast.words
    return [
        known["closing"],
        stage.cast.agent[1],
        str(known["role"]).format(brand=scene.slots["brand"]),
        f"https://{_domain(scene)}",
    ]


def _mobile(stage: Stage) -> list[str]:
    return [stage.cast.words["mobile"]] if stage.rng.random() < 0.25 else []


def _signed(stage: Stage, scene: Scene, lines: list[str], *, outbound: bool) -> str:
    signature = f'<p style="color:#666666">{"<br>".join(map(escape, lines))}</p>' if lines else ""
    if not outbound:
        return signature
    # As in life: a logo from afar, and a pixel that counts who looked.
    brand = escape(scene.slots["brand"])
    logo = f"https://images.example.com/{_domain(scene)}/logo.png"
    pixel = f"https://track.example.com/o/{stage.token()}.gif"
    return (
        f'{signature}<img src="{logo}" alt="{brand}" width="120" height="32">'
        f'<img src="{pixel}" alt="" width="1" height="1">'
    )


def _domain(scene: Scene) -> str:
    name = slug(scene.slots["brand"])
    return f"{name}.example" if len(name) > 3 else "www.example.com"


def _plain(body: str) -> str:
    """Return the body with its tables (lines that begin with ``|``) flattened."""
    return "\n".join(
        line.removeprefix("| ") if line.startswith("|") else line for line in body.splitlines()
    )


def _paragraphs(body: str) -> str:
    return "".join(
        _table(block)
        if block.startswith("|")
        else f"<p>{escape(block).replace(chr(10), '<br>')}</p>"
        for block in body.split("\n\n")
    )


def _table(block: str) -> str:
    rows = []
    for number, line in enumerate(block.splitlines()):
        tag = "td" if number else "th"
        cells = (escape(cell.strip()) for cell in line.strip("| ").split("|"))
        row = "".join(f'<{tag} style="{_CELL}">{cell}</{tag}>' for cell in cells)
        rows.append(f"<tr>{row}</tr>")
    return f'<table style="border-collapse:collapse">{"".join(rows)}</table>'


def _reply(subject: str) -> str:
    return subject if subject.startswith("Re: ") else f"Re: {subject}"


def _header(stage: Stage, scene: Scene, *, outbound: bool) -> str:
    cast = stage.cast
    return str(cast.words["quote"]).format(
        date=f"{scene.at + cast.offset:%Y-%m-%d %H:%M}",
        name=cast.agent[1] if outbound else cast.name,
        address=cast.agent_email if outbound else cast.email,
    )


def _parties(stage: Stage, *, outbound: bool) -> tuple[str, str]:
    ours = f"{stage.cast.agent[1]} <{stage.cast.agent_email}>"
    theirs = f"{stage.cast.name} <{stage.cast.email}>"
    return (ours, theirs) if outbound else (theirs, ours)


def _attachments(stage: Stage, scene: Scene) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = []
    for key, rest in scene.step.asides:
        if key == "attach":
            name, size, _unit = say(stage, scene, rest).rsplit(" ", 2)
            found.append(
                {
                    "name": name,
                    "url": stage.file_url("files", name),
                    "type": mimetypes.guess_type(name)[0] or "application/octet-stream",
                    "size": int(size) * 1024 + stage.rng.randrange(1024),
                }
            )
    return found

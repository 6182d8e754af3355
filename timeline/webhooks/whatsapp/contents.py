"""What a message holds, in words that read in a timeline."""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from timeline.entries import MessageType
from timeline.webhooks.values import (
    Object,
    first_text,
    named,
    object_of,
    objects_of,
    text_of,
)
from timeline.webhooks.whatsapp.errors import errors_of

DELETED = "[Message deleted]"
_UNSUPPORTED = "[Message that WhatsApp does not pass on{}]"
_UNKNOWN = "[Message that cannot be shown: {}]"

# What WhatsApp gives no name with; a table of our own reads the same on every machine.
_EXTENSIONS = {
    "image/jpeg": ".jpg",
    "image/png": ".png",
    "image/webp": ".webp",
    "video/mp4": ".mp4",
    "video/3gpp": ".3gp",
    "audio/aac": ".aac",
    "audio/amr": ".amr",
    "audio/mp4": ".m4a",
    "audio/mpeg": ".mp3",
    "audio/ogg": ".ogg",
}


@dataclass(frozen=True, slots=True)
class Content:
    """What a message holds. A placeholder stands in for what is not understood.

    `flaw` says what of it could not be used.
    """

    text: str
    message_type: MessageType = MessageType.TEXT
    attachments: list[dict[str, Any]] = field(default_factory=list)
    buttons: list[dict[str, Any]] = field(default_factory=list)
    is_placeholder: bool = False
    flaw: str = ""


def content_of(message: Object) -> Content:
    """Return what the message holds; of a type that is not known, a placeholder."""
    kind = text_of(message.get("type"))
    if kind == "unsupported":
        return _unsupported(message)
    read = _READERS.get(kind)
    content = read(message) if read else None
    if content and (content.text or content.attachments):
        return content
    what = named(message.get("type"))
    flaw = (
        f"a message of type {what} is empty" if read else f"messages of type {what} are not known"
    )
    return Content(_UNKNOWN.format(kind or "?"), is_placeholder=True, flaw=flaw)


def _unsupported(message: Object) -> Content:
    """Return a placeholder for what WhatsApp itself does not pass on: nothing to be done."""
    what = text_of(object_of(message.get("unsupported")).get("type")) or errors_of(message)
    return Content(_UNSUPPORTED.format(what and f": {what}"), is_placeholder=True)


def _lines(*lines: str) -> str:
    return "\n".join(line for line in lines if line)


# --- By type ------------------------------------------------------------------------------------


def _text(message: Object) -> Content:
    return Content(text_of(object_of(message.get("text")).get("body")))


def _media(message: Object) -> Content:
    """Return the caption and the file, which is fetched from Meta by its id."""
    kind = text_of(message.get("type"))
    media = object_of(message.get(kind))
    name = text_of(media.get("filename"))
    content_type = text_of(media.get("mime_type"))
    file = {"name": name or f"{kind}{_extension(content_type)}", "type": content_type}
    media_id = text_of(media.get("id"))
    if media_id:
        file["provider_media_id"] = media_id
    caption = text_of(media.get("caption"))
    return Content(caption or name, MessageType.MEDIA, [file] if media else [])


def _extension(content_type: str) -> str:
    return _EXTENSIONS.get(content_type.partition(";")[0].strip(), "")


def _location(message: Object) -> Content:
    location = object_of(message.get("location"))
    place = ", ".join(filter(None, (text_of(location.get(name)) for name in ("name", "address"))))
    point = [text_of(location.get(name)) for name in ("latitude", "longitude")]
    link = text_of(location.get("url"))
    if not link and all(point):
        link = f"https://maps.google.com/?q={','.join(point)}"
    return Content(f"📍 {_lines(place, link)}" if place or link else "")


def _contacts(message: Object) -> Content:
    return Content(_lines(*map(_card, objects_of(message.get("contacts")))))


def _card(contact: Object) -> str:
    names, company = object_of(contact.get("name")), object_of(contact.get("org"))
    name = first_text(names, "formatted_name", "first_name", "last_name")
    reach = [first_text(phone, "phone", "wa_id") for phone in objects_of(contact.get("phones"))]
    reach += [text_of(mail.get("email")) for mail in objects_of(contact.get("emails"))]
    reach += [text_of(url.get("url")) for url in objects_of(contact.get("urls"))]
    facts = [name, text_of(company.get("company")), *reach]
    told = ", ".join(fact for fact in facts if fact)
    return f"👤 {told}" if told else ""


def _button(message: Object) -> Content:
    return Content(first_text(object_of(message.get("button")), "text", "payload"))


def _interactive(message: Object) -> Content:
    """Return which choice a lead made, or what a message of ours gave to choose from."""
    interactive = object_of(message.get("interactive"))
    kind = text_of(interactive.get("type"))
    reply = object_of(interactive.get(kind))
    if kind == "nfm_reply":
        return Content(_form(reply))
    if kind in {"button_reply", "list_reply"}:
        title = first_text(reply, "title", "id")
        return Content(_lines(title, text_of(reply.get("description"))))
    parts = [object_of(interactive.get(name)) for name in ("header", "body", "footer")]
    text = _lines(*(text_of(part.get("text")) for part in parts))
    return Content(text, buttons=_choices(object_of(interactive.get("action"))))


def _form(reply: Object) -> str:
    """Return a form that was filled in, an answer a line."""
    try:
        answers = object_of(json.loads(text_of(reply.get("response_json"))))
        answers = {name: value for name, value in answers.items() if name != "flow_token"}
        lines = [f"{name}: {_answer(value)}" for name, value in answers.items()]
    except (ValueError, RecursionError):
        lines = []
    return _lines(*lines) or text_of(reply.get("body"))


def _answer(value: Any) -> str:
    if isinstance(value, list) and all(isinstance(each, str) for each in value):
        return ", ".join(value)
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False)


def _choices(action: Object) -> list[dict[str, Any]]:
    replies = [object_of(button.get("reply")) for button in objects_of(action.get("buttons"))]
    rows = (
        row
        for section in objects_of(action.get("sections"))
        for row in objects_of(section.get("rows"))
    )
    titles = [text_of(choice.get("title")) for choice in (*replies, *rows)]
    choices: list[dict[str, Any]] = [{"text": title} for title in titles if title]
    link = object_of(action.get("parameters"))
    if text_of(link.get("url")):
        choices.append({"text": text_of(link.get("display_text")), "url": text_of(link.get("url"))})
    return choices


def _order(message: Object) -> Content:
    order = object_of(message.get("order"))
    items = [_item(item) for item in objects_of(order.get("product_items"))]
    return Content(_lines(text_of(order.get("text")), *items))


def _item(item: Object) -> str:
    price = _joined(text_of(item.get(name)) for name in ("item_price", "currency"))
    name = text_of(item.get("product_retailer_id"))
    return f"🛒 {_joined([text_of(item.get('quantity')) or '1', '×', name])}" + (
        f" ({price})" if price else ""
    )


def _joined(words: Iterable[str]) -> str:
    return " ".join(word for word in words if word)


def _template(message: Object) -> Content:
    template = object_of(message.get("template"))
    name = text_of(template.get("name"))
    parts = objects_of(template.get("components"))
    texts = [text_of(part.get("text")) for part in parts]
    return Content(_lines(*texts) or (name and f"[Template: {name}]"), MessageType.TEMPLATE)


_READERS: Mapping[str, Callable[[Object], Content]] = {
    "text": _text,
    **dict.fromkeys(("image", "video", "audio", "document", "sticker", "voice"), _media),
    "location": _location,
    "contacts": _contacts,
    "button": _button,
    "interactive": _interactive,
    "order": _order,
    "template": _template,
}

"""WhatsApp's own phrases among what people wrote, in the languages of its phones.

Where a form tells a phrase from words (angle brackets, a mark before it that nobody types), the
form counts and the language does not matter. Phrases without a form are listed; one that is not is
kept as a message or an activity that reads as it stands.
"""

import re
from collections.abc import Container
from enum import StrEnum
from typing import NamedTuple

from timeline.importing.whatsapp_chat.clock import without_marks

# iPhones put it before whatever the app itself says.
MARK = "\u200e"


class Kind(StrEnum):
    """What a line of a chat is."""

    TEXT = "text"
    MEDIA = "media"
    DELETED = "deleted"
    CALL = "call"
    EVENT = "event"
    NOTICE = "notice"


class Said(NamedTuple):
    """What a line says: `text` without what the app put around it, `file` the name of what is
    attached, "" if that is not in the export.
    """

    kind: Kind
    text: str
    file: str = ""
    is_edited: bool = False


def _phrases(text: str) -> frozenset[str]:
    return frozenset(text.split("|"))


# <Media omitted>, whatever the language; <3 and <b> are people's.
_OMITTED = re.compile(r"<[^<>\n]{6,80}>")
# <attached: 00000012-PHOTO-2026-11-26-14-03-22.jpg>
_ATTACHED = re.compile(r"<[^<>:：\n]{2,30}[:：]\s*(?P<file>[^<>\n]{1,240}\.\w{1,8})>")
# IMG-20261126-WA0001.jpg (file attached)
_FILE = re.compile(r"(?P<file>[^/\\<>\n]{1,240}\.\w{1,8}) [(（](?P<words>[^()（）\n]{3,40})[)）]")
_FILE_OF_THE_APP = re.compile(r"(?:IMG|VID|AUD|PTT|STK|DOC)-\d{8}-WA\d{4,}\.\w+", re.ASCII)
_MARKS_BEFORE = re.compile(f"^{MARK}+|(?<=\n){MARK}+|{MARK}+$")
_EDITED = re.compile(r"\s*(?P<mark>\u200e?)<(?P<words>[^<>\n]{6,80})>[\u200e\u200f]*\s*")

# What phrases of an iPhone's have that stand for media: "image omitted", "画像は省略されました".
_LEFT_OUT = re.compile(
    "omitted|omitid|omitida|omitido|ocultad|oculta|weggelassen|ausgeschlossen|omis|absent|manquant"
    "|omess|non inclus|weggelaten|dahil edilmedi|atlandı|省略|忽略|略去|생략|отсутству|пропущен"
    "|pominięt|tidak disertakan|utelämna|utelatt|udelad|pois|vynechán|παραλείφθηκ|הושמט|छोड़|शामिल"
    "|حذف الصورة|غير مدرج|استبعاد|bỏ qua|omise"
)
_ATTACHED_WORDS = _phrases(
    "file attached|archivo adjunto|arquivo anexado|ficheiro anexado|datei angehängt|fichier joint"
    "|file allegato|bestand bijgevoegd|файл добавлен|файл прикреплен|dosya ekli|الملف مرفق"
    "|फ़ाइल संलग्न है|文件附件|附件檔案|檔案已附加|添付ファイル|파일 첨부됨|파일 첨부|file terlampir"
    "|załączono plik|bifogad fil|vedhæftet fil|vedlagt fil"
)
_EDITED_WORDS = _phrases(
    "this message was edited|se editó este mensaje|este mensaje se editó|mensagem editada"
    "|esta mensagem foi editada|diese nachricht wurde bearbeitet|ce message a été modifié"
    "|questo messaggio è stato modificato|dit bericht is bewerkt|сообщение изменено"
    "|это сообщение было изменено|данное сообщение изменено|bu mesaj düzenlendi"
    "|تم تعديل هذه الرسالة|यह मैसेज एडिट किया गया|इस मैसेज को एडिट किया गया|此消息已编辑|此訊息已編輯"
    "|这条消息已被编辑|這則訊息已編輯|このメッセージは編集されました|이 메시지가 수정되었습니다"
    "|pesan ini diedit"
    "|wiadomość została edytowana|ta wiadomość została edytowana"
)
_DELETED_WORDS = _phrases(
    "this message was deleted|you deleted this message|se eliminó este mensaje"
    "|eliminaste este mensaje|este mensaje fue eliminado|mensagem apagada"
    "|essa mensagem foi apagada|esta mensagem foi apagada|você apagou esta mensagem"
    "|apagou esta mensagem|diese nachricht wurde gelöscht|du hast diese nachricht gelöscht"
    "|ce message a été supprimé|vous avez supprimé ce message"
    "|questo messaggio è stato eliminato|hai eliminato questo messaggio|dit bericht is verwijderd"
    "|je hebt dit bericht verwijderd|u hebt dit bericht verwijderd|данное сообщение удалено"
    "|это сообщение удалено|вы удалили данное сообщение|вы удалили это сообщение"
    "|bu mesaj silindi|bu mesajı sildiniz|تم حذف هذه الرسالة|حذفت هذه الرسالة"
    "|لقد حذفت هذه الرسالة|यह मैसेज डिलीट कर दिया गया है|आपने यह मैसेज डिलीट किया"
    "|यह संदेश हटा दिया गया था|आपने यह मैसेज डिलीट कर दिया है|此消息已删除|您删除了此消息"
    "|你删除了这条消息"
    "|這則訊息已被刪除|此訊息已刪除|你已刪除此訊息|您已刪除此訊息|このメッセージは削除されました"
    "|メッセージを削除しました|あなたはこのメッセージを削除しました|삭제된 메시지입니다"
    "|이 메시지가 삭제되었습니다"
    "|이 메시지를 삭제했습니다|pesan ini telah dihapus|anda menghapus pesan ini"
    "|ta wiadomość została usunięta|usunięto tę wiadomość"
)
_CALL = re.compile(
    "voice call|video call|group call|llamada|chamada|sprachanruf|videoanruf|appel (vocal|vidéo)"
    "|chiamata|oproep|arama|звонок|مكالمة|वॉइस कॉल|वीडियो कॉल|语音通话|視訊通話|视频通话|語音通話"
    "|不在着信|音声通話|ビデオ通話|음성전화|음성 통화|영상통화|panggilan|połączenie|samtal|opkald"
)
_ENCRYPTION = re.compile(
    "end-to-end|extremo a extremo|ponta a ponta|ponto a ponto|ende-zu-ende|bout en bout|uçtan uca"
    "|сквозн|بين الطرفين|تشفير|एंड-टू-एंड|端到端|端對端|エンドツーエンド|종단|szyfrow|מקצה לקצה"
    "|totalsträckskrypt|security code|código de seguridad|código de segurança|sicherheitsnummer"
)
# What of the app's is the sender's own word: a place, a poll.
_SENT = re.compile(r"https?://|^poll:|^encuesta:|^enquete:|^umfrage:|^sondage|[:：]\s*\n", re.ASCII)


def read_said(text: str, files: Container[str]) -> Said:
    """Return what somebody said; `files` are the names of the files that came with the chat."""
    body, is_edited = _without_edited(text)
    first, _, caption = body.partition("\n")
    file = _file_in(first, files)
    if file:
        return Said(Kind.MEDIA, _clean(caption), file, is_edited)
    if _stands_for_media(first):
        return Said(Kind.MEDIA, _clean(body), "", is_edited)
    kind = Kind.DELETED if _phrase(body) in _DELETED_WORDS else Kind.TEXT
    if kind is Kind.TEXT and text.startswith(MARK):
        kind = _kind_of_app(body)
    return Said(kind, _clean(body), "", is_edited)


def read_event(text: str) -> Said:
    """Return what the app said, of nobody or of the chat."""
    if _phrase(text) in _DELETED_WORDS:
        return Said(Kind.DELETED, _clean(text))
    words = text.casefold()
    kind = (
        Kind.NOTICE
        if _ENCRYPTION.search(words)
        else Kind.CALL
        if _CALL.search(words)
        else Kind.EVENT
    )
    return Said(kind, _clean(text))


def _kind_of_app(body: str) -> Kind:
    return Kind.TEXT if _SENT.search(without_marks(body).casefold()) else read_event(body).kind


def _without_edited(text: str) -> tuple[str, bool]:
    """Return the text without the mark of an edited message, and whether it was there."""
    begin = max(text.rfind(" <"), text.rfind(f"{MARK}<"))
    found = _EDITED.fullmatch(text, begin) if begin > 0 else None
    if found is None or _ATTACHED.match(text, found.start("words") - 1):
        return text, False
    if not found["mark"] and _phrase(found["words"]) not in _EDITED_WORDS:
        return text, False
    return text[:begin].rstrip(), True


def _file_in(line: str, files: Container[str]) -> str:
    """Return the name of the file that the line says is attached, "" if it says no such thing."""
    plain = without_marks(line).strip()
    # A document's line begins with its title: "offer.pdf • 3 pages <attached: …>".
    attached = _ATTACHED.search(plain) if plain.endswith(">") and MARK in line else None
    attached = attached or _ATTACHED.fullmatch(plain)
    if attached:
        return attached["file"].strip()
    found = _FILE.fullmatch(plain)
    if found is None:
        return ""
    name = found["file"]
    is_apps = _FILE_OF_THE_APP.fullmatch(name) or found["words"].casefold() in _ATTACHED_WORDS
    return name if is_apps or line.startswith(MARK) or name in files else ""


def _stands_for_media(line: str) -> bool:
    plain = without_marks(line).strip()
    if _OMITTED.fullmatch(plain):
        return True
    return MARK in line and len(plain) < 200 and bool(_LEFT_OUT.search(plain.casefold()))


def _phrase(text: str) -> str:
    return without_marks(text).strip(" .。\n\u202f\u00a0").casefold()


def _clean(text: str) -> str:
    """Return the text without the marks that the app put before its words."""
    return _MARKS_BEFORE.sub("", text).strip("\n")

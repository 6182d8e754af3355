"""What WhatsApp's messages tell."""

import json
from typing import Any

import pytest

from tests.timeline.webhooks.deliveries import payload, read, told
from tests.timeline.webhooks.whatsapp import ANA, OURS, WHATSAPP, message, of
from timeline.reports import Party

# --- Messages -----------------------------------------------------------------------------------


def test_a_text() -> None:
    (report,) = of("text").reports
    assert report.external_id.startswith("wamid.")
    assert (report.key, report.kind, report.party) == ("message", "message", ANA)
    assert report.at.isoformat() == "2026-03-30T14:13:20+00:00"
    assert report.says == {
        "channel": "whatsapp",
        "direction": "inbound",
        "content": "¡Hola! ¿Siguen teniendo paneles de 550 W? 🌞\nSomos 4 en casa, en Ñuñoa.",
        "message_type": "text",
        "attachments": [],
        "buttons": [],
        "status": "delivered",
        "delivered_at": "2026-03-30T14:13:20+00:00",
        "provider_message_id": report.external_id,
    }


@pytest.mark.parametrize(
    ("name", "content"),
    [
        ("text_username", "Good morning, do you deliver to Kumasi?"),
        ("text_reply", "نعم، الخميس مناسب 👍"),
        ("text_forwarded", "請問還有現貨嗎？"),
        ("location_pin", "📍 https://maps.google.com/?q=-33.4569,-70.6483"),
        (
            "location",
            (
                "📍 Philz Coffee, 101 Forest Ave, Palo Alto, CA 94301\n"
                "https://maps.google.com/?cid=2000000000000000000"
            ),
        ),
        (
            "contacts",
            (
                "👤 Barbara J. Johnson, Social Tsunami, +1 (650) 555-9999, +1 (650) 555-1234,"
                " bjohnson@socialtsunami.example, https://www.socialtsunami.example\n"
                "👤 José Ángel, +52 55 1234 5678"
            ),
        ),
        ("contacts_vcard", "👤 +56911112222"),
        ("interactive_button_reply", "Confirmar visita ✅"),
        ("interactive_list_reply", "Plano Pro\n12 painéis, 6,6 kWp"),
        (
            "interactive_nfm_reply",
            (
                "nombre: Diego Ramírez\nrecibo_mensual: 1850\n"
                "horarios: mañana, tarde\nes_propietario: true"
            ),
        ),
        ("button", "停止接收"),
        (
            "order",
            (
                "Could you have these ready by Friday?\n"
                "🛒 2 × di9ozbzfi4 (7.99 USD)\n🛒 1 × nqryix03ez (25 USD)"
            ),
        ),
    ],
)
def test_what_a_message_reads_as(name: str, content: str) -> None:
    reading = of(name)
    assert told(reading)["content"] == content
    assert told(reading)["message_type"] == "text"
    assert reading.reports[0].key == "message"
    assert reading.unusable == []


@pytest.mark.parametrize(
    ("name", "content", "file", "content_type", "media_id"),
    [
        (
            "image",
            "Olha o telhado 👀 dá pra instalar?",
            "image.jpg",
            "image/jpeg",
            "1003383421387256",
        ),
        ("image_without_caption", "", "image.png", "image/png", "1003383421387257"),
        ("video", "Así quedó la fuga", "video.mp4", "video/mp4", "1762834170919832"),
        ("audio_voice", "", "audio.ogg", "audio/ogg; codecs=opus", "2871462913010013"),
        ("document", "عرض السعر الموقّع", "عرض-سعر-2026.pdf", "application/pdf", "3948576102938475"),
        (
            "document_without_caption",
            "roof plan (final).dwg",
            "roof plan (final).dwg",
            "image/vnd.dwg",
            "3948576102938476",
        ),
        ("sticker", "", "sticker.webp", "image/webp", "798882015472548"),
    ],
)
def test_media(name: str, content: str, file: str, content_type: str, media_id: str) -> None:
    says = told(of(name))
    assert (says["content"], says["message_type"]) == (content, "media")
    assert says["attachments"] == [
        {"name": file, "type": content_type, "provider_media_id": media_id}
    ]


def test_one_who_has_a_username_is_known_by_user_id_alone() -> None:
    (report,) = of("text_username").reports
    assert report.party == Party(
        (
            "whatsapp:user:GH.90017263544810029911",
            "whatsapp:user:GH.ENT.11815799212886844830",
        ),
        name="Kofi",
    )


@pytest.mark.parametrize(
    ("name", "phone", "identity"),
    [
        ("video", "+525512345678", "whatsapp:phone:5215512345678"),
        ("image", "+5561981234567", "whatsapp:phone:556181234567"),
    ],
)
def test_a_number_that_only_whatsapp_writes_so_is_the_worlds(
    name: str, phone: str, identity: str
) -> None:
    party = of(name).reports[0].party
    assert party is not None
    assert party.phone == phone
    assert identity in party.identities


def test_a_message_without_a_sender_is_of_the_only_contact() -> None:
    body = json.loads(message())
    value = body["entry"][0]["changes"][0]["value"]
    del value["messages"][0]["from"], value["messages"][0]["from_user_id"]
    (report,) = read(WHATSAPP, json.dumps(body).encode(), OURS).reports
    assert report.party == ANA


def test_a_message_of_nobody_is_told() -> None:
    body = json.loads(message())
    value = body["entry"][0]["changes"][0]["value"]
    del value["contacts"], value["messages"][0]["from"], value["messages"][0]["from_user_id"]
    reading = read(WHATSAPP, json.dumps(body).encode(), OURS)
    assert reading.reports == []
    assert reading.unusable == ["entry[0].changes[0].messages[0]: does not say whom it is from"]


def test_an_advertisement_stands_beside_the_message_it_led_to() -> None:
    wrote, clicked = of("referral").reports
    assert wrote.says["content"] == "Hola, vi su anuncio. ¿Me pueden dar más información?"
    assert (clicked.external_id, clicked.kind) == (f"{wrote.external_id}:referral", "activity")
    assert clicked.party == wrote.party
    assert clicked.says == {
        "channel": "whatsapp",
        "actor_type": "system",
        "activity_type": "ad_clicked",
        "title": "Wrote from the ad “Paga menos luz ☀️”",
        "description": "Cotiza tus paneles hoy mismo\nhttps://fb.me/3cr4Wqqkv\n120226305854810726\n"
        "Aff-n8ZTODiE79d22KtAwQKj9e_mIEOOj27vDVwFjN80dp4",
    }


@pytest.mark.parametrize(
    ("name", "content", "unusable"),
    [
        (
            "unsupported",
            (
                "[Message that WhatsApp does not pass on: 131051: Message type unknown"
                " (Message type is currently not supported.)]"
            ),
            [],
        ),
        ("unsupported_type", "[Message that WhatsApp does not pass on: poll_creation]", []),
        (
            "unknown_type",
            "[Message that cannot be shown: hologram]",
            ["entry[0].changes[0].messages[0]: messages of type 'hologram' are not known"],
        ),
        (
            "interactive_with_error",
            "[Message that cannot be shown: interactive]",
            [
                (
                    "entry[0].changes[0]: WhatsApp reports 131000: Something went wrong"
                    " (Unsupported webhook payload)"
                ),
                "entry[0].changes[0].messages[0]: a message of type 'interactive' is empty",
            ],
        ),
    ],
)
def test_what_is_not_understood_has_a_placeholder(
    name: str, content: str, unusable: list[str]
) -> None:
    reading = of(name)
    assert told(reading)["content"] == content
    assert reading.unusable == unusable
    # A later version reads the same message better; it ranks above.
    assert (reading.reports[0].key, reading.reports[0].rank) == ("placeholder", -1)


# --- About other messages -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "emoji"),
    [("reaction", "❤️"), ("reaction_removed", ""), ("reaction_removed_no_emoji", "")],
)
def test_a_reaction_is_told_of_what_it_is_to(name: str, emoji: str) -> None:
    (report,) = of(name).reports
    sent = json.loads(payload("whatsapp", f"{name}.json"))
    message = sent["entry"][0]["changes"][0]["value"]["messages"][0]
    assert report.external_id == message["reaction"]["message_id"]
    assert report.key == f"reaction:{message['id']}"
    assert report.says == {"reaction": emoji}
    assert (report.kind, report.party) == (None, None)


def test_edits_and_deletions_are_of_the_first_message() -> None:
    (wrote,), (edited,), (revoked,) = (of(name).reports for name in ("text", "edit_text", "revoke"))
    assert wrote.external_id == edited.external_id == revoked.external_id
    assert wrote.rank < edited.rank < revoked.rank
    assert edited.says == {"content": "¡Hola! ¿Siguen teniendo paneles de 600 W? 🌞"}
    assert revoked.says["content"] == "[Message deleted]"
    assert revoked.says["attachments"] == []


def test_an_edit_of_a_caption_has_the_file_with_it() -> None:
    says = told(of("edit_image"))
    assert says["content"] == "Olha o telhado novo 👀"
    assert says["attachments"][0]["provider_media_id"] == "1003383421387299"


@pytest.mark.parametrize(
    "changes",
    [
        {"type": "reaction", "reaction": {"emoji": "👍"}},
        {"type": "edit", "edit": {"message": {"type": "text", "text": {"body": "x"}}}},
        {"type": "revoke", "revoke": None},
    ],
)
def test_what_is_about_no_message_is_told(changes: dict[str, Any]) -> None:
    reading = read(WHATSAPP, message(**changes), OURS)
    assert reading.reports == []
    (reason,) = reading.unusable
    assert reason.endswith("does not say which message it is about")


def test_a_new_number_is_an_activity_of_the_one_who_had_the_old() -> None:
    (report,) = of("system_number_changed").reports
    assert report.kind == "activity"
    assert report.party == Party(
        (
            "whatsapp:user:US.13491208655302741900",
            "whatsapp:phone:16505551234",
            "whatsapp:phone:12195555358",
        ),
        phone="+16505551234",
    )
    assert report.says["title"] == "Phone number changed on WhatsApp"
    assert report.says["description"] == (
        "User Sheena Nelson changed from 16505551234 to 12195555358"
    )


def test_a_new_user_id_stands_beside_the_old() -> None:
    (report,) = of("system_user_id_changed").reports
    assert report.party == Party(
        (
            "whatsapp:user:US.13491208655302741900",
            "whatsapp:user:US.77120993847566102938",
        )
    )


def test_a_new_security_code_is_an_activity() -> None:
    assert told(of("system_identity_changed"))["title"] == "Security code changed on WhatsApp"

"""The pages of a lead."""

from django.urls import path

from timeline import lead_edits, moves, views

urlpatterns = [
    path("", views.lead_page, name="lead"),
    path("edit/", lead_edits.edit_lead, name="lead-edit"),
    path("status/", lead_edits.change_status, name="lead-status"),
    path("owner/", lead_edits.change_owner, name="lead-owner"),
    path("live/", views.poll, name="lead-live"),
    path("entries/", views.entries, name="lead-entries"),
    path("entries/<uuid:entry_id>/", views.entry, name="lead-entry"),
    path("entries/<uuid:entry_id>/whole/", views.whole_entry, name="lead-entry-whole"),
    path("entries/<uuid:entry_id>/move/", moves.move_entry, name="lead-entry-move"),
    path("mail/<uuid:entry_id>/", views.mail, name="lead-mail"),
    path("mail/<uuid:entry_id>/answers/", views.answered, name="lead-mail-answered"),
    path("notes/", lead_edits.add_note, name="lead-notes"),
    path("notes/<uuid:note_id>/edit/", lead_edits.edit_note, name="lead-note-edit"),
    path("notes/<uuid:note_id>/take-back/", lead_edits.take_back_note, name="lead-note-take-back"),
]

"""The product's addresses, with those that are only there for developers."""

from django.urls import path

from config import urls
from timeline.styleguide import styleguide

urlpatterns = [*urls.urlpatterns, path("styleguide/", styleguide, name="styleguide")]
handler400 = urls.handler400
handler403 = urls.handler403
handler404 = urls.handler404
handler500 = urls.handler500

"""Every address: the pages rooms make themselves, then those of the declared resources."""

from django.urls import URLPattern, URLResolver, include, path

from yulan.kernel.pages import apidocs, desk, display, messages
from yulan.registry.parties import pages as parties
from yulan.registry.regions import pages as regions
from yulan.site import indexes

handler400 = "yulan.kernel.pages.refusals.not_readable"
handler404 = "yulan.kernel.pages.refusals.not_found"
handler500 = "yulan.kernel.pages.refusals.failed"

urlpatterns: list[URLPattern | URLResolver] = [
    path("sign-in", parties.sign_in),
    path("sign-out", parties.sign_out),
    path("persons/<int:pk>/reveal", parties.reveal),
    path("language", desk.set_language),
    path("display", display.set_display),
    path("search", desk.search_page),
    path("todo", desk.todo_page),
    path("messages", messages.messages_page),
    path("messages/<int:pk>", messages.open_message),
    path("me", indexes.me_page),
    path("help", desk.help_page),
    path("enter", indexes.enter_page),
    path("registers", indexes.registers_page),
    path("api/docs", apidocs.docs_page),
    path("trail/head", desk.trail_head),
    path("trail/<int:seq>", desk.trail_page),
    path("regions/lookup", regions.lookup),
    path("maps/provinces.json", regions.map_of_provinces),
    path("", include("yulan.portal.urls")),
    path("", include("yulan.plan.urls")),
    path("", include("yulan.engines.funds.urls")),
    path("", include("yulan.insight.forms.urls")),
    path("", include("yulan.kernel.resource.urls")),
]

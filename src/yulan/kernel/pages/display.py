"""How pages look to a reader: theme, type size, contrast, unit of money. Kept in cookies; set without scripts here."""

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.http import require_POST

from yulan.kernel.pages.policy import anyone

CHOICES = {
    "theme": ("light", "dark", "auto"),
    "size": ("normal", "large"),
    "contrast": ("normal", "high"),
    "unit": ("yuan", "wan", "yi"),
}


def way_back(request: HttpRequest) -> str:
    """Give the path that a form names as the one to go to next; nothing unless it is a path of this site."""
    target = request.POST.get("next") or request.GET.get("next") or ""
    return target if target.startswith("/") and url_has_allowed_host_and_scheme(target, None) else ""


@anyone
@require_POST
def set_display(request: HttpRequest) -> HttpResponse:
    """Keep what was chosen and go back; scripts set the same cookies themselves."""
    answer = redirect(way_back(request) or "/")
    for name, known in CHOICES.items():
        value = request.POST.get(name, "")
        if value in known:
            secure = bool(settings.SESSION_COOKIE_SECURE)
            answer.set_cookie(name, value, max_age=365 * 86400, samesite="Lax", secure=secure)
    return answer

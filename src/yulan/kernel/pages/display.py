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


@anyone
@require_POST
def set_display(request: HttpRequest) -> HttpResponse:
    """Keep what was chosen and go back; scripts set the same cookies themselves."""
    back = request.POST.get("next", "/")
    safe = url_has_allowed_host_and_scheme(back, {request.get_host()}, request.is_secure())
    answer = redirect(back if safe else "/")
    for name, known in CHOICES.items():
        value = request.POST.get(name, "")
        if value in known:
            secure = bool(settings.SESSION_COOKIE_SECURE)
            answer.set_cookie(name, value, max_age=365 * 86400, samesite="Lax", secure=secure)
    return answer

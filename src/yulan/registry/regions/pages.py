"""What inputs that name a region, and maps, ask for."""

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.template.loader import render_to_string
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from yulan.kernel.pages.policy import anyone
from yulan.kernel.period import today
from yulan.registry.regions.selectors import gazetteer
from yulan.registry.regions.shapes import province_shapes


@anyone
@require_safe
def lookup(request: HttpRequest) -> HttpResponse:
    """Give up to twenty regions as options: the code, and the name with what lies above it and its years."""
    words = next((value for name, value in request.GET.items() if name != "format" and value), "")
    register, day = gazetteer(), today()
    options = []
    for span in register.find(str(words), day):
        above = register.chain(span.code, span.valid_from)[1:]
        until = f" (–{span.valid_to.year})" if span.valid_to else ""
        label = " · ".join([span.name + until, *(up.name for up in above if not up.code.endswith(("0100", "0200")))])
        options.append({"value": span.code, "label": label})
    return HttpResponse(render_to_string("yulan/lookup.html", {"options": options}))


@anyone
@require_safe
@cache_control(public=True, max_age=86400)
def map_of_provinces(request: HttpRequest) -> HttpResponse:
    """Give the outlines for ECharts ``registerMap("yulan-provinces", …)``."""
    return JsonResponse(province_shapes(), json_dumps_params={"ensure_ascii": False, "separators": (",", ":")})

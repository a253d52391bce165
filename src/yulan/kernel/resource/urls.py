"""Addresses of every declared resource: pages under /<name>/, programs under /api/v1/<name>/."""

from django.urls import path, register_converter

from yulan.kernel.resource import api, details, edits, imports, lists
from yulan.kernel.resource.declare import Resource, resource_named


class ResourceName:
    """A path part that names a declared resource."""

    regex = "[a-z][a-z0-9-]*"

    def to_python(self, value: str) -> Resource:
        """Find the resource."""
        found = resource_named(value)
        if found is None:
            raise ValueError
        return found

    def to_url(self, value: Resource) -> str:
        """Give its name."""
        return value.name


register_converter(ResourceName, "resource")

urlpatterns = [
    path("<resource:resource>/", lists.list_page, name="list"),
    path("<resource:resource>/new", edits.create_page, name="create"),
    path("<resource:resource>/bulk", edits.bulk_page, name="bulk"),
    path("<resource:resource>/lookup", edits.lookup_page, name="lookup"),
    path("<resource:resource>/help", imports.help_page, name="help"),
    path("<resource:resource>/import", imports.import_page, name="import"),
    path("<resource:resource>/import/<str:token>", imports.errors_file, name="import-errors"),
    path("<resource:resource>/template.xlsx", imports.template_file, name="template"),
    path("<resource:resource>/export.<str:form>", imports.export_file, name="export"),
    path("<resource:resource>/<int:pk>", details.detail_page, name="detail"),
    path("<resource:resource>/<int:pk>/edit", edits.edit_page, name="edit"),
    path("<resource:resource>/<int:pk>/moves/<str:name>", edits.move_page, name="move"),
    path("<resource:resource>/<int:pk>/files", edits.upload_page, name="upload"),
    path("<resource:resource>/<int:pk>/files/<int:file_id>", edits.file_page, name="file"),
    path("api/v1/<resource:resource>/", api.collection, name="api-list"),
    path("api/v1/<resource:resource>/search", api.search, name="api-search"),
    path("api/v1/<resource:resource>/<int:pk>", api.item, name="api-item"),
    path("api/v1/<resource:resource>/<int:pk>/moves/<str:name>", api.move_item, name="api-move"),
    path("api/v1/<resource:resource>/<int:pk>/trail", api.item_trail, name="api-trail"),
    path("api/v1/feed", api.feed, name="api-feed"),
    path("api/openapi.json", api.description, name="openapi"),
]

"""Declare a record type once; get its pages, import, export, API, search, menu, permissions and tests.

    class Instruments(Resource):
        model = Instrument
        channel = "platforms"                       # which menu it stands in
        scope = Place("provider__path", "region")   # who sees which rows
        read = "operator officer auditor"           # roles that see them
        write = {"operator": "name kind region value"}   # role → fields it may fill
        columns = "code name provider.name region value"
        filters = "region provider kind"
        search = "code name"
        under = "provider"                          # listed on the page of the record this field refers to
        public = "code name region"                 # what the portal and open data may show; nothing by default

Labels are the model's `verbose_name`s; the address is the class name in kebab-case; `key` (default "code") is the
field by which files and the API name a record. Past these options override a method; past that write a page.
"""

from yulan.kernel.resource.declare import Column, Resource, all_resources, resource_named, resource_of

__all__ = ["Column", "Resource", "all_resources", "resource_named", "resource_of"]

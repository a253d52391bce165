"""Which rows somebody reaches: places over the fields that name an organisation or a region.

An officer's grant is tied to nothing and reaches everything; a district office's to its organisation, a field
team's or a recipient department's to its region (requirements §4.1, R008).
"""

from yulan.kernel.access import Place

ORGANISATIONS = Place("path", "region", either=True)
PERSONS = Place("organisation__path", "organisation__region", either=True)
PAIRINGS = Place("supporter__path", "region", either=True)

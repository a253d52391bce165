"""The ground: everything a record type gets by being declared once. Knows no policy word.

resource · lifecycle · access · trail · events · money · period · workdays · files · search · sheets · pages
"""

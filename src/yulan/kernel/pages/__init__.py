"""What every page and every answer of the API share: the acting person, refusals in words, reader's preferences."""

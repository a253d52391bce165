"""Engines: machinery that several rooms share. funds · projects · exchange · booking · casework."""

"""How documents look, for the description of the API. Nothing is checked by them at run time."""

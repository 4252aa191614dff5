"""Floor 0: the records of the catalog as frozen Pydantic models, and the values they are made of.

Nothing here reads or writes a file. Import the submodules directly; this package stays empty so that
``budmodel --help`` need not load Pydantic.
"""

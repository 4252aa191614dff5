"""``/api/models/{name}/deploy.json``: the records on which ``deploy-check`` decides, as they are.

They are the catalog's own files, so that whoever reads them over https decides with the same code as in a
clone, verifies the same signatures, and compares the dates in them with his own clock.
"""

from __future__ import annotations

from budmodel.errors import DataError
from budmodel.operations.deploy_files import HeldAs, Shelf, deploy_files
from budmodel.render.api import body
from budmodel.render.output import Output


def write_deploy(output: Output, shelf: Shelf, name: str, held_as: HeldAs) -> None:
    """The file of one model. Bytes that are no UTF-8 are shown as such: such a record is invalid anyway.

    Of a model whose lineage is too long it holds nothing, as nothing can be decided about it.
    """
    try:
        files = deploy_files(shelf, name, held_as)
    except DataError:
        files = {}
    result = {
        "name": name,
        "files": [{"path": path, "text": raw.decode("utf-8", "replace")} for path, raw in files.items()],
    }
    output.write(f"api/models/{name}/deploy.json", body(result), listed=True)
    shelf.let_go()

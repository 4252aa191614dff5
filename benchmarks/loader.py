"""The loader alone: every file of a catalog from bytes to data with positions, and nothing else."""

from __future__ import annotations

import gc
import os
import sys
from pathlib import Path

from budmodel.store.yaml_reader import load_with_positions


def main() -> None:
    """Loads the catalog below a folder."""
    gc.set_threshold(100_000, 50, 50)
    count = 0
    for folder, _, names in os.walk(Path(sys.argv[1]) / "catalog"):
        for name in names:
            if name.endswith(".yaml"):
                load_with_positions(Path(folder, name).read_bytes(), max_bytes=16 << 20)
                count += 1
    print(f"{count} files")


if __name__ == "__main__":
    main()

"""Every engine by its name in scan records."""

from __future__ import annotations

SCANNERS: dict[str, str] = {
    "clamav": "budmodel.scanners.clamav:ClamavScanner",
    "content": "budmodel.scanners.content:ContentScanner",
    "safetensors": "budmodel.scanners.safetensors:SafetensorsScanner",
    "gguf": "budmodel.scanners.gguf:GgufScanner",
    "onnx": "budmodel.scanners.onnx:OnnxScanner",
    "pickle": "budmodel.scanners.pickle:PickleScanner",
    "archive": "budmodel.scanners.archive:ArchiveScanner",
}
"""Each is made with a :class:`budmodel.scanners.interface.ScanConfig`."""

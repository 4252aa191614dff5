"""Floor 4: a check's verdict in the formats that people and machines read. Nothing prints."""

"""The tables of the SQLite export. Within a version of them no column changes its name or its meaning."""

from __future__ import annotations

APPLICATION_ID = 0x62756D6F
"""``bumo``: lets ``file`` and others tell such a database from any other (SQLite file format §1.3)."""
USER_VERSION = 1
"""The version of these tables; raised when a reader would have to change."""

TABLES = """
CREATE TABLE registry (key TEXT PRIMARY KEY, value TEXT NOT NULL) WITHOUT ROWID;
CREATE TABLE licenses (
  id TEXT PRIMARY KEY, spdx TEXT NOT NULL, name TEXT NOT NULL, url TEXT,
  commercial_use TEXT, derivatives TEXT, redistribution TEXT, output_use TEXT, attribution TEXT,
  monthly_active_users_limit INTEGER, annual_revenue_limit_usd INTEGER, monthly_revenue_limit_usd INTEGER,
  limits_bring TEXT, naming TEXT, pass_on_restrictions INTEGER, share_alike INTEGER, research_only INTEGER,
  api_only INTEGER, use_restrictions TEXT, territories_excluded TEXT, notes TEXT, source TEXT NOT NULL,
  reviewed_by TEXT, reviewed_on TEXT
) WITHOUT ROWID;
CREATE TABLE license_aliases (
  license TEXT NOT NULL REFERENCES licenses (id), alias TEXT NOT NULL, PRIMARY KEY (license, alias)
) WITHOUT ROWID;
CREATE TABLE license_texts (
  license TEXT NOT NULL REFERENCES licenses (id), sha256 TEXT NOT NULL, url TEXT, seen TEXT, note TEXT,
  PRIMARY KEY (license, sha256)
) WITHOUT ROWID;
CREATE TABLE models (
  name TEXT PRIMARY KEY, architecture TEXT NOT NULL, parameter_count INTEGER, active_parameter_count INTEGER,
  parameter_count_origin TEXT, context_length INTEGER, description TEXT, license_type TEXT,
  status TEXT NOT NULL, successor TEXT, retires_on TEXT, source_type TEXT, hub_id TEXT, default_version TEXT,
  gated INTEGER, contact TEXT, api_provider TEXT, api_model_id TEXT,
  homepage TEXT, paper TEXT, repository TEXT
) WITHOUT ROWID;
CREATE TABLE model_values (
  model TEXT NOT NULL REFERENCES models (name),
  kind TEXT NOT NULL CHECK (kind IN ('tag', 'task', 'language', 'owner', 'input', 'output')),
  value TEXT NOT NULL, PRIMARY KEY (model, kind, value)
) WITHOUT ROWID;
CREATE TABLE aliases (
  model TEXT NOT NULL REFERENCES models (name), alias TEXT NOT NULL, version TEXT NOT NULL,
  PRIMARY KEY (model, alias)
) WITHOUT ROWID;
CREATE TABLE versions (
  model TEXT NOT NULL REFERENCES models (name), version TEXT NOT NULL, position INTEGER NOT NULL,
  is_default INTEGER NOT NULL, released TEXT NOT NULL, changelog TEXT, source_type TEXT, hub_id TEXT,
  revision TEXT, source_uri TEXT, storage_path TEXT, format TEXT, precision TEXT, quantization TEXT,
  quantization_bits REAL, custom_code INTEGER, license_type TEXT, license_spdx TEXT, license_text_sha256 TEXT,
  commercial_use TEXT NOT NULL, min_gpu_memory_gb REAL, recommended_gpu TEXT, recommended_gpu_count INTEGER,
  fingerprint TEXT, file_count INTEGER, size_bytes INTEGER, manifest_sha256 TEXT, yanked_on TEXT,
  yanked_reason TEXT, PRIMARY KEY (model, version)
) WITHOUT ROWID;
CREATE TABLE version_licenses (
  model TEXT NOT NULL, version TEXT NOT NULL, license TEXT NOT NULL REFERENCES licenses (id),
  PRIMARY KEY (model, version, license), FOREIGN KEY (model, version) REFERENCES versions (model, version)
) WITHOUT ROWID;
CREATE TABLE files (
  model TEXT NOT NULL, version TEXT NOT NULL, path TEXT NOT NULL, size INTEGER NOT NULL, sha256 TEXT NOT NULL,
  PRIMARY KEY (model, version, path), FOREIGN KEY (model, version) REFERENCES versions (model, version)
) WITHOUT ROWID;
CREATE TABLE engines (
  model TEXT NOT NULL, version TEXT NOT NULL, name TEXT NOT NULL, min_version TEXT, notes TEXT,
  FOREIGN KEY (model, version) REFERENCES versions (model, version)
);
CREATE TABLE lineage (
  model TEXT NOT NULL, version TEXT NOT NULL, parent TEXT NOT NULL, parent_version TEXT,
  relation TEXT NOT NULL, external INTEGER NOT NULL, revision TEXT, license_type TEXT,
  FOREIGN KEY (model, version) REFERENCES versions (model, version)
);
CREATE TABLE scans (
  model TEXT NOT NULL, version TEXT NOT NULL, status TEXT NOT NULL, state TEXT NOT NULL,
  manifest_sha256 TEXT, started TEXT, finished TEXT, reason TEXT, signature TEXT NOT NULL, signer TEXT,
  believed_until TEXT, PRIMARY KEY (model, version),
  FOREIGN KEY (model, version) REFERENCES versions (model, version)
) WITHOUT ROWID;
CREATE TABLE scan_engines (
  model TEXT NOT NULL, version TEXT NOT NULL, name TEXT NOT NULL, engine_version TEXT NOT NULL,
  database_version TEXT, database_date TEXT, signatures INTEGER,
  FOREIGN KEY (model, version) REFERENCES scans (model, version)
);
CREATE TABLE scan_files (
  model TEXT NOT NULL, version TEXT NOT NULL, path TEXT NOT NULL, engine TEXT NOT NULL, format TEXT,
  verdict TEXT NOT NULL, bytes_seen INTEGER NOT NULL, bytes_total INTEGER NOT NULL, message TEXT,
  FOREIGN KEY (model, version) REFERENCES scans (model, version)
);
CREATE TABLE scan_findings (
  model TEXT NOT NULL, version TEXT NOT NULL, id TEXT NOT NULL, engine TEXT NOT NULL, severity TEXT NOT NULL,
  path TEXT, message TEXT NOT NULL, FOREIGN KEY (model, version) REFERENCES scans (model, version)
);
CREATE TABLE benchmarks (
  id TEXT PRIMARY KEY, name TEXT NOT NULL, category TEXT NOT NULL, default_metric TEXT NOT NULL,
  reference TEXT
) WITHOUT ROWID;
CREATE TABLE metrics (
  benchmark TEXT NOT NULL REFERENCES benchmarks (id), metric TEXT NOT NULL, unit TEXT NOT NULL,
  direction TEXT NOT NULL, minimum REAL, maximum REAL, PRIMARY KEY (benchmark, metric)
) WITHOUT ROWID;
CREATE TABLE results (
  model TEXT NOT NULL, version TEXT NOT NULL, benchmark TEXT NOT NULL, metric TEXT NOT NULL,
  value REAL NOT NULL, unit TEXT NOT NULL, stderr REAL, samples INTEGER, settings TEXT NOT NULL,
  accelerator TEXT, accelerator_count INTEGER, engine TEXT, engine_version TEXT, tool TEXT, tool_version TEXT,
  date TEXT, source TEXT, origin TEXT NOT NULL, note TEXT, path TEXT NOT NULL,
  FOREIGN KEY (model, version) REFERENCES versions (model, version)
);
CREATE TABLE waivers (
  path TEXT PRIMARY KEY, manifest_sha256 TEXT, reason TEXT NOT NULL, approved_by TEXT NOT NULL,
  expires TEXT NOT NULL
) WITHOUT ROWID;
CREATE TABLE waiver_rules (
  waiver TEXT NOT NULL REFERENCES waivers (path), rule TEXT NOT NULL, PRIMARY KEY (waiver, rule)
) WITHOUT ROWID;
CREATE TABLE waiver_targets (
  waiver TEXT NOT NULL REFERENCES waivers (path), model TEXT NOT NULL, version TEXT NOT NULL,
  PRIMARY KEY (waiver, model, version)
) WITHOUT ROWID;
CREATE TABLE waiver_findings (
  waiver TEXT NOT NULL REFERENCES waivers (path), finding TEXT NOT NULL, PRIMARY KEY (waiver, finding)
) WITHOUT ROWID;
CREATE TABLE acknowledgments (
  path TEXT PRIMARY KEY, model TEXT NOT NULL, version TEXT NOT NULL, use TEXT NOT NULL, "by" TEXT NOT NULL,
  "on" TEXT NOT NULL, license TEXT NOT NULL, license_text_sha256 TEXT, note TEXT
) WITHOUT ROWID;
CREATE TABLE removed (
  name TEXT PRIMARY KEY, reason TEXT NOT NULL, removed TEXT NOT NULL, "by" TEXT NOT NULL, successor TEXT
) WITHOUT ROWID;
"""

INDEXES = """
CREATE INDEX files_by_sha256 ON files (sha256);
CREATE INDEX lineage_by_parent ON lineage (parent);
CREATE INDEX lineage_by_model ON lineage (model, version);
CREATE INDEX model_values_by_value ON model_values (kind, value);
CREATE INDEX models_by_architecture ON models (architecture);
CREATE INDEX results_by_benchmark ON results (benchmark, metric, value);
CREATE INDEX results_by_model ON results (model, version);
CREATE INDEX scan_files_by_model ON scan_files (model, version);
CREATE INDEX scan_findings_by_model ON scan_findings (model, version);
CREATE INDEX version_licenses_by_license ON version_licenses (license);
CREATE INDEX waiver_targets_by_model ON waiver_targets (model, version);
"""

VIEWS = """
CREATE VIEW current_waivers AS
  SELECT t.model, t.version, r.rule, w.expires, w.reason, w.approved_by, w.path
  FROM waiver_targets t JOIN waivers w ON w.path = t.waiver JOIN waiver_rules r ON r.waiver = w.path
  JOIN versions v ON v.model = t.model AND v.version = t.version AND v.manifest_sha256 IS w.manifest_sha256
  WHERE w.expires > strftime('%Y-%m-%dT%H:%M:%SZ', 'now');
CREATE VIEW overview AS
  SELECT m.name, v.version, m.status, m.architecture, m.parameter_count, v.license_type, v.commercial_use,
    coalesce(s.state, CASE m.source_type WHEN 'api' THEN 'no-artifacts' ELSE 'not-scanned' END) AS scan,
    s.finished AS scan_finished, s.signature AS scan_signature, s.believed_until AS scan_believed_until,
    (SELECT min(expires) FROM current_waivers w WHERE w.model = m.name AND w.version = v.version)
      AS waived_until,
    v.size_bytes, v.yanked_on, m.description
  FROM models m LEFT JOIN versions v ON v.model = m.name AND v.is_default
  LEFT JOIN scans s ON s.model = v.model AND s.version = v.version;
CREATE VIEW unscanned AS
  SELECT name, version, scan, waived_until FROM overview WHERE scan NOT IN ('passed', 'no-artifacts');
"""

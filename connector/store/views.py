"""Views for people with a SQL prompt: each answers the question it is named for."""


def _iso(column: str) -> str:
    return f"strftime('%Y-%m-%dT%H:%M:%fZ', {column} / 1000.0, 'unixepoch')"


VIEWS = f"""
CREATE VIEW deals_all AS
SELECT a.name AS account, d.remote AS deal, d.name, p.label AS pipeline, s.label AS stage,
       o.name AS owner, o.team, d.amount, d.currency, d.home_amount, d.close_date,
       {_iso("d.created_at")} AS created_at, {_iso("d.modified_at")} AS modified_at,
       {_iso("d.gone_at")} AS gone_at, d.gone_how, d.merged_into
FROM deals d JOIN accounts a ON a.id = d.account
LEFT JOIN stages s ON s.id = d.stage
LEFT JOIN pipelines p ON p.id = COALESCE(s.pipeline, d.pipeline)
LEFT JOIN owners o ON o.id = d.owner;

CREATE VIEW deals_now AS
SELECT account, deal, name, pipeline, stage, owner, team, amount, currency, home_amount, close_date,
       created_at, modified_at
FROM deals_all WHERE gone_at IS NULL;

CREATE VIEW stage_visits AS
SELECT a.name AS account, d.remote AS deal, d.name, p.label AS pipeline, s.label AS stage,
       s.remote AS stage_id, v.number, {_iso("v.entered_at")} AS entered_at,
       {_iso("v.left_at")} AS left_at, (v.left_at - v.entered_at) / 86400000.0 AS days,
       CASE WHEN v.cut THEN d.gone_how WHEN v.left_at IS NULL THEN 'open' ELSE 'moved' END AS ended
FROM visits v JOIN deals d ON d.id = v.deal JOIN accounts a ON a.id = d.account
LEFT JOIN stages s ON s.id = v.stage LEFT JOIN pipelines p ON p.id = s.pipeline;

CREATE VIEW deal_changes AS
SELECT a.name AS account, d.remote AS deal, d.name, f.remote AS field, c.value,
       COALESCE(s.label, p.label, o.name) AS label, {_iso("c.at")} AS at,
       {_iso("c.not_before")} AS not_before, COALESCE(u.name, c.changed_by) AS changed_by
FROM changes c JOIN deals d ON d.id = c.deal JOIN accounts a ON a.id = d.account
JOIN fields f ON f.id = c.field
LEFT JOIN stages s ON f.remote = 'stage' AND s.account = d.account AND s.remote = c.value
LEFT JOIN pipelines p ON f.remote = 'pipeline' AND p.account = d.account AND p.remote = c.value
LEFT JOIN owners o ON f.remote = 'owner' AND o.account = d.account AND o.remote = c.value
LEFT JOIN owners u ON u.account = d.account AND u.user_id = c.changed_by AND u.user_id <> '';

-- Between these instants the CRM had cut its history before anybody read it.
CREATE VIEW history_gaps AS
SELECT a.name AS account, d.remote AS deal, d.name, f.remote AS field, {_iso("g.after")} AS after,
       {_iso("g.before")} AS before
FROM gaps g JOIN deals d ON d.id = g.deal JOIN accounts a ON a.id = d.account
JOIN fields f ON f.id = g.field;

CREATE VIEW pipeline_history AS
SELECT a.name AS account, p.remote AS pipeline_id, v.label AS pipeline, t.position,
       s.remote AS stage_id, t.label AS stage, t.probability, t.outcome, t.slot, t.writable,
       {_iso("v.valid_from")} AS valid_from, {_iso("v.valid_to")} AS valid_to,
       {_iso("v.not_before")} AS not_before,
       COALESCE((SELECT o.name FROM owners o WHERE o.account = a.id AND o.user_id = v.changed_by
                 AND o.user_id <> '' ORDER BY o.archived LIMIT 1), v.changed_by) AS changed_by
FROM version_stages t JOIN pipeline_versions v ON v.id = t.version
JOIN pipelines p ON p.id = v.pipeline JOIN accounts a ON a.id = p.account
JOIN stages s ON s.id = t.stage
ORDER BY a.name, p.id, v.valid_from, t.position;

CREATE VIEW pipeline_stages_now AS
SELECT account, pipeline_id, pipeline, position, stage_id, stage, probability, outcome, slot,
       writable, valid_from AS since
FROM pipeline_history WHERE valid_to IS NULL;

CREATE VIEW owners_now AS
SELECT a.name AS account, o.remote AS owner, o.name, o.email, o.team, o.archived,
       COUNT(d.id) AS live_deals
FROM owners o JOIN accounts a ON a.id = o.account
LEFT JOIN deals d ON d.owner = o.id AND d.gone_at IS NULL
GROUP BY o.id;

CREATE VIEW pulls_log AS
SELECT u.id AS pull, a.name AS account, u.state, {_iso("u.started")} AS started,
       {_iso("u.finished")} AS finished, {_iso("u.since")} AS since, u.pages, u.deals_new,
       u.deals_changed, u.deals_same, u.changes_new,
       (SELECT COUNT(*) FROM quarantine q WHERE q.pull = u.id) AS set_aside, u.fields,
       u.suspect, u.counted, u.live
FROM pulls u JOIN accounts a ON a.id = u.account;

CREATE VIEW corrections AS
SELECT r.id AS run, a.name AS account, j.seq, j.state, j.lead,
       json_extract(j.change, '$.pipeline') AS pipeline_id,
       json_extract(j.change, '$.stage') AS stage_id, s.label AS stage,
       json_extract(j.change, '$.before') AS before, json_extract(j.change, '$.after') AS after,
       {_iso("j.sent_at")} AS sent_at, {_iso("j.settled_at")} AS settled_at, j.note,
       r.fingerprint
FROM journal j JOIN applies r ON r.id = j.run JOIN accounts a ON a.id = r.account
LEFT JOIN stages s ON s.account = a.id AND s.remote = json_extract(j.change, '$.stage');

CREATE VIEW drift_log AS
SELECT a.name AS account, s.drift, s.desired, s.live, {_iso("s.first_seen")} AS first_seen,
       {_iso("s.last_seen")} AS last_seen, {_iso("s.gone")} AS gone
FROM drift_sightings s JOIN accounts a ON a.id = s.account
ORDER BY s.first_seen, s.id;

CREATE VIEW accepted_drifts AS
SELECT a.name AS account, c.drift, c.desired, c.live, c.reason, c.accepted_by,
       {_iso("c.at")} AS accepted_at, c.until, {_iso("c.ended")} AS ended
FROM drift_acceptances c JOIN accounts a ON a.id = c.account
ORDER BY c.at, c.id;

CREATE VIEW work_order_log AS
SELECT a.name AS account, w.drift, json_extract(w.body, '$.kind') AS kind,
       json_extract(w.body, '$.pipeline_label') AS pipeline,
       NULLIF(json_extract(w.body, '$.stage_label'), '') AS stage,
       json_extract(w.body, '$.live') AS live, w.wanted, {_iso("w.since")} AS since,
       {_iso("w.closed")} AS closed, {_iso("w.not_before")} AS not_before, w.ending
FROM work_orders w JOIN accounts a ON a.id = w.account
ORDER BY w.since, w.id;

CREATE VIEW job_runs AS
SELECT r.id AS run, r.job, r.day, {_iso("r.started")} AS started, {_iso("r.finished")} AS finished,
       r.outcome, r.requests, r.seconds, NULLIF(r.reason, '') AS reason, r.again
FROM runs r ORDER BY r.id;

CREATE VIEW job_steps AS
SELECT r.id AS run, r.job, r.day, s.account, s.step, s.outcome, s.requests, s.seconds,
       NULLIF(s.note, '') AS note
FROM run_steps s JOIN runs r ON r.id = s.run ORDER BY r.id, s.seq;

-- A full pull reads every record again, so what it does not set aside has been mended.
CREATE VIEW set_aside AS
SELECT a.name AS account, q.record, NULLIF(q.field, '') AS field, q.reason, q.raw,
       MAX(u.id) AS pull, {_iso("u.finished")} AS pulled
FROM quarantine q JOIN pulls u ON u.id = q.pull JOIN accounts a ON a.id = u.account
WHERE u.state = 'complete'
  AND u.id >= (SELECT MAX(f.id) FROM pulls f
               WHERE f.account = u.account AND f.state = 'complete' AND f.since IS NULL)
GROUP BY a.id, q.record, q.field;
"""

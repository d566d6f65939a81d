"""Reads what a killed gateway left behind. It is given a question as JSON on standard input and answers in JSON.

Knows SQLite and the tables, and nothing of carvos: what it finds does not depend on the code that it judges.
"""

import json
import os
import shutil
import sqlite3
import sys
import tempfile
from collections import Counter, defaultdict

NONE_EXPECTED = {
    "claims left of attempts that were not recorded": """
        SELECT count(*) FROM claim c, json_each(c.attempts) a JOIN delivery d ON d.seq = json_extract(a.value, '$[0]')
        WHERE d.attempt_count = json_extract(a.value, '$[1]')""",
    "jobs not done": "SELECT count(*) FROM job WHERE state <> 'done'",
    "deliveries not delivered": "SELECT count(*) FROM delivery WHERE state <> 'delivered'",
    "events without a job": """
        SELECT count(*) FROM event e LEFT JOIN job j ON j.event_seq = e.seq WHERE j.event_seq IS NULL""",
    "deliveries whose log has a hole": """
        SELECT count(*) FROM (
          SELECT d.id FROM delivery d LEFT JOIN log l ON l.delivery_id = d.id GROUP BY d.seq
          HAVING count(l.seq) <> d.attempt_count OR min(l.number) <> 1 OR max(l.number) <> d.attempt_count)""",
    "deliveries without exactly one success in the log": """
        SELECT count(*) FROM (
          SELECT d.id FROM delivery d JOIN log l ON l.delivery_id = d.id GROUP BY d.seq
          HAVING sum(l.outcome = 'success') <> 1)""",
    "steps that an interruption used up": """
        SELECT count(*) FROM log a JOIN log b ON b.delivery_id = a.delivery_id AND b.number = a.number + 1
        WHERE a.outcome = 'interrupted' AND b.step <> a.step""",
    "accepted events without an incoming record": """
        SELECT count(*) FROM event e
        WHERE NOT EXISTS (SELECT 1 FROM log l WHERE l.event_seq = e.seq AND l.status = 202)""",
}


def judge_load(db, question):
    """What was promised, what came, and what is written down."""
    problems = check_integrity(db)
    for what, sql in NONE_EXPECTED.items():
        (count,) = db.execute(sql).fetchone()
        if count > 0:
            problems.append(f"{count} {what}")

    rows = db.execute(
        """SELECT e.reference_id, count(d.seq), max(d.event_id), max(d.attempt_count)
           FROM event e LEFT JOIN delivery d ON d.reference_id = e.reference_id GROUP BY e.seq"""
    ).fetchall()
    deliveries = {reference: count for reference, count, _, _ in rows}
    for number, reference in question["promised"]:
        if reference not in deliveries:
            problems.append(f"event {number}: reference {reference} got a 202 and is gone")
        elif deliveries[reference] != 1:
            problems.append(f"{reference}: {deliveries[reference]} outgoing events")
    if len({reference for _, reference in question["promised"]}) != len(question["promised"]):
        problems.append("two events share a reference")

    arrivals = defaultdict(list)
    for arrival in question["arrivals"]:
        arrivals[arrival["eventId"]].append(arrival)
    attempts = defaultdict(list)
    for event_id, outcome, fault in db.execute(
        "SELECT event_id, outcome, fault FROM log WHERE direction = 'outgoing'"
    ):
        attempts[event_id].append((outcome, fault))
    cut_off = set(question["cutOff"])
    duplicates = explained = 0
    for reference, _, event_id, _ in rows:
        came = arrivals[event_id]
        accepted = sum(arrival["status"] == 200 for arrival in came)
        interrupted = sum(outcome == "interrupted" for outcome, _ in attempts[event_id])
        twice = twice_sent(attempts[event_id], came, interrupted)
        if accepted == 0:
            problems.append(f"{reference}: no receiver took it")
        if len(came) > len(attempts[event_id]) + twice:
            problems.append(f"{event_id}: {len(came)} arrivals, {len(attempts[event_id])} attempts, {twice} sent twice")
        if len({arrival["body"] for arrival in came}) > 1:
            problems.append(f"{event_id}: the bytes differ between attempts")
        if event_id in cut_off and interrupted == 0:
            problems.append(f"{event_id}: cut off by a kill, but no attempt is logged as interrupted")
        if accepted > 1:
            duplicates += 1
            if accepted <= 1 + interrupted + twice:
                explained += 1
            else:
                problems.append(f"{event_id}: accepted {accepted} times, interrupted {interrupted}, sent twice {twice}")
    logged = [attempt for of_event in attempts.values() for attempt in of_event]
    return {
        "problems": problems,
        "events": len(rows),
        "attempts": len(logged),
        "interrupted": sum(outcome == "interrupted" for outcome, _ in logged),
        "duplicates": duplicates,
        "explained": explained,
    }


def twice_sent(attempts, came, interrupted):
    """Attempts that explain two arrivals each: of the fault `duplicate`, also where a kill cut them off.

    The log cannot tell the fault of one that was cut off; but both of its requests carry the same signature.
    """
    logged = sum(fault == "duplicate" for _, fault in attempts)
    pairs = sum(count // 2 for count in Counter(arrival["signature"] for arrival in came).values())
    return logged + min(interrupted, max(0, pairs - logged))


def read_content(db, _question):
    """What is there, for whoever knows what should be."""
    one = lambda sql: db.execute(sql).fetchone()[0]
    return {
        "problems": check_integrity(db),
        "version": one("PRAGMA user_version"),
        "references": [row[0] for row in db.execute("SELECT reference_id FROM event ORDER BY seq")],
        "records": one("SELECT count(*) FROM log"),
        "open": one("SELECT count(*) FROM job WHERE state = 'queued'")
        + one("SELECT count(*) FROM delivery WHERE state = 'pending'"),
        "halves": one(NONE_EXPECTED["events without a job"])
        + one(NONE_EXPECTED["accepted events without an incoming record"]),
    }


def check_integrity(db):
    (found,) = db.execute("PRAGMA integrity_check").fetchone()
    return [] if found == "ok" else [f"integrity_check: {found}"]


def enlarge(file, records):
    """Makes the log long, and all of it young, so that a migration takes long and a sweep leaves it alone."""
    db = sqlite3.connect(file)
    columns = [row[1] for row in db.execute("PRAGMA table_info(log)") if row[1] not in ("seq", "delivery_id")]
    db.execute("UPDATE log SET occurred_at = unixepoch() * 1000")
    names = ", ".join(columns)
    db.execute(
        f"""WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i + 1 FROM n WHERE i < ?)
            INSERT INTO log (delivery_id, {names})
            SELECT 'more-' || i, {names} FROM n, (SELECT * FROM log WHERE direction = 'incoming' ORDER BY seq LIMIT 1)""",
        (records,),
    )
    db.commit()
    db.close()
    return {}


def main():
    question = json.load(sys.stdin)
    if question["ask"] == "enlarge":
        return enlarge(question["file"], question["records"])
    # A copy, log and all: opening it rolls back what was cut off, which the next start has to do by itself.
    with tempfile.TemporaryDirectory() as folder:
        file = os.path.join(folder, "copy.db")
        for end in ("", "-wal"):
            if os.path.exists(question["file"] + end):
                shutil.copyfile(question["file"] + end, file + end)
        db = sqlite3.connect(file)
        try:
            return {"load": judge_load, "content": read_content}[question["ask"]](db, question)
        finally:
            db.close()


json.dump(main(), sys.stdout)

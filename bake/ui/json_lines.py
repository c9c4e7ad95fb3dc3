"""`--progress=json`: what happens as records, one on each line, targets named on each.

Takes events, writes `bake.ui.events`; the fold decides what is new, so a step that several targets share is
told once.
"""

from __future__ import annotations

import json
from codecs import getincrementaldecoder
from typing import TYPE_CHECKING, Any

from bake.gojson import nonempty
from bake.progress import TargetPhase
from bake.ui.summary import place_of, rows
from bake.ui.trace import Trace
from bake.ui.units import moment

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator
    from typing import TextIO

    from bake.progress import Event, Note, VertexLog, VertexStatus, VertexWarning
    from bake.ui.trace import Change, Step

    Record = dict[str, Any]

VERSION = 1
STREAMS = {1: "stdout", 2: "stderr"}


class JsonLines:
    """Writes to `out`; `clock` gives seconds since the epoch. `description` is the run's first record."""

    def __init__(self, out: TextIO, clock: Callable[[], float], description: str = "") -> None:
        self._out = out
        self._clock = clock
        self._trace = Trace()
        self._told: dict[int, Record] = {}
        self._decoders: dict[tuple[int, int], Any] = {}
        self._write({"type": "run", "version": VERSION, "description": description})
        self._out.flush()

    def __call__(self, event: Event) -> None:
        common = nonempty(target=event.target, node=event.node, platforms=list(event.platforms))
        if isinstance(event.body, TargetPhase):
            self._write({**_phase(event.body), **common})
        for record in self._changed(self._trace.apply(event)):
            self._write({**record, **common})
        self._out.flush()

    def tick(self) -> None:
        """Nothing waits here."""

    def close(self) -> None:
        """The summary, if there is one."""
        if self._trace.summary is not None:
            self._write({"type": "summary", "targets": endings(self._trace)})
        self._out.flush()

    def _changed(self, change: Change) -> Iterator[Record]:
        for step in change.steps:
            record = _step(step)
            if record != self._told.get(id(step)):
                self._told[id(step)] = record
                yield record
        for step, status in change.statuses:
            yield _transfer(step, status)
        for step, log in change.logs:
            yield self._log(step, log)
        for step, warning in change.warnings:
            yield _warning(step, warning)
        if change.note:
            yield _note(change.note)

    def _log(self, step: Step, log: VertexLog) -> Record:
        """A character that is cut in two waits for its other half."""
        key = (id(step), log.stream)
        decoder = self._decoders.setdefault(key, getincrementaldecoder("utf-8")("replace"))
        return {
            "type": "log",
            "step": step.digest,
            "stream": STREAMS.get(log.stream, "stdout"),
            "text": decoder.decode(log.data),
            **nonempty(logged=moment(log.timestamp)),
        }

    def _write(self, record: Record) -> None:
        timed = {"type": record["type"], "time": moment(self._clock()), **record}
        self._out.write(json.dumps(timed, separators=(",", ":"), ensure_ascii=False) + "\n")


def endings(trace: Trace) -> list[Record]:
    """The rows of the final table, as records."""
    return [
        {
            "target": row.ending.target,
            "result": row.ending.phase.value,
            "platforms": list(row.ending.platforms),
            **({} if row.seconds is None else {"seconds": round(row.seconds, 3)}),
            "cached": row.cached,
            "steps": row.steps,
            **({} if row.size is None else {"size": row.size}),
            **nonempty(digest=row.ending.digest, reason=row.ending.reason, same_as=row.ending.same_as),
            **(
                nonempty(error=row.ending.error.line([]), place=place_of(row.ending.error))
                if row.ending.error
                else {}
            ),
        }
        for row in rows(trace)
    ]


def _phase(body: TargetPhase) -> Record:
    error = body.error.line([]) if body.error else ""
    return {"type": "target", "phase": body.phase.value, **nonempty(reason=body.reason, error=error)}


def _step(step: Step) -> Record:
    end = step.completed
    return {
        "type": "step",
        "step": step.digest,
        "name": step.name,
        "targets": list(step.targets),
        "cached": step.cached,
        **nonempty(
            inputs=list(step.inputs),
            started=moment(step.started),
            completed=moment(end),
            error=step.error,
        ),
        **({} if end is None else {"seconds": round(step.busy(end), 3)}),
    }


def _transfer(step: Step, status: VertexStatus) -> Record:
    return {
        "type": "transfer",
        "step": step.digest,
        "id": status.id,
        "current": status.current,
        **nonempty(
            total=status.total,
            started=moment(status.started),
            completed=moment(status.completed),
        ),
    }


def _warning(step: Step, warning: VertexWarning) -> Record:
    return {
        "type": "warning",
        "step": step.digest,
        "text": warning.short,
        **nonempty(
            detail=list(warning.detail),
            url=warning.url,
            file=warning.filename,
            lines=[list(one) for one in warning.ranges],
        ),
    }


def _note(note: Note) -> Record:
    level = "warning" if note.warning else "note"
    return {"type": "note", "level": level, "text": note.text, **nonempty(hint=note.hint)}

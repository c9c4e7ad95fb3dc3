from __future__ import annotations

import json

from bake.ui.usage import pruned_at_length, pruned_row, pruned_total, summary, usage
from bake.worker import UsageRecord

NOW = 1_000_000.0
LAYER = UsageRecord(
    id="layer",
    size=8221,
    shared=True,
    parents=("base",),
    last_used_at=NOW - 7200,
    usage_count=3,
    description="mount / from exec <x>",
    type="regular",
    created_nanos=1795246020_259670822,
)
SOURCE = UsageRecord(id="source", size=4096, mutable=True, in_use=True, created_nanos=1795246020_000000000)


def test_a_table_with_totals() -> None:
    text = usage([[SOURCE], [LAYER]], "", NOW, totals=True)
    assert [line.split() for line in text.splitlines()] == [
        ["ID", "RECLAIMABLE", "SIZE", "LAST", "ACCESSED"],
        ["source*", "false", "4.096kB"],
        ["layer", "true", "8.221kB*", "2", "hours", "ago"],
        ["Shared:", "8.221kB"],
        ["Private:", "4.096kB"],
        ["Reclaimable:", "8.221kB"],
        ["Total:", "12.32kB"],
    ]
    assert usage([[SOURCE]], "table", NOW, totals=False).count("\n") == 2


def test_at_length() -> None:
    assert usage([[LAYER, SOURCE]], "pretty", NOW, totals=False) == (
        "ID:           layer\n"
        "Parents:\n"
        " - base\n"
        "Created at:   2026-11-21 07:27:00.259670822 +0000 UTC\n"
        "Mutable:      false\n"
        "Reclaimable:  true\n"
        "Shared:       true\n"
        "Size:         8.221kB\n"
        "Description:  mount / from exec <x>\n"
        "Usage count:  3\n"
        "Last used:    2 hours ago\n"
        "Type:         regular\n"
        "\n"
        "ID:           source\n"
        "Created at:   2026-11-21 07:27:00 +0000 UTC\n"
        "Mutable:      true\n"
        "Reclaimable:  false\n"
        "Shared:       false\n"
        "Size:         4.096kB\n"
        "Usage count:  0\n"
        "\n"
    )


def test_json_has_no_marks() -> None:
    text = usage([[LAYER, SOURCE]], "json", NOW, totals=True)
    layer, source = map(json.loads, text.splitlines())
    assert (layer["Size"], layer["Parents"], layer["LastUsedAt"]) == ("8.221kB", ["base"], "2 hours ago")
    assert (source["ID"], source["Parents"], source["LastUsedAt"]) == ("source", None, "")
    assert list(layer) == sorted(layer)
    assert "\\u003cx\\u003e" in text


def test_templates_of_ones_own_have_no_totals() -> None:
    assert usage([[LAYER]], "{{.ID}} {{.Parents}}", NOW, totals=True) == "layer [base]\n"


def test_nothing_shared_is_not_told() -> None:
    assert summary([SOURCE]) == "Reclaimable:\t0B\nTotal:\t\t4.096kB\n"


def test_what_was_pruned() -> None:
    first, later = pruned_row(LAYER, NOW, first=True), pruned_row(SOURCE, NOW, first=False)
    assert first.splitlines()[0].split() == ["ID", "RECLAIMABLE", "SIZE", "LAST", "ACCESSED"]
    assert later.split() == ["source*", "false", "4.096kB"]
    assert pruned_total([LAYER, SOURCE]) == "Total:\t12.32kB\n"
    assert pruned_total([]) == "Total:\t0B\n"
    assert pruned_at_length(LAYER, NOW).splitlines()[:2] == ["ID:\t\tlayer", "Parent:\t\tbase"]
    assert pruned_at_length(LAYER, NOW).endswith("\n\n")

"""Build two linked targets, print their digests, and cancel a third."""

import bake

definition = bake.load(
    {
        "variable": {"BOX": {"default": "docker-image://busybox"}},
        "target": {
            "base": {"dockerfile-inline": "FROM scratch\nCOPY . /src\n", "output": ["type=image"]},
            "app": {
                "contexts": {"base": "target:base"},
                "dockerfile-inline": "FROM base\nWORKDIR /src\n",
                "output": ["type=image"],
            },
            "endless": {"contexts": {"box": "${BOX}"}, "dockerfile-inline": "FROM box\nRUN sleep 1000\n"},
        },
    }
)

with bake.connect() as builder:
    result = builder.build(bake.select(definition, "base", "app"))
    for target in result:
        print(target.name, target.digest)

    with builder.start(bake.select(definition, "endless")) as run:
        for event in run:
            if isinstance(event.body, bake.SolveStatus):
                run.cancel()
    print("endless", "was canceled" if run.wait().canceled else "ended by itself")

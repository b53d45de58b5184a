"""What a question about costs can be restricted by."""

from typing import Annotated

from fastapi import Depends, Query

Values = Annotated[list[str] | None, Query(max_length=50)]


def _filters(
    app: Values = None,
    environment: Values = None,
    team: Values = None,
    cost_centre: Values = None,
    provider: Values = None,
    model: Values = None,
    kind: Values = None,
    operation: Values = None,
    user: Values = None,
    session: Values = None,
    prompt_name: Values = None,
    prompt_version: Values = None,
    service_tier: Values = None,
    tag: Values = None,
    tags: Values = None,
) -> dict[str, list[str]]:
    given = {
        "app": app,
        "environment": environment,
        "team": team,
        "cost_centre": cost_centre,
        "provider": provider,
        "model": model,
        "kind": kind,
        "operation": operation,
        "user": user,
        "session": session,
        "prompt_name": prompt_name,
        "prompt_version": prompt_version,
        "service_tier": service_tier,
        "tag": tag,
        "tags": tags,
    }
    return {name: values for name, values in given.items() if values}


Filters = Annotated[dict[str, list[str]], Depends(_filters)]

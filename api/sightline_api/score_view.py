"""Scores as response models."""

from sightline_api.score_models import ScoreView
from sightline_storage.scores.score_record import Score


def score_view(score: Score) -> ScoreView:
    """Return a stored score as it is shown."""
    return ScoreView(
        score_id=score.score_id,
        trace_id=score.trace_id,
        span_id=score.span_id,
        session=score.session,
        name=score.name,
        source=score.source,
        author=score.author,
        value_type=score.value_type,
        value=score.value,
        comment=score.comment,
        scored_at=score.scored_at,
    )

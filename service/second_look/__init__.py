"""Second looks: unpredictable sampling of decisions, and figures of reviewers' agreement."""

"""Second looks: chance that nobody can foresee, and figures of how far reviewers agree."""

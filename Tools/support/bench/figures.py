"""Figures of several rounds: medians, and ratios within a round."""

import statistics


class Rounds:
    """What was measured, by row and round. Every round has every row."""

    def __init__(self):
        self.rows = {}

    def add(self, row, figures):
        self.rows.setdefault(row, []).append(figures)

    def median(self, row, figure):
        """None where the row does not have the figure."""
        values = [figures[figure] for figures in self.rows[row] if figures[figure] is not None]
        return statistics.median(values) if values else None

    def medians(self):
        return {
            row: {figure: self.median(row, figure) for figure in measured[0]}
            for row, measured in self.rows.items()
        }

    def ratio(self, row, base, figure, base_figure=None):
        """{"median", "least", "greatest", "rounds"} of the figure of a row to that of another row in the same round."""
        return spread(
            one[figure] / other[base_figure or figure]
            for one, other in zip(self.rows[row], self.rows[base])
        )

    def difference(self, row, base, figure, share=1):
        """As `ratio`, of what the row has more than the other one, over a share."""
        return spread(
            (one[figure] - other[figure]) / share for one, other in zip(self.rows[row], self.rows[base])
        )


def spread(rounds):
    """As `ratio` gives it."""
    rounds = list(rounds)
    return {
        "median": statistics.median(rounds),
        "least": min(rounds),
        "greatest": max(rounds),
        "rounds": rounds,
    }

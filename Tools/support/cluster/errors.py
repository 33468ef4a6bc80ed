"""The one exception of this package."""


class ClusterError(Exception):
    """Something a person has to act on: the message says what was wrong, where, and what to do.

    `exit_code` is what the command line leaves with (see `cli.py`).
    """

    def __init__(self, message, exit_code=1):
        super().__init__(message)
        self.exit_code = exit_code

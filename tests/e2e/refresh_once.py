"""One refresh of one model in a process of its own; the last line of its output says what it did, as JSON."""

import json
import sys

from rich.console import Console

from dagster_project.running import refresh

if __name__ == "__main__":
    outcome = refresh(Console(), [sys.argv[1]])
    made = {key.to_user_string(): why for key, why in outcome.made.items()}
    print(json.dumps({"made": made, "failed": outcome.failed, "failed_checks": outcome.failed_checks}))

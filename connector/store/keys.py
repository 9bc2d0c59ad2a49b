"""Integer keys for the ids of a CRM."""

from sqlite_utils import Database


class Keys:
    """The keys of one account's ids in one table; an id met for the first time gets a row."""

    def __init__(self, db: Database, table: str, account: int):
        # The names of tables are our own; only ids of the CRM are values, and those are bound.
        self._db = db
        self._insert = f"INSERT INTO {table} (account, remote) VALUES (?, ?)"
        self._account = account
        query = f"SELECT remote, id FROM {table} WHERE account = ?"
        self._keys: dict[str, int] = dict(db.execute(query, (account,)).fetchall())

    def __getitem__(self, remote: str) -> int:
        key = self._keys.get(remote)
        if key is None:
            key = int(self._db.execute(self._insert, (self._account, remote)).lastrowid or 0)
            self._keys[remote] = key
        return key

    def optional(self, remote: str | None) -> int | None:
        """The key of an id, where there is one."""
        return None if remote is None else self[remote]


class AccountKeys:
    """The keys of everything deals of an account point at."""

    def __init__(self, db: Database, account: int):
        self.account = account
        self.fields = Keys(db, "fields", account)
        self.stages = Keys(db, "stages", account)
        self.pipelines = Keys(db, "pipelines", account)
        self.owners = Keys(db, "owners", account)

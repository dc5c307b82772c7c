"""Where channels are kept: the contract, and its implementation in the record store's database.

Threads, durability and errors are those of ``base.py``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Sequence

from msgspec.structs import replace

from argus.errors import Conflict
from argus.server.notify.channels import Channel
from argus.server.stores.alerts.connections import Connections, Transaction

COLUMNS = "id, name, kind, target, secret, created_at, updated_at"


class ChannelStore(ABC):
    """Keeps the channels with their secrets. No two have the same name."""

    @abstractmethod
    def channels(self) -> Sequence[Channel]:
        """Every channel, ordered by id."""

    @abstractmethod
    def add_channel(self, channel: Channel, most: int) -> Channel:
        """Store a new channel and return it with its id. Raises ``Conflict`` for a taken name, or ``most`` of them."""

    @abstractmethod
    def replace_channel(self, channel: Channel) -> bool:
        """Store a changed channel; ``False`` if there is none. Raises ``Conflict`` for a taken name."""

    @abstractmethod
    def delete_channel(self, channel_id: int) -> bool:
        """Delete a channel; ``False`` if there is none."""


class SqlChannelStore(ChannelStore):
    """Channels over any database that :class:`Connections` describes."""

    def __init__(self, connections: Connections) -> None:
        self._connections = connections

    def channels(self) -> Sequence[Channel]:
        with self._connections.read() as transaction:
            rows = transaction.execute(f"SELECT {COLUMNS} FROM alert_channels ORDER BY id").fetchall()  # noqa: S608  # fixed names
        names = COLUMNS.split(", ")
        return [Channel(**dict(zip(names, row, strict=True))) for row in rows]

    def add_channel(self, channel: Channel, most: int) -> Channel:
        with self._connections.write() as transaction:
            (count,) = transaction.execute("SELECT count(*) FROM alert_channels").fetchone()
            if count >= most:
                raise Conflict(f"there are {count} channels already; delete one that is not needed")
            _need_free(transaction, channel)
            (number,) = transaction.execute(
                "INSERT INTO alert_channels (name, kind, target, secret, created_at, updated_at) "
                "VALUES (?, ?, ?, ?, ?, ?) RETURNING id",
                (
                    channel.name,
                    channel.kind,
                    channel.target,
                    channel.secret,
                    channel.created_at,
                    channel.updated_at,
                ),
            ).fetchone()
        return replace(channel, id=number)

    def replace_channel(self, channel: Channel) -> bool:
        with self._connections.write() as transaction:
            _need_free(transaction, channel)
            found = transaction.execute(
                "UPDATE alert_channels SET name = ?, kind = ?, target = ?, secret = ?, updated_at = ? WHERE id = ?",
                (channel.name, channel.kind, channel.target, channel.secret, channel.updated_at, channel.id),
            )
            return found.rowcount == 1

    def delete_channel(self, channel_id: int) -> bool:
        with self._connections.write() as transaction:
            return transaction.execute("DELETE FROM alert_channels WHERE id = ?", (channel_id,)).rowcount == 1


def _need_free(transaction: Transaction, channel: Channel) -> None:
    taken = transaction.execute(
        "SELECT 1 FROM alert_channels WHERE name = ? AND id <> ?", (channel.name, channel.id)
    ).fetchone()
    if taken is not None:
        raise Conflict(f"there is a channel {channel.name!r} already")

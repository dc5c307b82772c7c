"""The contract of the alerts' store and of the outbox, which lie in the record store's database.

Threads, durability and errors are those of ``stores/base.py``: every method blocks, may be called from any thread, is
one transaction, and raises :class:`~argus.errors.StoreUnavailable` where nothing was stored.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from argus.server.alerts.values import AlertEvent, Attempt, Delivery, DeliveryState, Rule, RuleState, Silence


@dataclass(frozen=True, slots=True)
class Happened:
    """One transition, and the messages that tell of it; the store gives them their ids."""

    event: AlertEvent
    deliveries: tuple[Delivery, ...] = ()


@dataclass(frozen=True, slots=True)
class Change:
    """What a pass found of a rule: the new state, which has the version of the one it was judged from."""

    state: RuleState
    happened: tuple[Happened, ...] = ()


@dataclass(frozen=True, slots=True)
class EventQuery:
    """A question about the history, newest first. ``start`` is inclusive, ``end`` exclusive, ``states`` alternatives.

    ``before`` is the id of the last event of the page before; ``after`` asks for events with greater ids only.
    """

    app: str | None = None
    rule_id: int | None = None
    states: tuple[str, ...] = ()
    start: float | None = None
    end: float | None = None
    limit: int = 100
    before: int | None = None
    after: int | None = None


class AlertStore(ABC):
    """Keeps rules, their states, their history, and silences."""

    @abstractmethod
    def rules(self) -> Sequence[Rule]:
        """Every rule, ordered by id."""

    @abstractmethod
    def rule(self, rule_id: int) -> Rule | None: ...

    @abstractmethod
    def add_rule(self, rule: Rule, most: int) -> Rule:
        """Store a new rule and return it with its id. Raises ``Conflict`` where there are ``most`` of them."""

    @abstractmethod
    def replace_rule(self, rule: Rule) -> bool:
        """Store a changed rule; ``False`` if there is none. States of another revision are dropped.

        All are, where the rule is not enabled. An incident that is dropped ends in the history, and nobody is told.
        """

    @abstractmethod
    def delete_rule(self, rule_id: int, at: float) -> bool:
        """Delete a rule and its states; its history stays, and its incidents end there. ``False`` if there is none."""

    @abstractmethod
    def delete_app(self, app: str) -> None:
        """Delete an application's rules, and its states, history and silences. Rules for all applications stay."""

    @abstractmethod
    def states(self, rule_id: int | None = None) -> Sequence[RuleState]:
        """Every state, or those of one rule, ordered by rule and application."""

    @abstractmethod
    def incidents(self) -> Mapping[str, int]:
        """Return how many incidents are open, by application."""

    @abstractmethod
    def record(self, changes: Sequence[Change]) -> Sequence[AlertEvent]:
        """Store states, events and outbox rows in one transaction, and return the events that were stored.

        A change is left out whole where its rule was changed, disabled or deleted meanwhile, or where the stored state
        has another version: another server judged it first, or somebody acknowledged.

        A message that is to be sent takes the place of older ones about the same rule and application that still wait
        for the same recipient: nobody hears that it fires after having heard that it is over.
        """

    @abstractmethod
    def acknowledge(self, rule_id: int, app: str | None, at: float) -> Sequence[RuleState]:
        """Note that somebody looks after a rule's incidents (of one application); return their states.

        One whose end is still to be told is there to be looked after.
        """

    @abstractmethod
    def events(self, query: EventQuery) -> Sequence[AlertEvent]:
        """Return a page of the history."""

    @abstractmethod
    def silences(self) -> Sequence[Silence]:
        """Every silence that is not over for good, ordered by start."""

    @abstractmethod
    def add_silence(self, silence: Silence, most: int) -> Silence:
        """Store a new silence and return it with its id. Raises ``Conflict`` where there are ``most`` of them."""

    @abstractmethod
    def replace_silence(self, silence: Silence) -> bool:
        """Store a changed silence; ``False`` if there is none."""

    @abstractmethod
    def delete_silence(self, silence_id: int) -> bool:
        """Delete a silence; ``False`` if there is none."""

    @abstractmethod
    def maintain(self, now: float) -> None:
        """Drop history past its retention with its deliveries, and silences that are over."""


class Outbox(ABC):
    """The messages that are to be delivered. Rows are added by :meth:`AlertStore.record` alone."""

    @abstractmethod
    def due(self, now: float, limit: int, whom: tuple[str, str] | None = None) -> Sequence[Delivery]:
        """Return pending messages whose time has come, the oldest first; ``whom``: those to this kind and target."""

    @abstractmethod
    def attempted(self, delivery_id: int, attempt: Attempt, state: DeliveryState, next_at: float, reason: str) -> None:
        """Keep an attempt, and what it makes of the message: ``pending`` until ``next_at``, ``sent`` or ``failed``.

        A message that is pending no more, for another server dealt with it, stays as it is.
        """

    @abstractmethod
    def suppress(self, delivery_ids: Sequence[int], reason: str) -> None:
        """Give up pending messages, such as those that a digest tells of."""

    @abstractmethod
    def postpone(self, delivery_ids: Sequence[int], next_at: float) -> None:
        """Let pending messages wait, without counting it as an attempt."""

    @abstractmethod
    def sent_since(self, at: float) -> Mapping[tuple[str, str], int]:
        """Return how many messages were sent from ``at`` on, by kind and target: for a cap per hour."""

    @abstractmethod
    def deliveries(self, event_ids: Sequence[int]) -> Sequence[Delivery]:
        """Return the messages of some events, ordered by id."""

    @abstractmethod
    def attempts(self, delivery_ids: Sequence[int]) -> Mapping[int, Sequence[Attempt]]:
        """Return the attempts of some messages, the oldest first."""

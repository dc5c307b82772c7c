"""What a process tree used between two looks, though its processes come and go."""

from __future__ import annotations

from argus.run.tree import Look, Seen, Use, grown


def look(**processes: tuple[int, float]) -> Look:
    """``p10=(1, 2.5)``: process 10, whose parent is 1, and which has used 2.5 seconds with those it waited for."""
    return {(int(name[1:]), 0.0): Seen(parent, Use(seconds)) for name, (parent, seconds) in processes.items()}


def test_what_each_used_adds_up() -> None:
    assert grown(look(p10=(1, 1.0), p11=(10, 2.0)), look(p10=(1, 1.5), p11=(10, 4.0))).seconds == 2.5


def test_the_first_look_counts_all_since_birth() -> None:
    assert grown({}, look(p10=(1, 1.5))).seconds == 1.5


def test_a_child_that_came_and_went_unseen_is_in_what_its_parent_took_over() -> None:
    assert grown(look(p10=(1, 1.0)), look(p10=(1, 4.0))).seconds == 3.0


def test_what_was_counted_of_a_child_is_not_counted_again_when_its_parent_takes_it_over() -> None:
    before = look(p10=(1, 1.0), p11=(10, 5.0))
    assert grown(before, look(p10=(1, 6.5))).seconds == 0.5


def test_it_is_the_nearest_living_ancestor_that_took_over() -> None:
    before = look(p10=(1, 1.0), p11=(10, 2.0), p12=(11, 3.0))
    assert grown(before, look(p10=(1, 7.0))).seconds == 1.0


def test_a_process_that_others_waited_for_takes_nothing_from_the_rest() -> None:
    before = look(p10=(1, 1.0), p20=(1, 9.0))
    assert grown(before, look(p10=(1, 2.0))).seconds == 1.0


def test_a_number_that_is_used_again_is_another_process() -> None:
    later = {(10, 50.0): Seen(1, Use(0.25))}
    assert grown(look(p10=(1, 3.0)), later).seconds == 0.25

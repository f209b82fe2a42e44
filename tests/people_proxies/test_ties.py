"""A tie from the first wish to its end: who confirms, who is told, what is written down."""

from __future__ import annotations

import uuid
from datetime import date, timedelta

import pytest
import sqlalchemy as sa

from backend.kernel.clock import MovableClock
from backend.kernel.errors import AppError
from backend.kernel.ids import new_id
from backend.people.proxies import Authority, Facet, acting_for, record_act
from backend.people.proxies.answer import (
    MOST_TRIES,
    confirm_as_principal,
    confirm_as_staff,
    confirm_by_code,
    count_try,
    decline,
    give_code,
    lapse_asked,
)
from backend.people.proxies.ask import Wish, ask_proxy
from backend.people.proxies.cut import cut, cut_as_staff
from backend.people.proxies.queries import active_ties, acts_of, tie_of
from backend.people.proxies.rules import Confirmation, Relation, TieState, offer_scope
from backend.storage import transaction
from tests.concurrency.support import identity_number
from tests.people_proxies.support import (
    DAUGHTER,
    FATHER,
    MOTHER,
    STRANGER,
    ask,
    make_person,
    moves_of,
    staff_account,
    state_of,
    stored,
    told,
    wish,
)


def refusal(call, *given, **options) -> AppError:
    with pytest.raises(AppError) as refused:
        call(*given, **options)
    return refused.value


def enter(tie_id: uuid.UUID, helper_id: uuid.UUID, code: str) -> None:
    confirm_by_code(tie_id, helper_id, code, may_try=count_try(tie_id, helper_id))


def test_the_principal_agrees(daughter: uuid.UUID, mother: uuid.UUID):
    tie_id = ask(daughter)
    assert told(mother) == [
        (
            "people.proxy_asked",
            {"who": "您的女儿李*梅", "matters": "助餐订餐、探访关爱", "hint": "回复“代办”可以看到"},
        )
    ]
    confirm_as_principal(tie_id, mother)
    tie = stored(tie_id)
    assert (tie.state, tie.confirmation, tie.principal_id) == (TieState.CONFIRMED, Confirmation.OWN_WECHAT, mother)
    assert [notice for notice, _ in told(daughter)] == ["people.proxy_answered"]
    assert told(mother, queued=True) == []  # nothing more to decide
    assert moves_of(tie_id) == [("asked", "helper", None), ("confirmed", "principal", None)]
    confirm_as_principal(tie_id, mother)  # twice is the same as once
    assert len(moves_of(tie_id)) == 2


def test_the_principal_does_not_agree(daughter: uuid.UUID, mother: uuid.UUID):
    tie_id = ask(daughter)
    decline(tie_id, mother)
    assert state_of(tie_id) is TieState.DECLINED
    assert told(daughter)[0][1] == {"whom": "王*英", "outcome": "本人没有同意", "hint": "回复“代办”可以看到"}
    assert refusal(confirm_as_principal, tie_id, mother).code == "state_conflict"


def test_nobody_else_decides(daughter: uuid.UUID, mother: uuid.UUID):
    tie_id, father = ask(daughter), make_person(FATHER)
    for command in (confirm_as_principal, decline, cut):
        assert refusal(command, tie_id, father).code == "not_found"
    assert refusal(confirm_as_principal, tie_id, daughter).code == "not_found"
    assert refusal(decline, new_id(), mother).code == "not_found"
    assert state_of(tie_id) is TieState.ASKED


def test_the_counter_tells_six_digits(daughter: uuid.UUID, mother: uuid.UUID):
    tie_id = ask(daughter)
    first = give_code(tie_id, mother, staff_account())
    code = give_code(tie_id, mother, staff_account())
    assert len(code) == 6
    assert code.isdigit()
    if first != code:
        assert refusal(enter, tie_id, daughter, first).code == "invalid"  # a new one voids the old
    assert refusal(enter, tie_id, make_person(FATHER), code).code == "not_found"
    enter(tie_id, daughter, f" {code} ")
    tie = stored(tie_id)
    assert (tie.state, tie.confirmation, tie.code_index) == (TieState.CONFIRMED, Confirmation.COUNTER_CODE, None)
    assert [notice for notice, _ in told(mother, queued=True)] == ["people.proxy_begun"]


def test_digits_age_and_cannot_be_guessed(daughter: uuid.UUID, mother: uuid.UUID, clock: MovableClock):
    tie_id = ask(daughter)
    code = give_code(tie_id, mother, staff_account())
    wrong = f"{(int(code) + 1) % 10**6:06d}"
    for _ in range(MOST_TRIES):
        assert refusal(enter, tie_id, daughter, wrong).errors["code"]
    assert "试的次数" in refusal(enter, tie_id, daughter, code).user_text
    code = give_code(tie_id, mother, staff_account())
    clock.advance(timedelta(minutes=31))
    assert refusal(enter, tie_id, daughter, code).code == "invalid"
    assert state_of(tie_id) is TieState.ASKED


def test_staff_confirm_with_a_reason(daughter: uuid.UUID, mother: uuid.UUID):
    tie_id, staff = ask(daughter), staff_account()
    assert refusal(confirm_as_staff, tie_id, mother, staff, "  ").errors["reason"]
    confirm_as_staff(tie_id, mother, staff, "看过户口簿")
    tie = stored(tie_id)
    assert (tie.confirmation, tie.confirmed_by_staff, tie.reason) == (Confirmation.STAFF, staff, "看过户口簿")
    assert moves_of(tie_id)[-1] == ("confirmed", "staff", "看过户口簿")
    assert [notice for notice, _ in told(mother, queued=True)] == ["people.proxy_begun"]
    assert [notice for notice, _ in told(daughter)] == ["people.proxy_answered"]


@pytest.mark.parametrize("relation", [Relation.GUARDIAN, Relation.COMMITTEE, Relation.EMPLOYER])
def test_a_paper_is_for_staff_to_judge(daughter: uuid.UUID, mother: uuid.UUID, relation: Relation):
    tie_id, staff = ask(daughter, MOTHER, relation), staff_account()
    assert told(mother) == []
    assert refusal(confirm_as_principal, tie_id, mother).code == "forbidden"
    assert refusal(give_code, tie_id, mother, staff).code == "forbidden"
    confirm_as_staff(tie_id, mother, staff, "看过监护文书")
    assert state_of(tie_id) is TieState.CONFIRMED


def test_either_side_cuts_and_the_other_is_told(daughter: uuid.UUID, mother: uuid.UUID):
    tie_id = ask(daughter)
    confirm_as_principal(tie_id, mother)
    cut(tie_id, mother)
    assert told(daughter)[-1][1]["outcome"] == "代办已经取消"
    cut(tie_id, mother)
    assert [name for name, _, _ in moves_of(tie_id)] == ["asked", "confirmed", "cut"]
    again = ask(daughter)
    confirm_as_principal(again, mother)
    cut(again, daughter)
    assert told(mother)[-1][0] == "people.proxy_ended"
    assert refusal(confirm_as_principal, again, mother).code == "state_conflict"


def test_a_withdrawn_request_leaves_the_principal_in_peace(daughter: uuid.UUID, mother: uuid.UUID):
    tie_id = ask(daughter)
    cut(tie_id, daughter)
    assert told(mother, queued=True) == []
    assert state_of(tie_id) is TieState.CUT


def test_staff_cut_with_a_reason(daughter: uuid.UUID, mother: uuid.UUID):
    tie_id, staff = ask(daughter), staff_account()
    confirm_as_principal(tie_id, mother)
    assert refusal(cut_as_staff, tie_id, mother, staff, "").errors["reason"]
    assert refusal(cut_as_staff, tie_id, make_person(FATHER), staff, "投诉").code == "not_found"
    cut_as_staff(tie_id, mother, staff, "老人投诉")
    assert moves_of(tie_id)[-1] == ("cut", "staff", "老人投诉")
    assert told(mother)[-1][0] == "people.proxy_ended"
    assert told(daughter)[-1][0] == "people.proxy_answered"


def test_what_nobody_answers_lapses(daughter: uuid.UUID, mother: uuid.UUID, clock: MovableClock):
    tie_id = ask(daughter)
    clock.advance(timedelta(days=14))
    assert refusal(confirm_as_principal, tie_id, mother).user_text == "这个申请过期了，请重新申请。"
    assert (lapse_asked(), lapse_asked()) == (1, 0)
    assert state_of(tie_id) is TieState.LAPSED
    assert told(mother, queued=True) == []
    assert told(daughter)[-1][1]["outcome"] == "过期没有答复"
    assert state_of(ask(daughter)) is TieState.ASKED


def test_who_comes_to_be_known_later_finds_the_request(daughter: uuid.UUID):
    tie_id = ask(daughter)
    assert stored(tie_id).principal_id is None
    mother = make_person(MOTHER)
    assert [view.id for view in active_ties(mother)] == [tie_id]
    confirm_as_principal(tie_id, mother)
    assert state_of(tie_id) is TieState.CONFIRMED


def test_another_name_on_the_same_number_is_nobody(daughter: uuid.UUID, mother: uuid.UUID):
    tie_id = ask(daughter, ("王秀兰", MOTHER[1]))
    assert told(mother) == []
    assert active_ties(mother) == []
    assert refusal(confirm_as_principal, tie_id, mother).code == "not_found"


def test_names_are_compared_as_people_write_them(daughter: uuid.UUID):
    mother = make_person(("阿依古丽·买买提", MOTHER[1]))
    tie_id = ask(daughter, (" 阿依古丽•买买提 ", MOTHER[1]))
    assert stored(tie_id).principal_id == mother


# --- limits ---


def test_one_is_not_ones_own_proxy(daughter: uuid.UUID):
    assert refusal(ask, daughter, DAUGHTER).errors["principal.id_number"]
    tie_id = ask(daughter)
    with pytest.raises(sa.exc.IntegrityError, match="not_own_proxy"), transaction() as session:
        session.execute(sa.text("UPDATE proxy_ties SET principal_id = helper_id WHERE id = :id"), {"id": tie_id})


@pytest.mark.parametrize("scopes", [(), ("marriage",), ("meals", "marriage"), ("dancing",)])
def test_scopes_are_those_on_offer_and_never_marriage(daughter: uuid.UUID, scopes: tuple[str, ...]):
    refused = refusal(ask_proxy, daughter, Wish(*MOTHER, Relation.CHILD, scopes))
    assert (refused.status, list(refused.errors)) == (422, ["scopes"])


def test_marriage_can_be_offered_and_stored_by_nobody(daughter: uuid.UUID):
    with pytest.raises(ValueError, match="never"):
        offer_scope("marriage", "结婚登记")
    tie_id = ask(daughter)
    for scopes in ("ARRAY['meals', 'marriage']", "ARRAY[]::varchar[]"):
        with pytest.raises(sa.exc.IntegrityError, match="never_marriage"), transaction() as session:
            session.execute(sa.text(f"UPDATE proxy_ties SET scopes = {scopes} WHERE id = :id"), {"id": tie_id})


def test_everything_wrong_is_told_at_once(daughter: uuid.UUID):
    refused = refusal(ask_proxy, daughter, Wish("王", "123", Relation.CHILD, ()))
    assert refused.errors.keys() == {"principal.name", "principal.id_number", "scopes"}


def test_a_helper_is_verified(mother: uuid.UUID):
    with transaction() as session:
        session.execute(
            sa.text("UPDATE persons SET level = 0, verified_at = NULL, verified_by = NULL WHERE id = :id"),
            {"id": mother},
        )
    assert refusal(ask, mother, STRANGER).code == "level_too_low"


def test_one_tie_with_each_and_five_in_all(daughter: uuid.UUID):
    ask(daughter)
    assert refusal(ask, daughter).code == "state_conflict"
    for born in range(4):
        ask(daughter, ("赵无名", _number(born)))
    assert refusal(ask, daughter, ("赵无名", _number(9))).code == "too_many_principals"
    ask(daughter, ("赵无名", _number(10)), Relation.COMMITTEE)  # a committee looks after many


def _number(index: int) -> str:
    return identity_number(date(1940, 1, 1), index + 1)


def test_the_database_holds_the_invariants(daughter: uuid.UUID, mother: uuid.UUID):
    tie_id = ask(daughter)
    for change, constraint in (
        ("state = 'confirmed'", "confirmed_by_one"),
        ("confirmation = 'own_wechat'", "confirmed_once"),
        ("confirmation = 'staff', confirmed_at = now()", "not_confirmed|staff_has_a_reason"),
        ("code_index = 'x'", "code_expires"),
    ):
        with pytest.raises(sa.exc.IntegrityError, match=constraint), transaction() as session:
            session.execute(sa.text(f"UPDATE proxy_ties SET {change} WHERE id = :id"), {"id": tie_id})


# --- acting ---


def confirmed(daughter: uuid.UUID, mother: uuid.UUID, *scopes: str) -> uuid.UUID:
    tie_id = ask(daughter, MOTHER, Relation.CHILD, *scopes)
    confirm_as_principal(tie_id, mother)
    return tie_id


def act(helper_id: uuid.UUID, principal_id: uuid.UUID, scope: str = "meals") -> Authority:
    with transaction():
        authority = acting_for(helper_id, principal_id, scope)
        record_act(authority, "meals.ordered", "meal_order", new_id())
        return authority


def test_acting_needs_a_confirmed_tie_of_that_scope(daughter: uuid.UUID, mother: uuid.UUID):
    tie_id = ask(daughter, MOTHER, Relation.CHILD, "meals")
    assert refusal(act, daughter, mother).code == "forbidden"
    confirm_as_principal(tie_id, mother)
    authority = act(daughter, mother)
    assert (authority.tie_id, authority.scope) == (tie_id, "meals")
    assert refusal(act, daughter, mother, "care").code == "forbidden"
    assert refusal(act, mother, daughter).code == "forbidden"
    cut(tie_id, mother)
    assert refusal(act, daughter, mother).code == "forbidden"


def test_a_helper_sees_no_health_notes(daughter: uuid.UUID, mother: uuid.UUID):
    confirmed(daughter, mother)
    authority = act(daughter, mother)
    assert not authority.sees(Facet.HEALTH_NOTES)
    assert authority.sees(Facet.ORDERS)
    assert Facet.HEALTH_NOTES not in authority.may_see


def test_every_act_is_listed_for_both_sides(daughter: uuid.UUID, mother: uuid.UUID, clock: MovableClock):
    tie_id = confirmed(daughter, mother)
    for scope in ("meals", "care", "meals"):
        act(daughter, mother, scope)
        clock.advance(timedelta(hours=1))
    listed = acts_of(tie_id, mother, None, 10)
    assert [one.scope for one in listed] == ["meals", "care", "meals"]
    assert listed == acts_of(tie_id, daughter, None, 10)
    assert refusal(acts_of, tie_id, make_person(FATHER), None, 10).code == "not_found"
    cut(tie_id, mother)
    assert len(acts_of(tie_id, mother, None, 10)) == 3  # what was done stays to be seen


def test_an_act_that_fails_is_not_written_down(daughter: uuid.UUID, mother: uuid.UUID):
    tie_id = confirmed(daughter, mother)

    def order_that_fails() -> None:
        with transaction():
            record_act(acting_for(daughter, mother, "meals"), "meals.ordered", "meal_order", new_id())
            raise RuntimeError("kitchen")

    with pytest.raises(RuntimeError, match="kitchen"):
        order_that_fails()
    assert acts_of(tie_id, mother, None, 10) == []


def test_each_side_sees_its_own_view(daughter: uuid.UUID, mother: uuid.UUID):
    tie_id = ask(daughter)
    ours, hers = tie_of(tie_id, daughter), tie_of(tie_id, mother)
    assert (ours.role, ours.other_name, ours.other_id) == ("helper", "王*英", None)
    assert (hers.role, hers.other_name, hers.other_id) == ("principal", "李*梅", None)
    confirm_as_principal(tie_id, mother)
    assert (tie_of(tie_id, daughter).other_id, tie_of(tie_id, mother).other_id) == (mother, daughter)
    assert wish().id_number not in repr(wish())

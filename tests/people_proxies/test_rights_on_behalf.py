"""A helper whose tie holds 个人资料 has the principal's data put right; it is recorded as an act on behalf."""

from __future__ import annotations

import uuid

import pytest
import sqlalchemy as sa
from flask import Flask
from werkzeug.test import TestResponse

from backend.people.proxies.models import ActOnBehalf
from backend.people.rights.models import RightsRequest, RightsRequestEvent
from backend.storage import transaction
from tests.people_proxies.support import DAUGHTER, FATHER, MOTHER, Mini

WORDS = "母亲的手机号换了，新号以窗口登记的为准"


@pytest.fixture
def daughter(app: Flask) -> Mini:
    """The helper's phone."""
    return Mini(app, "o-daughter", DAUGHTER)


@pytest.fixture
def mother(app: Flask) -> Mini:
    """The principal's phone."""
    return Mini(app, "o-mother", MOTHER)


def tie(daughter: Mini, mother: Mini, *scopes: str) -> str:
    """A confirmed tie that holds these."""
    tie_id = str(daughter.asks(scopes=list(scopes)).get_json()["id"])
    assert mother.post(f"/{tie_id}/confirm").status_code == 200
    return tie_id


def requests(caller: Mini, body: dict[str, object] | None = None, key: str = "one") -> TestResponse:
    """Ask for oneself or on behalf; or list one's own requests."""
    headers, address = {"Authorization": f"Bearer {caller.token}"}, "/api/v1/rights-requests"
    if body is None:
        return caller.client.get(address, headers=headers)
    return caller.client.post(address, json=body, headers=headers | {"Idempotency-Key": key})


def correction(principal_id: uuid.UUID, **changes: object) -> dict[str, object]:
    """What a helper sends."""
    return {"kind": "correct", "words": WORDS, "on_behalf_of": str(principal_id)} | changes


def acts() -> list[tuple[uuid.UUID, uuid.UUID, str, str]]:
    """Every act on behalf."""
    with transaction() as session:
        rows = session.scalars(sa.select(ActOnBehalf).order_by(ActOnBehalf.at))
        return [(row.helper_id, row.principal_id, row.scope, row.action) for row in rows]


def test_it_is_the_principals_request_and_an_act_of_the_tie(daughter: Mini, mother: Mini) -> None:
    tie_id = tie(daughter, mother, "people")
    made = requests(daughter, correction(mother.person_id))
    assert (made.status_code, made.get_json()["kind"]) == (201, "correct")
    assert requests(daughter, correction(mother.person_id)).get_json() == made.get_json()  # tapped twice
    assert acts() == [(daughter.person_id, mother.person_id, "people", "rights.asked")]
    [theirs] = requests(mother).get_json()["items"]
    assert theirs["id"] == made.get_json()["id"]
    assert requests(daughter).get_json()["items"] == []
    for side in (daughter, mother):
        [act] = side.get(f"/{tie_id}/acts").get_json()["items"]
        assert (act["action"], act["subject_id"]) == ("rights.asked", made.get_json()["id"])
    with transaction() as session:
        event = session.scalars(sa.select(RightsRequestEvent)).one()
        assert (event.name, event.actor_id) == ("asked_by_helper", daughter.person_id)
    assert requests(daughter, correction(mother.person_id), key="two").status_code == 409


@pytest.mark.parametrize("kind", ["export", "delete", "close_account"])
def test_nothing_else_can_be_asked_for_somebody(daughter: Mini, mother: Mini, kind: str) -> None:
    tie(daughter, mother, "people")
    refused = requests(daughter, correction(mother.person_id, kind=kind, confirmed=True))
    assert (refused.status_code, list(refused.get_json()["errors"])) == (422, ["kind"])
    assert acts() == []
    with transaction() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(RightsRequest)) == 0


def test_no_tie_another_scope_or_a_tie_that_was_cut(app: Flask, daughter: Mini, mother: Mini) -> None:
    father = Mini(app, "o-father", FATHER)
    tie_id = tie(daughter, mother, "meals")
    answers = [requests(daughter, correction(one)) for one in (mother.person_id, father.person_id, uuid.uuid4())]
    daughter.post(f"/{tie_id}/cut")
    tie_id = tie(daughter, mother, "people")
    mother.post(f"/{tie_id}/cut")
    answers.append(requests(daughter, correction(mother.person_id), key="cut"))
    answers.append(requests(mother, correction(daughter.person_id)))  # the tie does not go the other way
    assert {(answer.status_code, answer.get_json()["code"]) for answer in answers} == {(403, "forbidden")}
    assert len({answer.get_json()["detail"] for answer in answers}) == 1
    assert acts() == []

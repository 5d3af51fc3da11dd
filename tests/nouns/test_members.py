"""Members: who may what for which customer, and what every change leaves behind."""

from __future__ import annotations

import pytest
from sqlalchemy import select, update

from bot.core.ports import Level, Visitor
from bot.domain.roles import Role, State
from storage import joining, links, members, membership, people
from storage.tables import address, audit, audit_body, link, message

from .conftest import OTHER, Folk
from .desk import Desk


def prove(desk: Desk, chat: str, customer_id: int) -> int:
    visitor = desk.visit(chat)
    return desk.turn(people.link, visitor.address, customer_id, by="code")["person"]


def invite(desk: Desk, by: str, customer_id: int) -> int:
    desk.visit(by)
    made = desk.turn(links.create, customer_id)
    assert made is not None
    return made


def waits(desk: Desk, by: str, customer_id: int, chat: str) -> int:
    """Somebody comes by an administrator's link and waits."""
    made = invite(desk, by, customer_id)
    desk.visit(chat)
    assert desk.turn(joining.join, made, chat.title()) == "waiting"
    ((who,),) = desk.rows(select(address.c.person).where(address.c.chat == chat))
    return int(who)


def changes(desk: Desk, by: str, customer_id: int, who: int, what: str) -> str:
    desk.visit(by)
    return desk.turn(membership.change, customer_id, who, what)


def let_in(desk: Desk, by: str, customer_id: int, chat: str) -> int:
    who = waits(desk, by, customer_id, chat)
    assert changes(desk, by, customer_id, who, "activate") == "done"
    return who


def role(desk: Desk, who: int | None, customer_id: int) -> Role | None:
    with desk.begin() as tx:
        return members.role_of(tx, who, customer_id)


def looks(desk: Desk, chat: str) -> Visitor:
    return desk.visit(chat)


def test_nobody_has_no_role(desk: Desk, folk: Folk) -> None:
    prove(desk, "rosa", folk["matriz"])
    assert role(desk, None, folk["matriz"]) is None
    assert role(desk, 10**6, folk["matriz"]) is None


def test_who_waits_is_a_stranger(desk: Desk, folk: Folk) -> None:
    prove(desk, "rosa", folk["matriz"])
    lia = waits(desk, "rosa", folk["matriz"], "lia")
    assert role(desk, lia, folk["matriz"]) is None
    assert looks(desk, "lia").level is Level.STRANGER
    with desk.begin() as tx:
        (first, second) = members.page(tx, folk["matriz"])
        assert (first.name, first.state, first.role) == ("Lia", State.WAITING, Role.COLLABORATOR)
        assert second.state is State.ACTIVE
        assert members.count(tx, folk["matriz"], waiting=True) == 1


def test_who_is_let_in_speaks_for_the_customer_at_once(desk: Desk, folk: Folk) -> None:
    prove(desk, "rosa", folk["matriz"])
    lia = let_in(desk, "rosa", folk["matriz"], "lia")
    assert role(desk, lia, folk["matriz"]) is Role.COLLABORATOR
    visitor = looks(desk, "lia")
    assert (visitor.level, visitor.customer) == (Level.VERIFIED, folk["matriz"])


@pytest.mark.parametrize("what", ["remove", "switch-off"])
def test_who_is_sent_away_is_a_stranger_at_once_in_every_chat(
    desk: Desk, folk: Folk, what: str
) -> None:
    prove(desk, "rosa", folk["matriz"])
    lia = let_in(desk, "rosa", folk["matriz"], "lia")
    laptop = desk.visit("laptop").address
    desk.turn(
        lambda write: write.run(
            update(address)
            .where(address.c.id == laptop)
            .values(
                person=lia,
                customer=folk["matriz"],
                verified_until=write.now + people.FRESH_FOR,
                fresh_until=write.now + people.FRESH_FOR,
            )
        )
    )
    assert looks(desk, "laptop").level is Level.FRESH
    assert changes(desk, "rosa", folk["matriz"], lia, what) == "done"
    for chat in ("lia", "laptop"):
        visitor = looks(desk, chat)
        assert (visitor.level, visitor.person, visitor.customer) == (Level.STRANGER, None, None)
        with desk.begin() as tx:
            why = joining.standing_at(tx, visitor.address)
        assert why == ("gone" if what == "remove" else "off")


def test_who_is_let_in_again_is_so_where_the_proof_was_alive(desk: Desk, folk: Folk) -> None:
    prove(desk, "rosa", folk["matriz"])
    lia = let_in(desk, "rosa", folk["matriz"], "lia")
    tablet = desk.visit("old tablet").address
    desk.turn(
        lambda write: write.run(
            update(address)
            .where(address.c.id == tablet)
            .values(
                person=lia, customer=folk["matriz"], verified_until=write.now - people.FRESH_FOR
            )
        )
    )
    changes(desk, "rosa", folk["matriz"], lia, "switch-off")
    assert changes(desk, "rosa", folk["matriz"], lia, "activate") == "done"
    assert looks(desk, "lia").level is Level.VERIFIED
    assert looks(desk, "old tablet").level is Level.STRANGER


def test_the_last_administrator_stays(desk: Desk, folk: Folk) -> None:
    rosa = prove(desk, "rosa", folk["matriz"])
    lia = let_in(desk, "rosa", folk["matriz"], "lia")
    for what in ("demote", "switch-off", "remove"):
        assert changes(desk, "rosa", folk["matriz"], rosa, what) == "last"
    assert changes(desk, "rosa", folk["matriz"], lia, "promote") == "done"
    assert changes(desk, "lia", folk["matriz"], rosa, "demote") == "done"
    assert changes(desk, "rosa", folk["matriz"], lia, "demote") == "not-allowed"
    assert role(desk, rosa, folk["matriz"]) is Role.COLLABORATOR


def test_a_collaborator_changes_nobody(desk: Desk, folk: Folk) -> None:
    rosa = prove(desk, "rosa", folk["matriz"])
    let_in(desk, "rosa", folk["matriz"], "lia")
    tom = waits(desk, "rosa", folk["matriz"], "tom")
    for who, what in ((rosa, "demote"), (tom, "activate"), (tom, "reject")):
        assert changes(desk, "lia", folk["matriz"], who, what) == "not-allowed"
    desk.visit("lia")
    assert desk.turn(links.create, folk["matriz"]) is None
    assert desk.turn(links.revoke, folk["matriz"]) is None


def test_another_customers_people_are_nobody_here(desk: Desk, folk: Folk) -> None:
    prove(desk, "rosa", folk["matriz"])
    lia = let_in(desk, "rosa", folk["matriz"], "lia")
    prove(desk, "ana", folk["ana"])
    assert changes(desk, "ana", folk["ana"], lia, "remove") == "gone"
    assert changes(desk, "ana", folk["matriz"], lia, "remove") == "not-allowed"
    with desk.begin() as tx:
        assert members.get(tx, folk["ana"], lia) is None


def test_another_brand_sees_nobody(desk: Desk, folk: Folk) -> None:
    rosa = prove(desk, "rosa", folk["matriz"])
    lia = let_in(desk, "rosa", folk["matriz"], "lia")
    desk.brand = OTHER
    with desk.begin() as tx:
        assert members.role_of(tx, rosa, folk["matriz"]) is None
        assert members.spoken_for(tx, rosa) == ()
        assert members.administrators_of(tx, folk["matriz"]) == ()
        assert members.page(tx, folk["matriz"]) == []
        assert members.get(tx, folk["matriz"], lia) is None
        assert members.count(tx, folk["matriz"]) == 0
        assert members.chats_of(tx, rosa) == ()
        assert members.name_of(tx, rosa) == ""
    with pytest.raises(LookupError):
        desk.turn(membership.change, folk["matriz"], lia, "remove")
    with pytest.raises(LookupError):
        desk.turn(links.create, folk["matriz"])


def test_people_are_listed_page_by_page_those_who_wait_first(desk: Desk, folk: Folk) -> None:
    rosa = prove(desk, "rosa", folk["matriz"])
    lia = let_in(desk, "rosa", folk["matriz"], "lia")
    off = let_in(desk, "rosa", folk["matriz"], "abel")
    changes(desk, "rosa", folk["matriz"], off, "switch-off")
    tom = waits(desk, "rosa", folk["matriz"], "tom")
    with desk.begin() as tx:
        assert [each.person for each in members.page(tx, folk["matriz"])] == [tom, rosa, lia, off]
        assert [each.person for each in members.page(tx, folk["matriz"], 2, 1)] == [lia]
        assert members.count(tx, folk["matriz"]) == 4


def test_an_administrator_of_the_matriz_is_one_of_each_filial(desk: Desk, folk: Folk) -> None:
    rosa = prove(desk, "rosa", folk["matriz"])
    lia = let_in(desk, "rosa", folk["matriz"], "lia")
    assert role(desk, rosa, folk["filial"]) is Role.ADMINISTRATOR
    assert role(desk, lia, folk["filial"]) is None
    with desk.begin() as tx:
        spoken = members.spoken_for(tx, rosa)
        assert [(each.customer, each.role, each.is_main) for each in spoken] == [
            (folk["matriz"], Role.ADMINISTRATOR, True),
            (folk["filial"], Role.ADMINISTRATOR, False),
        ]
        assert [each.customer for each in members.spoken_for(tx, lia)] == [folk["matriz"]]
        assert members.administrators_of(tx, folk["filial"]) == (rosa,)


def test_an_administrator_of_a_filial_speaks_for_it_alone(desk: Desk, folk: Folk) -> None:
    prove(desk, "rosa", folk["matriz"])
    edu = prove(desk, "edu", folk["filial"])
    assert role(desk, edu, folk["matriz"]) is None
    with desk.begin() as tx:
        assert [each.customer for each in members.spoken_for(tx, edu)] == [folk["filial"]]


def test_the_matriz_may_take_a_filial_its_last_administrator(desk: Desk, folk: Folk) -> None:
    prove(desk, "rosa", folk["matriz"])
    edu = prove(desk, "edu", folk["filial"])
    assert changes(desk, "edu", folk["filial"], edu, "demote") == "done"
    assert changes(desk, "rosa", folk["filial"], edu, "remove") == "done"
    assert looks(desk, "edu").level is Level.STRANGER


def test_who_administers_the_group_no_more_is_back_at_the_own_company(
    desk: Desk, folk: Folk
) -> None:
    rosa = prove(desk, "rosa", folk["matriz"])
    ivo = let_in(desk, "rosa", folk["matriz"], "ivo")
    changes(desk, "rosa", folk["matriz"], ivo, "promote")
    chat = looks(desk, "rosa").address
    desk.turn(
        lambda write: write.run(
            update(address).where(address.c.id == chat).values(customer=folk["filial"])
        )
    )
    assert changes(desk, "ivo", folk["matriz"], rosa, "demote") == "done"
    visitor = looks(desk, "rosa")
    assert (visitor.level, visitor.customer) == (Level.VERIFIED, folk["matriz"])


def test_open_links_end_with_the_role_of_who_made_them(desk: Desk, folk: Folk) -> None:
    rosa = prove(desk, "rosa", folk["matriz"])
    ivo = let_in(desk, "rosa", folk["matriz"], "ivo")
    changes(desk, "rosa", folk["matriz"], ivo, "promote")
    made = invite(desk, "rosa", folk["matriz"])
    assert changes(desk, "ivo", folk["matriz"], rosa, "remove") == "done"
    desk.visit("thief")
    assert desk.turn(joining.join, made, "Thief") == "gone"
    assert desk.rows(select(link.c.revoked_at).where(link.c.id == made))[0].revoked_at is not None


def test_every_change_is_on_record_with_before_and_after(desk: Desk, folk: Folk) -> None:
    prove(desk, "rosa", folk["matriz"])
    lia = let_in(desk, "rosa", folk["matriz"], "lia")
    changes(desk, "rosa", folk["matriz"], lia, "promote")
    changes(desk, "rosa", folk["matriz"], lia, "remove")
    rows = desk.rows(
        select(audit.c.what, audit_body.c.before, audit_body.c.after)
        .join(audit_body, audit_body.c.audit == audit.c.id)
        .where(audit.c.subject == f"person:{lia}", audit.c.what != "person.joined")
        .order_by(audit.c.id)
    )
    here = {"customer": folk["matriz"]}
    outside = here | {"role": "collaborator", "state": "waiting"}
    collaborator = here | {"role": "collaborator", "state": "active"}
    administrator = here | {"role": "administrator", "state": "active"}
    assert [tuple(row) for row in rows] == [
        ("person.activate", outside, collaborator),
        ("person.promote", collaborator, administrator),
        ("person.remove", administrator, here | {"role": None}),
    ]


def test_who_lapsed_asks_again_and_that_chat_is_let_in(desk: Desk, folk: Folk) -> None:
    prove(desk, "rosa", folk["matriz"])
    lia = let_in(desk, "rosa", folk["matriz"], "lia")
    desk.later(days=people.VERIFIED_DAYS, seconds=1)
    prove(desk, "rosa", folk["matriz"])
    chat = looks(desk, "lia").address
    with desk.begin() as tx:
        assert joining.standing_at(tx, chat) == "lapsed"
    assert desk.turn(joining.ask_again) is True
    asked = select(message.c.id).where(
        message.c.subject == f"person:{lia}", message.c.dedup.like("again:%")
    )
    assert len(desk.rows(asked)) == 1
    desk.visit("lia")
    assert desk.turn(joining.let_in_again, folk["matriz"], lia, chat) is False
    desk.visit("rosa")
    assert desk.turn(joining.let_in_again, folk["ana"], lia, chat) is False
    assert desk.turn(joining.let_in_again, folk["matriz"], lia, chat) is True
    assert looks(desk, "lia").level is Level.VERIFIED


def test_the_first_administrator_who_lapsed_just_proves_again(desk: Desk, folk: Folk) -> None:
    prove(desk, "rosa", folk["matriz"])
    desk.later(days=people.VERIFIED_DAYS, seconds=1)
    chat = looks(desk, "rosa").address
    with desk.begin() as tx:
        assert joining.standing_at(tx, chat) is None
    assert desk.turn(joining.ask_again) is False


def test_nobody_joins_where_nobody_decides(desk: Desk, folk: Folk) -> None:
    prove(desk, "rosa", folk["matriz"])
    made = invite(desk, "rosa", folk["matriz"])
    desk.turn(lambda write: write.run(update(link).values(customer=folk["ana"])))
    desk.visit("lia")
    assert desk.turn(joining.join, made, "Lia") == "first"


def test_a_link_of_another_brand_is_no_link(desk: Desk, folk: Folk) -> None:
    prove(desk, "rosa", folk["matriz"])
    made = invite(desk, "rosa", folk["matriz"])
    with desk.begin() as tx:
        token = links.token(tx.keyed_hash, links.JOIN, made)
        assert links.find(tx, token, links.JOIN) == made
        assert links.find(tx, token, "other") is None
        assert links.find(tx, token[:-1] + ("0" if token[-1] != "0" else "1"), links.JOIN) is None
    desk.brand = OTHER
    with desk.begin() as tx:
        assert links.find(tx, token, links.JOIN) is None
        assert links.use(tx, made, links.JOIN) is None


def test_a_customer_has_only_so_many_open_links(
    desk: Desk, folk: Folk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(links, "MOST_OPEN", 2)
    prove(desk, "rosa", folk["matriz"])
    made = [desk.turn(links.create, folk["matriz"]) for _ in range(3)]
    assert made[2] is None
    with desk.begin() as tx:
        assert [each.id for each in links.open_of(tx, folk["matriz"])] == [made[1], made[0]]
    assert desk.turn(links.revoke, folk["matriz"]) == 2

"""`flask staff …`: commands for the operator. The application factory registers `staff_cli`."""

from __future__ import annotations

import uuid
from collections.abc import Iterator
from contextlib import contextmanager

import click
import sqlalchemy as sa

from backend.kernel.errors import AppError
from backend.staff import texts
from backend.staff.accounts import reset_password as give_password
from backend.staff.assignments import give_role
from backend.staff.create import create_account
from backend.staff.models import NodeKind, OrganisationNode, Role, StaffAccount
from backend.staff.nodes import add_node
from backend.staff.sign_in import clean_username
from backend.storage import transaction

staff_cli = click.Group("staff", help="Accounts of the people who work at the console.")
node_cli = click.Group("node", help="The organisation tree.")
staff_cli.add_command(node_cli)

_ROLE = click.Choice([role.value for role in Role])
_NODE_HELP = "Code of the place in the organisation, such as xincheng-registry."


@staff_cli.command("create")
@click.option("--username", prompt=texts.CLI_USERNAME)
@click.option("--name", prompt=texts.CLI_NAME, help="As colleagues know the person.")
@click.option("--role", type=_ROLE, required=True)
@click.option("--node", required=True, help=_NODE_HELP)
@click.password_option("--password", prompt=texts.CLI_NEW_WORD, help="Asked for when not given, and then not shown.")
def create(username: str, name: str, role: str, node: str, password: str) -> None:
    """Make an account."""
    with _told():
        account = create_account(username, name, password, Role(role), node)
    click.echo(texts.CLI_CREATED.format(username=account.username, name=account.display_name, place=account.home.name))


@staff_cli.command("reset-password")
@click.option("--username", prompt=texts.CLI_USERNAME)
def reset_password(username: str) -> None:
    """Give an account a one-time password and print it."""
    with _told():
        password = give_password(_account(username).id, by=None)
    click.echo(texts.CLI_ONE_TIME.format(username=clean_username(username), password=password))


@staff_cli.command("assign")
@click.option("--username", prompt=texts.CLI_USERNAME)
@click.option("--role", type=_ROLE, required=True)
@click.option("--node", required=True, help=_NODE_HELP)
def assign(username: str, role: str, node: str) -> None:
    """Give an account a role over a place."""
    place = _node(node)
    if place is None:
        raise click.ClickException(texts.NODE_UNKNOWN.format(code=node, known=texts.LIST_COMMA.join(_codes())))
    account = _account(username)
    with _told():
        give_role(account.id, Role(role), place.id, by=None)
    words = {"name": account.display_name, "place": place.name, "role": texts.ROLE_NAMES[Role(role)]}
    click.echo(texts.CLI_ASSIGNED.format(**words))


@node_cli.command("add")
@click.option("--kind", type=click.Choice([kind.value for kind in NodeKind]), required=True)
@click.option("--name", required=True)
@click.option("--code", default="", help="Made up when not given.")
@click.option("--parent", default="", help="Code of the place above it; none for the district.")
def add(kind: str, name: str, code: str, parent: str) -> None:
    """Add a place."""
    parent_id: uuid.UUID | None = None
    if parent:
        above = _node(parent)
        if above is None:
            raise click.ClickException(texts.CLI_NO_PARENT.format(code=parent))
        parent_id = above.id
    with _told():
        node = add_node(NodeKind(kind), name, parent_id, code=code, by=None)
    kind_name = texts.NODE_KIND_NAMES[node.kind]
    click.echo(texts.CLI_NODE_ADDED.format(kind=kind_name, name=node.name, code=node.code))


@contextmanager
def _told() -> Iterator[None]:
    """Turn a refusal into a message on the terminal."""
    try:
        yield
    except AppError as refusal:
        sentences = [sentence for given in refusal.errors.values() for sentence in given]
        raise click.ClickException("\n".join(dict.fromkeys([refusal.user_text, *sentences]))) from None


def _account(username: str) -> StaffAccount:
    with transaction() as session:
        wanted = sa.select(StaffAccount).where(StaffAccount.username == clean_username(username))
        account = session.scalars(wanted).one_or_none()
    if account is None:
        raise click.ClickException(texts.CLI_NO_ACCOUNT.format(username=clean_username(username)))
    return account


def _node(code: str) -> OrganisationNode | None:
    with transaction() as session:
        return session.scalars(sa.select(OrganisationNode).where(OrganisationNode.code == code)).one_or_none()


def _codes() -> list[str]:
    with transaction() as session:
        return list(session.scalars(sa.select(OrganisationNode.code).order_by(OrganisationNode.code)))

"""`flask staff …`: commands for the operator. The application factory registers `staff_cli`."""

from __future__ import annotations

import click

from backend.kernel.errors import AppError
from backend.staff import texts
from backend.staff.create import create_account
from backend.staff.models import Role

staff_cli = click.Group("staff", help="Accounts of the people who work at the console.")


@staff_cli.command("create")
@click.option("--username", prompt=texts.CLI_USERNAME)
@click.option("--name", prompt=texts.CLI_NAME, help="As colleagues know the person.")
@click.option("--role", type=click.Choice([role.value for role in Role]), required=True)
@click.option("--node", required=True, help="Code of the place in the organisation, such as xincheng-registry.")
@click.password_option("--password", prompt=texts.CLI_NEW_WORD, help="Asked for when not given, and then not shown.")
def create(username: str, name: str, role: str, node: str, password: str) -> None:
    """Make an account."""
    try:
        account = create_account(username, name, password, Role(role), node)
    except AppError as refusal:
        sentences = [sentence for given in refusal.errors.values() for sentence in given]
        raise click.ClickException("\n".join([refusal.user_text, *sentences])) from None
    click.echo(texts.CLI_CREATED.format(username=account.username, name=account.display_name, place=account.node.name))

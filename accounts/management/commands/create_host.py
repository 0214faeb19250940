"""Set up a fresh installation: the host organisation and its first admin."""

import getpass
import sys
from typing import Any

from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from accounts.models import Membership, Organisation, User
from accounts.selectors import account_of, host_organisation
from accounts.services import create_organisation, create_person, save_membership


class Command(BaseCommand):
    """Ask for what the options leave open. Running it again changes nothing."""

    help = "Create the host organisation and its first admin."

    def add_arguments(self, parser: CommandParser) -> None:
        """Take the options."""
        parser.add_argument("--organisation", default="", help="its name")
        parser.add_argument("--initials", default="", help="two letters for its badge")
        parser.add_argument("--email", default="", help="the admin's address")
        parser.add_argument("--name", default="", help="the admin's name")
        parser.add_argument(
            "--password-stdin",
            action="store_true",
            help="read the admin's password from standard input",
        )

    @transaction.atomic
    def handle(self, *_args: Any, **options: Any) -> None:
        """Create what is missing and say what there was."""
        try:
            host = self._host(options)
            self._admin(host, options)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error

    def _host(self, options: dict[str, Any]) -> Organisation:
        if host := host_organisation():
            self.stdout.write(f"The host is {host.name} already.")
            return host
        host = create_organisation(
            name=options["organisation"] or input("Name of the organisation: "),
            initials=options["initials"],
            kind=Organisation.Kind.HOST,
            by=None,
        )
        self.stdout.write(f"Created the host {host.name} ({host.initials}).")
        return host

    def _admin(self, host: Organisation, options: dict[str, Any]) -> None:
        role = Membership.Role.ADMIN
        admins = Membership.objects.in_force().filter(organisation=host, role=role)
        if first := admins.select_related("user").first():
            self.stdout.write(f"{host.name} has an admin already: {first.user.email}.")
            return
        email = options["email"] or input("E-mail address of the admin: ")
        user = account_of(email) or self._person(email, host, options)
        save_membership(user=user, organisation=host, role=role, by=None)
        self.stdout.write(f"{user.email} is the admin of {host.name}.")

    def _person(self, email: str, host: Organisation, options: dict[str, Any]) -> User:
        """Create the account with a checked password. Raises ValidationError."""
        name = options["name"] or input("Name of the admin: ")
        if options["password_stdin"]:
            password = sys.stdin.readline().rstrip("\n")
        else:
            password = getpass.getpass("Password: ")
        validate_password(password, User(email=email, name=name))
        return create_person(
            email=email, name=name, password=password, by=None, organisation=host
        )

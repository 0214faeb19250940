"""Every address of the site, how to ask for it, and why some need no asking.

An address that is in none of the lists fails the suite (`test_registry`).
"""

from dataclasses import dataclass

from tests.oracle.words import NEVER, NEVER_LONG

# What every form of the site might hold: a refusal must not depend on a missing field.
FORM = {
    "title": "T",
    "body": "B",
    "language": "en",
    "note": "N",
    "summary": "S",
    "action": "publish",
    "base": NEVER_LONG,
    "do": "save",
    "version": "x",
    "reach": "network",
    "name": "N",
    "email": "new@example.com",
    "role": "member",
    "ends_on": "2030-01-01",
    "active": "no",
    "status": "suspended",
    "target": "1",
    "person": "x",
    "password": "correct horse battery",
    "alert": "daily",
    "which": NEVER,
    "add": "synonym",
    "synonym-words": "one, two",
    "promotion-words": "fire",
    "promotion-page": "T",
    "tags": "T",
}

# Two versions that never were.
COMPARE_NOTHING = f"?from={NEVER_LONG}&to={NEVER_LONG}"


@dataclass(frozen=True)
class Surface:
    """One address: the kind of thing its arguments come from, and what is asked of it.

    `queries` are asked with GET; `writes` says that POST does something.
    """

    name: str
    kind: str = ""
    queries: tuple[str, ...] = ("",)
    writes: bool = True


def _read(name: str, kind: str = "", *queries: str) -> Surface:
    return Surface(name, kind, queries or ("",), writes=False)


SURFACES = (
    # The pages themselves, and what is done with one.
    Surface("wagtail_serve", "page", writes=False),
    _read("permalink", "permalink"),
    _read("page_children", "page", "", "?page=2"),
    _read("page_history", "page"),
    _read("page_compare", "page", "?from={latest}&to={latest}", "", COMPARE_NOTHING),
    _read("page_files", "page"),
    Surface("page_new", "page"),
    Surface("page_edit", "page", ("", "?from=published")),
    Surface("page_preview", "page"),
    Surface("page_discard", "page"),
    Surface("page_tags", "page"),
    Surface("page_move", "page", ("", "?q=zq", "?target=1")),
    Surface("page_delete", "page"),
    Surface("page_access", "page", ("", "?person=example.com")),
    Surface("page_restrict", "page"),
    Surface("page_lift", "page"),
    Surface("file_upload", "page"),
    _read("page_revision", "revision"),
    Surface("page_restore", "revision"),
    Surface("trash_restore", "trash"),
    # Files.
    _read("file_original", "original"),
    _read("file_thumb", "thumb"),
    Surface("file_rename", "file"),
    Surface("file_replace", "file"),
    Surface("file_delete", "file"),
    Surface("file_restore", "file"),
    # Lists: what they hold depends on who asks.
    _read("home"),
    _read("recent", "", "", "?page=2"),
    _read("projects", "", "", "?q=zq", "?page=2"),
    _read("trash"),
    _read("partners"),
    Surface("new", "", ("", "?title=x")),
    Surface("project_new"),
    _read("people"),
    Surface("profile"),
    _read(
        "search:results",
        "",
        "?q=text",
        "?q=text&page=2",
        "?q=zq*",
        "?q=text&format=json",
        "?q=",
    ),
    _read("search:suggestions", "", "?q=zq", "?q=page", "?q=project"),
    # What a person keeps of searches, and takes away.
    _read("search:saved"),
    Surface("search:save", "", ("?q=text", "?q=text&language=en")),
    Surface("search:saved_search", "saved"),
    Surface("search:delete_saved", "saved"),
    Surface("search:forget_recent"),
    _read(
        "search:export",
        "",
        "?q=text",
        "?q=zq*&sort=newest",
        "?q=text author:a&sort=title",
    ),
    # People and organisations.
    _read("organisation", "organisation"),
    _read("organisation_people", "people"),
    Surface("undo_end_membership", "people"),
    Surface("teams", "people"),
    Surface("invitations", "inviting"),
    Surface("organisation_status", "people"),
    _read(
        "organisation_log",
        "people",
        "",
        "?format=csv",
        "?kind=access",
        "?kind=files",
        "?page=2",
    ),
    Surface("membership", "member"),
    Surface("end_membership", "member"),
    Surface("suspend_membership", "member"),
    Surface("suspend_person", "member"),
    Surface("team", "team"),
    Surface("remove_from_team", "team"),
    Surface("invite_again", "invitation"),
    Surface("withdraw_invitation", "invitation"),
    Surface("found_organisation"),
    # What an organisation sets for its people's searches.
    Surface("organisation_search", "steering"),
    Surface("synonym", "synonym"),
    Surface("delete_synonym", "synonym"),
    Surface("promotion", "promotion"),
    Surface("delete_promotion", "promotion"),
)

# Addresses that show nothing but the person who asks, or nothing at all.
WAIVED = {
    "health_live": "says ok",
    "health_ready": "says ok",
    "set_language": "changes a cookie",
    "invitation": "opened by a token; tests/accounts/test_invitation.py",
    "search:stop_alert": "opened by a token; tests/search/test_alerts.py",
    "end_own_sessions": "one's own sign-ins; tests/accounts/test_sessions.py",
    "account_login": "sign-in; tests/accounts/test_sign_in.py",
    "account_logout": "sign-in",
    "account_reauthenticate": "one's own password",
    "account_change_password": "one's own password",
    "account_set_password": "one's own password",
    "account_reset_password": "the same for every address; test_sign_in.py",
    "account_reset_password_done": "a fixed text",
    "account_reset_password_from_key": "opened by a token; test_sign_in.py",
    "account_reset_password_from_key_done": "a fixed text",
    "mfa_index": "one's own second step",
    "mfa_authenticate": "one's own second step",
    "mfa_reauthenticate": "one's own second step",
    "mfa_activate_totp": "one's own second step",
    "mfa_deactivate_totp": "one's own second step",
    "mfa_view_recovery_codes": "one's own second step",
    "mfa_generate_recovery_codes": "one's own second step",
    "mfa_download_recovery_codes": "one's own second step",
}

# Addresses that need more than arguments before they answer anybody, and where they do.
CONTROLLED_ELSEWHERE = {
    "undo_end_membership": "a membership ended in this session; accounts/test_people.py",
    "remove_from_team": "names a member in the form; accounts/test_people.py",
}

# What the gate of the Wagtail admin lets through, and why; `test_cms.py` asks for all
# its addresses and fails for one more that answers.
ADMIN = {
    "wagtailadmin_home": "a frame without panels and totals",
    "wagtailadmin_explore_root": "leads to the home page",
    "wagtailadmin_explore": "our explorer: what the author may edit",
    "wagtailadmin_explore_results": "the same without its frame",
    "wagtailadmin_pages:edit": "leads to the editor on the page itself",
    "wagtailadmin_account": "leads to the profile on the site",
    "wagtailadmin_login": "leads to the sign-in of the site",
    "wagtailadmin_logout": "ends one's own session",
    "wagtailadmin_sprite": "signs, the same for everybody",
    "wagtailadmin_javascript_catalog": "translations, the same for everybody",
}

# Commands run on the server by who sees the database anyway. None is reachable by mail,
# address or queue.
COMMANDS = {
    "create_host": "sets up an installation",
    "verify_audit": "prints a count and hashes",
    "check_access": "prints ids",
    "load_demo": "makes its own world",
    "clean_files": "prints counts",
    "import_handbooks": "prints what it read from a folder of the operator",
    "import_markdown": "prints what it read from a folder of the operator",
    "search_eval": "builds a world of its own",
    "search_index": "prints counts",
}

# What the worker does. Only mails leave the house; their tests are in test_mails.py.
JOBS = {
    "search.drain": "writes the index, which is read through the rule",
    "search.forget_words": "deletes words that nothing has, shows none",
    "search.forget_texts": "deletes texts of files that are gone, shows none",
    "search.forget_searches": "deletes what people searched long ago, shows none",
    "search.look_for_alerts": "asks for mails by ids",
    "search.send_alert": "a mail; tests/oracle/test_taken_away.py",
    "accounts.send_invitation": "a mail",
    "accounts.send_password_reset": "a mail",
    "accounts.send_notice": "a mail",
    "accounts.hourly": "counts and a hash in the log",
}

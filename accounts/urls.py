"""Addresses of this app, and of what django-allauth is used for: not all of it."""

from allauth.account import views as account
from allauth.mfa.base import views as mfa
from allauth.mfa.recovery_codes import views as codes
from allauth.mfa.totp import views as totp
from csp.decorators import csp_update
from django.urls import include, path, re_path

from accounts import views, views_organisations, views_people, views_teams

# The picture for the authenticator app comes as an address of its own content.
activate_totp = csp_update({"img-src": "data:"})(totp.activate_totp)

sign_in = [
    path("login/", account.login, name="account_login"),
    path("logout/", account.logout, name="account_logout"),
    path("reauthenticate/", account.reauthenticate, name="account_reauthenticate"),
    path("password/change/", account.password_change, name="account_change_password"),
    path("password/set/", account.password_set, name="account_set_password"),
    path("password/reset/", account.password_reset, name="account_reset_password"),
    path(
        "password/reset/done/",
        account.password_reset_done,
        name="account_reset_password_done",
    ),
    path(
        "password/reset/key/done/",
        account.password_reset_from_key_done,
        name="account_reset_password_from_key_done",
    ),
    re_path(
        r"^password/reset/key/(?P<uidb36>[0-9A-Za-z]+)-(?P<key>.+)/$",
        account.password_reset_from_key,
        name="account_reset_password_from_key",
    ),
    path("2fa/", mfa.index, name="mfa_index"),
    path("2fa/authenticate/", mfa.authenticate, name="mfa_authenticate"),
    path("2fa/reauthenticate/", mfa.reauthenticate, name="mfa_reauthenticate"),
    path("2fa/totp/activate/", activate_totp, name="mfa_activate_totp"),
    path("2fa/totp/deactivate/", totp.deactivate_totp, name="mfa_deactivate_totp"),
    path("2fa/codes/", codes.view_recovery_codes, name="mfa_view_recovery_codes"),
    path(
        "2fa/codes/generate/",
        codes.generate_recovery_codes,
        name="mfa_generate_recovery_codes",
    ),
    path(
        "2fa/codes/download/",
        codes.download_recovery_codes,
        name="mfa_download_recovery_codes",
    ),
]

people = [
    path("", views_people.members, name="organisation_people"),
    path("undo", views_people.undo_end, name="undo_end_membership"),
    path("<slug:person_id>/", views_people.change, name="membership"),
    path("<slug:person_id>/end", views_people.end, name="end_membership"),
    path("<slug:person_id>/suspend", views_people.suspend, name="suspend_membership"),
    path("<slug:person_id>/close", views_people.close, name="suspend_person"),
]

teams = [
    path("", views_teams.teams, name="teams"),
    path("<slug:team_id>/", views_teams.team, name="team"),
    path("<slug:team_id>/remove", views_teams.remove, name="remove_from_team"),
]

invitations = [
    path("", views_people.invitations, name="invitations"),
    path("<slug:invitation_id>/again", views_people.again, name="invite_again"),
    path(
        "<slug:invitation_id>/withdraw",
        views_people.withdraw,
        name="withdraw_invitation",
    ),
]

urlpatterns = [
    path("accounts/", include(sign_in)),
    path("invitation/<str:token>/", views.invitation, name="invitation"),
    path("i18n/setlang/", views.choose_language, name="set_language"),
    path("me/", views.profile, name="profile"),
    path("me/sessions/end", views.end_own_sessions, name="end_own_sessions"),
    path("people/", views_people.index, name="people"),
    path("organisation/<slug:organisation_id>/people/", include(people)),
    path("organisation/<slug:organisation_id>/teams/", include(teams)),
    path("organisation/<slug:organisation_id>/invitations/", include(invitations)),
    path("organisations/new", views_organisations.found, name="found_organisation"),
    path(
        "organisation/<slug:organisation_id>/status",
        views_organisations.set_status,
        name="organisation_status",
    ),
]

"""How the site reaches Elasticsearch: as whom, over what, and through which node."""

import base64
import datetime
import ipaddress
import ssl

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from django.core.cache import cache

from search.engines import client, registry
from search.engines.client import Server
from tests.factories import make_article
from tests.search.asking import WORD, ask
from tests.support.faults import Door
from tests.support.indices import bring_up_to_date

pytestmark = pytest.mark.search_engine


@pytest.fixture
def sand(world, elastic):
    """One page that is found."""
    make_article(world.open, world.admin, "Sand", body=WORD)
    bring_up_to_date()
    return world


def ask_anew(world) -> tuple[str, int]:
    """Ask as a process that has not met a failure yet."""
    cache.clear()
    answer = ask(world.member)
    return answer.engine, answer.total


# --- Several nodes ---------------------------------------------------------------
def test_a_node_that_is_dead_costs_one_more_attempt_and_no_answer(sand, settings):
    with Door(settings.ELASTICSEARCH_URL).open() as dead:
        settings.ELASTICSEARCH_URL += f", {dead.url}"
        dead.shut()
        answers = [ask_anew(sand) for _question in range(6)]
        assert set(answers) == {("elasticsearch", 1)}
        # It was asked once, and rests since then.
        assert dead.met["shut"] == 1


def test_a_node_that_hangs_is_given_half_of_the_time(sand, settings, monkeypatch):
    monkeypatch.setattr(client, "SEARCH_TIMEOUT", 8.0)
    with Door(settings.ELASTICSEARCH_URL).open() as hanging:
        settings.ELASTICSEARCH_URL += f",{hanging.url}"
        hanging.slow(7)
        answers = [ask_anew(sand) for _question in range(4)]
        assert set(answers) == {("elasticsearch", 1)}
        assert hanging.met["slow"] == 1


def test_without_any_node_left_postgres_answers(sand, settings):
    url = settings.ELASTICSEARCH_URL
    with Door(url).open() as one, Door(url).open() as other:
        settings.ELASTICSEARCH_URL = f"{one.url},{other.url}"
        one.shut()
        other.shut()
        assert ask_anew(sand) == ("postgres", 1)
        assert one.met["shut"] + other.met["shut"] == 2
        settings.ELASTICSEARCH_URL = url


def test_a_single_node_is_not_asked_twice_by_who_waits(sand, settings):
    url = settings.ELASTICSEARCH_URL
    with Door(url).open() as only:
        settings.ELASTICSEARCH_URL = only.url
        only.shut()
        assert ask_anew(sand) == ("postgres", 1)
        assert only.met["shut"] == 1
        settings.ELASTICSEARCH_URL = url


# --- As whom -----------------------------------------------------------------------
@pytest.mark.parametrize(
    ("given", "sent"),
    [
        ({}, None),
        ({"ELASTICSEARCH_API_KEY": "a2V5"}, "ApiKey a2V5"),
        (
            {"ELASTICSEARCH_USERNAME": "wiki", "ELASTICSEARCH_PASSWORD": "s3cret"},
            "Basic " + base64.b64encode(b"wiki:s3cret").decode(),
        ),
    ],
)
def test_it_signs_in_with_what_the_settings_say(sand, settings, given, sent):
    url = settings.ELASTICSEARCH_URL
    with Door(url).open() as door:
        settings.ELASTICSEARCH_URL = door.url
        for name, value in given.items():
            setattr(settings, name, value)
        assert ask_anew(sand) == ("elasticsearch", 1)
        assert door.signed_in_as == {sent}
        settings.ELASTICSEARCH_URL = url


# --- Over TLS -----------------------------------------------------------------------
@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    """A certificate for 127.0.0.1 that no system trusts."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "search of the test")])
    now = datetime.datetime.now(datetime.UTC)
    address = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([address]), critical=False)
        .sign(key, hashes.SHA256())
    )
    path = tmp_path_factory.mktemp("tls") / "server.pem"
    pem = serialization.Encoding.PEM
    path.write_bytes(
        key.private_bytes(
            pem, serialization.PrivateFormat.PKCS8, serialization.NoEncryption()
        )
        + signed.public_bytes(pem)
    )
    return path


@pytest.mark.parametrize(
    ("given", "engine"),
    [
        ({"ELASTICSEARCH_CA_FILE": True}, "elasticsearch"),
        ({}, "postgres"),
        ({"ELASTICSEARCH_VERIFY": False}, "elasticsearch"),
    ],
)
def test_a_certificate_is_believed_when_its_authority_is_named(
    sand, settings, certificate, given, engine
):
    url = settings.ELASTICSEARCH_URL
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate)
    with Door(url, tls=context).open() as door:
        settings.ELASTICSEARCH_URL = door.url
        for name, value in given.items():
            setattr(settings, name, str(certificate) if value is True else value)
        assert door.url.startswith("https:")
        assert ask_anew(sand) == (engine, 1)
        settings.ELASTICSEARCH_URL = url


def test_settings_name_nodes_with_commas(settings):
    settings.ELASTICSEARCH_URL = "http://one:9200, http://two:9200,"
    assert Server.from_settings().urls == ("http://one:9200", "http://two:9200")
    assert registry.elasticsearch().server.urls == (
        "http://one:9200",
        "http://two:9200",
    )

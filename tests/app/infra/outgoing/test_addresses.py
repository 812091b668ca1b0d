import pytest

from app.infra.outgoing import BadAddress, NotTaken, check_url
from app.infra.outgoing.addresses import resolve


@pytest.mark.parametrize(
    "url",
    [
        "https://alarms.facility.example/hooks",
        "https://10.1.2.3:8443/x?y=1",
        "https://[fd12:3456::1]/x",
        "http://localhost:9000/x",
        "http://127.0.0.1/x",
        "http://[::1]:80/x",
    ],
)
def test_receivers_of_the_facility_and_of_this_machine_are_welcome(url):
    assert check_url(url).hostname


@pytest.mark.parametrize(
    "url",
    [
        "http://alarms.facility.example/hooks",
        "http://10.1.2.3/x",
        "ftp://10.1.2.3/x",
        "file:///etc/passwd",
        "//10.1.2.3/x",
        "https://",
        "https:///x",
        "https://user:word@10.1.2.3/x",
        "https://user@10.1.2.3/x",
        "https://10.1.2.3/x#part",
        "https://10.1.2.3/a b",
        "https://10.1.2.3:99999/x",
        "https://10.1.2.3:0/x",
        "https://[::1",
        "https://bücher.example/x",
        "https://169.254.169.254/latest/meta-data",
        "https://[::ffff:169.254.169.254]/x",
        "https://[::ffff:a9fe:a9fe]/x",
        "https://[64:ff9b::a9fe:a9fe]/x",
        "https://[2002:a9fe:a9fe::]/x",
        "https://[::a9fe:a9fe]/x",
        "https://[fe80::1]/x",
        "https://100.100.100.200/x",
        "https://[fd00:ec2::254]/x",
        "https://224.0.0.1/x",
        "https://0.0.0.0/x",
        "https://255.255.255.255/x",
        "http://127.0.0.1.facility.example/x",
    ],
)
def test_an_address_that_leads_elsewhere_is_refused(url):
    with pytest.raises(BadAddress):
        check_url(url)


def test_a_number_in_another_writing_is_refused_where_it_leads():
    """2852039166 is 169.254.169.254 written as one number: names and numbers are judged by where they lead."""
    with pytest.raises(BadAddress):
        resolve(check_url("https://2852039166/latest"))
    with pytest.raises(BadAddress):
        resolve(check_url("https://0xa9fea9fe/latest"))


def test_this_machine_is_reached_by_name():
    assert resolve(check_url("http://localhost:9000/x")).is_loopback


def test_a_name_nobody_knows_may_be_known_later():
    with pytest.raises(NotTaken, match="not known"):
        resolve(check_url(f"https://{'a' * 64}.example/x"))

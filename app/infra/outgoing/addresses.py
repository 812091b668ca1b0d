"""Where webhooks may go: https anywhere in the facility's reach, plain http to this machine only."""

import ipaddress
import socket
from urllib.parse import SplitResult, urlsplit

from app.infra.outgoing.errors import NotTaken
from lithoscope.errors import LithoscopeError

Address = ipaddress.IPv4Address | ipaddress.IPv6Address

#: Where cloud machines keep their credentials, beside the link-local address that most use.
METADATA = frozenset({ipaddress.ip_address("100.100.100.200"), ipaddress.ip_address("fd00:ec2::254")})
BROADCAST = ipaddress.ip_address("255.255.255.255")
#: IPv6 addresses that end in the IPv4 address a gateway hands them to: translated (RFC 6052), and compatible ones.
GATEWAYS = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("::/96"))


class BadAddress(LithoscopeError):
    """An address that no webhook is sent to."""


def check_url(url: str) -> SplitResult:
    """
    Refuse an address by its form: other schemes, credentials, fragments, http beyond this machine, link-local hosts.

    Names are looked up only when something is sent (`resolve`): a receiver of the facility may be known there alone.
    """
    try:
        parts = urlsplit(url)
        host, port = parts.hostname, parts.port
    except ValueError as error:
        raise BadAddress("This is not an address: write https://host/path.") from error
    if parts.scheme not in {"http", "https"} or not host or port == 0 or not url.isascii():
        raise BadAddress("A webhook's address begins with https:// and names a host.")
    if parts.username is not None or parts.password is not None:
        raise BadAddress("Leave user and password out of the address: what is sent is signed by its secret.")
    if parts.fragment or not url.isprintable() or " " in url:
        raise BadAddress("The address holds a part that is never sent: leave out fragments and spaces.")
    literal = _literal(host)
    if literal is not None:
        _refuse(literal)
    is_local = host == "localhost" or (literal is not None and literal.is_loopback)
    if parts.scheme == "http" and not is_local:
        raise BadAddress("Plain http goes to this machine only: give the receiver a certificate and use https.")
    return parts


def resolve(parts: SplitResult) -> Address:
    """
    Look an address up and return where to connect.

    The connection is made to the very address that was checked, so a name that answers differently a moment later leads
    nowhere else.

    Raises
    ------
    BadAddress
        The name leads to a link-local or unusable address, or plain http beyond this machine.
    NotTaken
        The name is not known now.
    """
    try:
        found = socket.getaddrinfo(parts.hostname, parts.port or 0, type=socket.SOCK_STREAM)
    except (OSError, UnicodeError) as error:
        raise NotTaken("the receiver's name is not known") from error
    addresses = [ipaddress.ip_address(str(entry[4][0]).partition("%")[0]) for entry in found]
    for address in addresses:
        _refuse(address)
        if parts.scheme == "http" and not _plain(address).is_loopback:
            raise BadAddress("Plain http goes to this machine only: give the receiver a certificate and use https.")
    return addresses[0]


def _literal(host: str) -> Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _plain(address: Address) -> Address:
    mapped = address.ipv4_mapped if isinstance(address, ipaddress.IPv6Address) else None
    return mapped or address


def _within(address: Address) -> Address:
    """Return the IPv4 address inside an IPv6 one, however it is wrapped, else the address itself."""
    if isinstance(address, ipaddress.IPv4Address) or address.is_loopback or address.is_unspecified:
        return address
    if any(address in gateway for gateway in GATEWAYS):
        return ipaddress.IPv4Address(address.packed[-4:])
    tunnel = None if address.teredo is None else address.teredo[1]
    return address.ipv4_mapped or address.sixtofour or tunnel or address


def _refuse(address: Address) -> None:
    """Refuse where cloud machines keep their credentials, and what is no single host."""
    plain = _within(address)
    is_nobody = plain.is_multicast or plain.is_unspecified or plain == BROADCAST
    if is_nobody or plain.is_link_local or plain in METADATA:
        raise BadAddress("A webhook goes to no link-local, multicast or metadata address: name the receiver.")

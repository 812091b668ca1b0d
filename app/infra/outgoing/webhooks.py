"""Webhooks: signed, stamped, told apart by an id that stays the same over all tries."""

import asyncio
import hashlib
import hmac
import ssl
import time
from dataclasses import dataclass

import httpx

from app.infra.outgoing.addresses import check_url, resolve
from app.infra.outgoing.errors import NotTaken

TIMEOUT_S = 10.0  # of each read and write
WHOLE_TRY_S = 15.0
ID_HEADER = "Lithoscope-Id"
TIMESTAMP_HEADER = "Lithoscope-Timestamp"
SIGNATURE_HEADER = "Lithoscope-Signature"


@dataclass(frozen=True, slots=True)
class Posting:
    """
    One message to one receiver.

    Parameters
    ----------
    id : str
        The same at every try, so that a receiver takes it once.
    url : str
        Where it goes.
    secret : str
        What it is signed with.
    body : bytes
        JSON.
    """

    id: str
    url: str
    secret: str
    body: bytes


def signature(secret: str, *, timestamp: int, message_id: str, body: bytes) -> str:
    """
    Sign ``timestamp.id.body`` with HMAC-SHA256.

    A receiver computes the same and compares in constant time; it refuses a timestamp that is minutes old, and an id it
    has taken before.
    """
    signed = b".".join([str(timestamp).encode(), message_id.encode(), body])
    return "v1=" + hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def send_webhook(posting: Posting, *, within_s: float = WHOLE_TRY_S) -> None:
    """
    Send once.

    Parameters
    ----------
    posting : Posting
    within_s : float
        The whole try, from connection to answer; a receiver that lets its answer drip byte by byte is left then [s].

    Raises
    ------
    NotTaken
        No answer in time, or one that is not 2xx; redirects are not followed.
    BadAddress
        The name leads where no webhook goes.
    """
    parts = check_url(posting.url)
    address = resolve(parts)
    url = httpx.URL(posting.url).copy_with(host=str(address))
    timestamp = int(time.time())
    headers = {
        "Host": parts.netloc,
        "Content-Type": "application/json",
        "User-Agent": "lithoscope-webhook/1",
        ID_HEADER: posting.id,
        TIMESTAMP_HEADER: str(timestamp),
        SIGNATURE_HEADER: signature(posting.secret, timestamp=timestamp, message_id=posting.id, body=posting.body),
    }
    try:
        posted = _post(url, posting.body, headers=headers, name=parts.hostname)
        status = asyncio.run(asyncio.wait_for(posted, within_s))
    except (httpx.HTTPError, httpx.InvalidURL, TimeoutError) as error:
        raise NotTaken(f"the receiver did not answer ({type(error).__name__})") from error
    if not 200 <= status < 300:
        raise NotTaken(f"the receiver answered {status}")


async def _post(url: httpx.URL, body: bytes, *, headers: dict[str, str], name: str | None) -> int:
    """Return the status of the answer; its body is not read."""
    trusted = ssl.create_default_context()  # what this machine trusts: the facility may have an authority of its own
    named = {"sni_hostname": name}  # the certificate is checked for the name, not for the number
    async with (
        httpx.AsyncClient(verify=trusted, timeout=TIMEOUT_S, follow_redirects=False, trust_env=False) as client,
        client.stream("POST", url, content=body, headers=headers, extensions=named) as answer,
    ):
        return answer.status_code

"""What leaves the facility: signed webhooks and mail."""

from app.infra.outgoing.addresses import BadAddress, check_url
from app.infra.outgoing.errors import NotTaken
from app.infra.outgoing.mail import MailServer, send_mail
from app.infra.outgoing.webhooks import Posting, send_webhook, signature

__all__ = ["BadAddress", "MailServer", "NotTaken", "Posting", "check_url", "send_mail", "send_webhook", "signature"]

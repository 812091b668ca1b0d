"""Mail by SMTP."""

import smtplib
import ssl
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import format_datetime

from app.infra.clock import now
from app.infra.outgoing.errors import NotTaken

TIMEOUT_S = 20.0


@dataclass(frozen=True, slots=True)
class MailServer:
    """
    Where mail is handed in.

    Parameters
    ----------
    host, port : str, int
        Of the server.
    sender : str
        Address mail comes from.
    user, password : str
        Empty user: no sign-in.
    starttls : bool
        Encrypt after the greeting; the certificate is checked.
    """

    host: str
    port: int
    sender: str
    user: str = ""
    password: str = ""
    starttls: bool = True


def send_mail(server: MailServer, *, message_id: str, to: str, subject: str, text: str) -> None:
    """
    Hand in one plain-text mail.

    Parameters
    ----------
    server : MailServer
    message_id : str
        The same at every try: it becomes the Message-ID, by which mail programs drop repeats.
    to, subject, text : str
        One recipient, one line, any lines.

    Raises
    ------
    NotTaken
        The server is away or refused it.
    """
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = server.sender, to, " ".join(subject.split())
    mail["Date"] = format_datetime(now())
    mail["Message-ID"] = f"<{message_id}@{server.sender.rpartition('@')[2] or 'lithoscope'}>"
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(text)
    try:
        with smtplib.SMTP(server.host, server.port, timeout=TIMEOUT_S) as session:
            if server.starttls:
                session.starttls(context=ssl.create_default_context())
            if server.user:
                session.login(server.user, server.password)
            session.send_message(mail)
    except (smtplib.SMTPException, OSError, UnicodeError) as error:  # no name, no password: UnicodeError
        raise NotTaken(f"the mail server did not take it ({type(error).__name__})") from error

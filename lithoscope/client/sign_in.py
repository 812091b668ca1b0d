"""A password turned into a token: the password is used once and kept nowhere."""

from lithoscope.client.connection import Connection

#: What a person's own programs need.
SCOPES = ("data:read", "samples:write", "data:write", "uploads:write", "jobs:run")


def fetch_token(url: str, login: str, password: str, *, name: str, scopes: tuple[str, ...] = SCOPES) -> str:
    """
    Sign in, make a token, sign out; return the token.

    Parameters
    ----------
    url : str
        Address of the service.
    login, password : str
        Of a local account.
    name : str
        What the token is called in the list of tokens.
    scopes : tuple of str
        What it may do, at most what its owner may.
    """
    connection = Connection(url)
    try:
        session = connection.post("/sessions", {"login": login, "password": password})
        headers = {"X-CSRF-Token": session["csrf_token"]}
        answer = connection.send("POST", "/tokens", headers=headers, json={"name": name, "scopes": list(scopes)})
        connection.send("DELETE", "/sessions/current", headers=headers)
    finally:
        connection.close()
    return str(answer.json()["key"])

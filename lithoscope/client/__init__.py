"""The Python client: httpx and pydantic only; arrays come through xarray when they are asked for."""

from lithoscope.client.client import Client
from lithoscope.client.problems import (
    ChangedMeanwhile,
    ClientError,
    Conflict,
    Forbidden,
    Invalid,
    JobFailed,
    NotFound,
    NotSignedIn,
    OtherVersion,
    Problem,
    Rejected,
    ServiceFailed,
    TooLarge,
    TooManyRequests,
    Unauthenticated,
    Unreachable,
)

__all__ = [
    "ChangedMeanwhile",
    "Client",
    "ClientError",
    "Conflict",
    "Forbidden",
    "Invalid",
    "JobFailed",
    "NotFound",
    "NotSignedIn",
    "OtherVersion",
    "Problem",
    "Rejected",
    "ServiceFailed",
    "TooLarge",
    "TooManyRequests",
    "Unauthenticated",
    "Unreachable",
]

"""The uploads' request boundary: the house's own, with the header tus asks for on every answer."""

from fastapi import Request, Response

from app.errors import LabError
from app.lab.doors.problems import problem_response
from app.lab.doors.route import Handler, LabRoute
from app.lab.uploads.headers import TUS_VERSION


class TusRoute(LabRoute):
    """A LabRoute whose answers say which tus they follow."""

    def get_route_handler(self) -> Handler:
        """Stamp answers and refusals."""
        original = super().get_route_handler()

        async def handle(request: Request) -> Response:
            try:
                response = await original(request)
            except LabError as error:
                response = problem_response(request, error)
            response.headers["Tus-Resumable"] = TUS_VERSION
            return response

        return handle

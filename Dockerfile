# syntax=docker/dockerfile:1
# One image for every role: API, workers, admin. The command chooses.

FROM python:3.11-slim-bookworm AS build
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1
RUN python -m venv /opt/lithoscope
WORKDIR /src
COPY pyproject.toml constraints.txt README.md LICENSE ./
COPY lithoscope lithoscope
COPY app app
COPY docs docs
COPY workers workers
COPY migrations migrations
RUN /opt/lithoscope/bin/pip install -c constraints.txt '.[server,s3,detectors]'

FROM python:3.11-slim-bookworm
# pg_dump and pg_restore serve `lithoscope admin backup` and `restore`; tini reaps the children of killed jobs.
RUN apt-get update \
    && apt-get install -y --no-install-recommends postgresql-client tini \
    && rm -rf /var/lib/apt/lists/* \
    && useradd --system --uid 10001 --home-dir /var/lib/lithoscope --create-home lithoscope
COPY --from=build /opt/lithoscope /opt/lithoscope
ENV PATH=/opt/lithoscope/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    LITHOSCOPE_DATA=/var/lib/lithoscope \
    LITHOSCOPE_LOG_JSON=true
USER lithoscope
WORKDIR /var/lib/lithoscope
VOLUME /var/lib/lithoscope
EXPOSE 8400
HEALTHCHECK --interval=15s --timeout=5s --start-period=20s --retries=3 \
    CMD ["python", "-c", "import urllib.request as r; r.urlopen('http://127.0.0.1:8400/healthz', timeout=4)"]
ENTRYPOINT ["tini", "--"]
CMD ["lithoscope", "serve", "--data", "/var/lib/lithoscope", "--host", "0.0.0.0", "--port", "8400"]

# The monitor in a container: long-running with `run`, or one command at a time. docs/deployment.md says how.
#
# A tag rather than a digest, so that a rebuild takes up security fixes of the base. To pin one:
#   docker build --build-arg BASE=python:3.13-slim@sha256:… .
ARG BASE=docker.io/library/python:3.13-slim

FROM ${BASE} AS builder
# Anything but empty takes in a browser, for sources that are rendered: some 700 MB more.
ARG BROWSER=
# Anything but empty takes in Apprise, for channels of that type.
ARG APPRISE=
ARG PARQUET=
ENV PIP_NO_CACHE_DIR=1 PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /src
RUN python -m venv /opt/monitor
ENV PATH=/opt/monitor/bin:$PATH

# Before the source, so that a change of the program does not fetch every library anew.
COPY requirements.txt requirements-browser.txt requirements-apprise.txt requirements-parquet.txt \
    requirements-telemetry.txt requirements-workers.txt ./
RUN pip install --require-hashes -r "requirements${BROWSER:+-browser}.txt" \
    -r requirements-workers.txt -r requirements-telemetry.txt ${APPRISE:+-r requirements-apprise.txt} ${PARQUET:+-r requirements-parquet.txt}

COPY pyproject.toml README.md LICENSE ./
COPY migrations migrations
COPY spiders spiders
COPY monitor monitor
# Setuptools is among the pinned requirements, so nothing unpinned is fetched to build with. Neither it nor pip is
# needed afterwards.
RUN pip install --no-deps --no-build-isolation . \
    && pip check \
    && pip uninstall --yes setuptools pip


FROM ${BASE}
LABEL org.opencontainers.image.title="funding-news-monitor" \
      org.opencontainers.image.licenses="Apache-2.0"

# As process 1, a Python that is still starting would not hear SIGTERM at all, and what a killed crawl run might leave
# behind would stay a zombie. Kubernetes and plain `docker run` put no init there, so the image brings one.
ARG BROWSER=
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends tini ${BROWSER:+chromium} \
    && rm -rf /var/lib/apt/lists/*

# The user is named by number below, so that Kubernetes can see that it is not root (runAsNonRoot).
RUN groupadd --gid 10001 monitor \
    && useradd --uid 10001 --gid monitor --no-log-init --no-create-home --home-dir /data \
        --shell /usr/sbin/nologin monitor \
    && install --directory --owner=monitor --group=monitor --mode=0750 /data

COPY --from=builder /opt/monitor /opt/monitor

ENV PATH=/opt/monitor/bin:$PATH \
    PYTHONUNBUFFERED=1 \
    MONITOR_CONFIG=/data/monitor.yaml \
    DATABASE_URL=sqlite:////data/monitor.db
USER 10001:10001
WORKDIR /data
VOLUME /data

# The archive answers, the scheduler's jobs go on, alerts go out. Takes 1 s of one core.
HEALTHCHECK --interval=1m --timeout=15s --start-period=1m --retries=3 CMD ["monitor", "health"]

STOPSIGNAL SIGTERM
ENTRYPOINT ["tini", "--", "monitor"]
CMD ["run"]

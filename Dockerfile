# The published file and the landing zone are in the volume /data. The folder to crawl is mounted
# read-only. docs/install.md shows how to build and run it.
FROM python:3.13-slim-bookworm AS installed
WORKDIR /source
COPY requirements/lock.txt requirements/
RUN python -m venv /opt/meta-collector \
    && /opt/meta-collector/bin/python -m pip install --quiet --no-cache-dir --no-deps \
        --require-hashes -r requirements/lock.txt
COPY pyproject.toml setup.py README.md LICENSE dbt_project.yml profiles.yml .dbtignore ./
COPY enrich enrich
COPY loaders loaders
COPY macros macros
COPY models models
COPY seeds seeds
COPY tests/dbt tests/dbt
RUN /opt/meta-collector/bin/python -m pip install --no-cache-dir --no-deps --no-build-isolation .
# Commands start faster from compiled files. Some libraries have files for another Python.
RUN /opt/meta-collector/bin/python -m compileall -q /opt/meta-collector/lib || true

FROM python:3.13-slim-bookworm
# git is that of the distribution, with its fixes for security.
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends diffutils git \
    && rm -rf /var/lib/apt/lists/*
# The owner of the mounted folder is often the first user of its machine.
ARG USER_ID=1000
RUN useradd --uid "$USER_ID" --create-home collector \
    && install --directory --owner=collector --mode=700 /data
COPY --from=installed /opt/meta-collector /opt/meta-collector
ENV PATH=/opt/meta-collector/bin:$PATH \
    META_DB_PATH=/data/meta.duckdb \
    META_LANDING_DIR=/data/landing \
    META_CONFIG_DIR=/config
USER $USER_ID
WORKDIR /data
VOLUME ["/data"]
ENTRYPOINT ["enrich"]
CMD ["status"]

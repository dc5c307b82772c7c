# Three stages: the dashboard, the package with its native extension, and what runs: no compiler, no Node, no root.

FROM node:22-slim AS dashboard
WORKDIR /src/dashboard
COPY dashboard/package.json dashboard/package-lock.json dashboard/.npmrc ./
RUN npm ci --no-fund --no-audit
COPY dashboard ./
RUN npm run build

FROM python:3.13-slim AS package
RUN apt-get update && apt-get install -y --no-install-recommends g++
WORKDIR /src
COPY . .
COPY --from=dashboard /src/argus/server/static argus/server/static
RUN python -m venv /opt/argus && /opt/argus/bin/python -m pip install --no-cache-dir '.[server,notify]'

FROM python:3.13-slim
# pg_dump and pg_restore, for backups of the record store.
RUN apt-get update && apt-get install -y --no-install-recommends postgresql-client && rm -rf /var/lib/apt/lists/*
RUN useradd --uid 10001 --no-create-home --shell /usr/sbin/nologin argus && install -d -o argus -g argus -m 700 /data
COPY --from=package /opt/argus /opt/argus
ENV PATH=/opt/argus/bin:$PATH ARGUS_HOST=0.0.0.0 ARGUS_DATA=/data PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
USER argus
WORKDIR /data
VOLUME /data
EXPOSE 8000
HEALTHCHECK --start-period=30s CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8000/readyz', timeout=3)"]
ENTRYPOINT ["argus"]
CMD ["serve"]

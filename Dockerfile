# One image for SQLite (one worker, the file in /data) and PostgreSQL (TOLLBOOTH_DATABASE_URL, TOLLBOOTH_WORKERS).
#   docker build -t wecom-tollbooth .
#   docker run -p 8000:8000 -e TOLLBOOTH_ADMIN_TOKEN=choose-one -v tollbooth:/data wecom-tollbooth
FROM python:3.13-slim

COPY . /src
RUN python -m pip install --no-cache-dir --constraint /src/constraints.txt '/src[postgres,console]' \
    && rm -rf /src \
    && useradd --system --uid 10001 --home-dir /data --create-home tollbooth

USER tollbooth
WORKDIR /data
VOLUME /data

# It listens for others, so it asks for TOLLBOOTH_ADMIN_TOKEN and does not start without one. The database is
# tollbooth.db in the working directory, unless TOLLBOOTH_DATABASE_URL is set; a mere DATABASE_URL stops it.
ENV PYTHONUNBUFFERED=1 \
    TOLLBOOTH_IN_IMAGE=on \
    TOLLBOOTH_HOST=0.0.0.0 \
    TOLLBOOTH_PORT=8000
EXPOSE 8000

HEALTHCHECK --interval=30s --timeout=10s --start-period=30s --start-interval=2s CMD ["tollbooth", "health"]
CMD ["sh", "-c", "tollbooth migrate && exec tollbooth serve"]

# syntax=docker/dockerfile:1
# `miais serve` with the bundled systems inside: CPU only, not as root; nothing is fetched when it starts.
#
#   docker build -t miais .
#   docker run --rm -v miais:/data miais keys add registrar --role hide --role recognise --role admin
#   docker run -p 127.0.0.1:8000:8000 -v miais:/data miais

FROM python:3.13-slim-trixie AS base
ENV PATH=/opt/venv/bin:$PATH

# What is large and changes rarely: everything but miais. An empty package stands in for it, so that a change of its
# source leaves this layer as it is.
FROM base AS packages
WORKDIR /build
COPY constraints.txt pyproject.toml ./
RUN mkdir -p src/miais && touch src/miais/__init__.py README.md LICENSE \
    && python -m venv /opt/venv \
    && pip install --no-cache-dir --upgrade -c constraints.txt pip \
    && pip install --no-cache-dir -c constraints.txt --build-constraint constraints.txt \
       --extra-index-url https://download.pytorch.org/whl/cpu '.[service,milvus]' \
    && pip uninstall --yes miais

FROM packages AS wheel
COPY LICENSE README.md ./
COPY src src
RUN pip wheel --no-cache-dir --no-deps --build-constraint constraints.txt --wheel-dir /wheel .

FROM base
COPY --from=packages /opt/venv /opt/venv
RUN --mount=type=bind,from=wheel,source=/wheel,target=/wheel \
    pip install --no-cache-dir --no-deps /wheel/*.whl \
    && useradd --uid 10001 --user-group --home-dir /data --create-home miais
USER 10001
# The gallery, the access keys and the audit log, under the names that the command line gives them by default.
WORKDIR /data
VOLUME /data
EXPOSE 8000
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s \
    CMD ["python", "-c", "from urllib.request import urlopen; urlopen('http://127.0.0.1:8000/health', timeout=4)"]
ENTRYPOINT ["miais"]
CMD ["serve", "--host", "0.0.0.0", "--keys", "miais-keys.json"]

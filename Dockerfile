# ketadash for a server: docs/deploy.md says how to run it.  No data go in, and none are written.
ARG PYTHON=3.12-slim-bookworm

FROM python:${PYTHON} AS build
ENV PIP_DISABLE_PIP_VERSION_CHECK=1 PIP_NO_CACHE_DIR=1 PIP_ROOT_USER_ACTION=ignore
WORKDIR /src
RUN python -m venv /opt/ketadash
COPY requirements.lock requirements-dev.lock ./
RUN /opt/ketadash/bin/pip install --require-hashes -r requirements.lock
# --build-arg SIGN_IN=yes: what sign-in needs, at the versions and hashes of the tests' lock
ARG SIGN_IN=no
RUN if [ "$SIGN_IN" = yes ]; then \
      awk '/^[a-z0-9]/ { keep = $1 ~ /^(authlib|httpx|httpcore|h11|certifi|joserfc|cryptography|cffi|pycparser|anyio|idna|sniffio|typing-extensions)==/ } keep' \
        requirements-dev.lock > /tmp/sign-in.lock \
   && /opt/ketadash/bin/pip install --require-hashes -r /tmp/sign-in.lock; fi
COPY . .
RUN /opt/ketadash/bin/pip wheel --no-deps --no-build-isolation --wheel-dir /wheels . \
 && /opt/ketadash/bin/pip install --no-deps /wheels/*.whl

FROM python:${PYTHON}
RUN useradd --system --uid 10001 --create-home ketadash
COPY --from=build /opt/ketadash /opt/ketadash
USER ketadash
WORKDIR /home/ketadash
# Listens on every address of the container; which names it answers to is for whoever runs it: KETADASH_HOSTS.
ENV PATH=/opt/ketadash/bin:$PATH KETADASH_ADDRESS=0.0.0.0 PYTHONDONTWRITEBYTECODE=1 PYTHONUNBUFFERED=1
EXPOSE 8501
HEALTHCHECK --interval=30s --timeout=5s --start-period=60s --retries=3 \
  CMD ["python", "-c", "import urllib.request as u; u.urlopen('http://127.0.0.1:8501/_stcore/health', timeout=4)"]
CMD ["ketadash", "app", "--headless", "--port", "8501"]

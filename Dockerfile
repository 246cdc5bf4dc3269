# bantin in a container: built with a cached dependency layer, run as an unprivileged user.
#
#   docker build -t bantin .
#   docker run -p 8080:8080 -v ./config:/etc/bantin -v bantin-data:/var/lib/bantin bantin
#
# The folder with config.toml is mounted, not the file: a mounted file would stay the old one when it is replaced.

FROM rust:1.95-slim-bookworm AS build
RUN apt-get update && apt-get install -y --no-install-recommends gcc libc6-dev && rm -rf /var/lib/apt/lists/*
WORKDIR /src
# The dependencies alone, so that a change of bantin does not build them again.
COPY Cargo.toml Cargo.lock ./
COPY tests/fakes/Cargo.toml tests/fakes/Cargo.toml
RUN mkdir -p src tests/fakes/src/bin \
    && echo 'fn main() {}' > src/main.rs && touch src/lib.rs tests/fakes/src/lib.rs \
    && cargo build --release --locked -p bantin \
    && rm -rf src tests
COPY . .
# The copied files are older than what was just built from the empty ones.
RUN touch src/main.rs src/lib.rs && cargo build --release --locked -p bantin

FROM debian:bookworm-slim
RUN useradd --system --uid 10001 --no-create-home bantin \
    && install -d -o bantin -g bantin /var/lib/bantin /var/lib/bantin/feeds /etc/bantin
COPY --from=build /src/target/release/bantin /usr/local/bin/bantin
USER bantin
WORKDIR /var/lib/bantin
ENV BANTIN_LISTEN=0.0.0.0:8080 \
    BANTIN_DATABASE_URL=sqlite:/var/lib/bantin/bantin.db
VOLUME ["/var/lib/bantin"]
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=5s --start-period=10s \
    CMD ["bantin", "--config", "/etc/bantin/config.toml", "healthcheck"]
ENTRYPOINT ["bantin", "--config", "/etc/bantin/config.toml"]
CMD ["run"]

# bantin in a container: built with a cached dependency layer; no shell, no package manager, an unprivileged user.
#
#   docker build -t bantin .
#   docker run --read-only --cap-drop ALL -p 8080:8080 -v ./config:/etc/bantin:ro \
#     -v bantin-data:/var/lib/bantin -v bantin-feeds:/srv/feeds bantin
#
# The folder with config.toml is mounted, not the file: a mounted file would stay the old one when it is replaced.
# contrib/compose has it with everything set. scripts/image goes through these steps with bases made of Debian packages.

FROM rust:1.95-slim-bookworm AS build
WORKDIR /src
# The dependencies alone, so that a change of bantin does not build them again.
COPY Cargo.toml Cargo.lock ./
COPY benches benches
COPY tests/fakes tests/fakes
RUN mkdir src && echo 'fn main() {}' > src/main.rs && touch src/lib.rs && cargo build --release --locked -p bantin && rm -r src
COPY . .
# The copied files may be older than what was just built from the empty ones.
RUN touch src/main.rs src/lib.rs && cargo build --release --locked -p bantin && mkdir /empty

# The C library and libgcc are all that bantin needs; zones and trusted roots are in it.
FROM gcr.io/distroless/cc-debian12:nonroot
COPY --from=build /src/target/release/bantin /usr/local/bin/bantin
COPY --from=build --chown=65532:65532 /empty /var/lib/bantin
COPY --from=build --chown=65532:65532 /empty /srv/feeds
USER 65532:65532
WORKDIR /var/lib/bantin
# What a large sort or a preview writes for a moment goes to the volume: nothing else is writable. Memory that is not
# needed goes back to the kernel (src/cli/lean.rs).
ENV BANTIN_LISTEN=0.0.0.0:8080 \
    BANTIN_DATABASE_URL=sqlite:/var/lib/bantin/bantin.db \
    BANTIN_FEEDS_DIRECTORY=/srv/feeds \
    TMPDIR=/var/lib/bantin \
    MALLOC_ARENA_MAX=2 \
    MALLOC_MMAP_THRESHOLD_=65536 \
    MALLOC_TRIM_THRESHOLD_=131072
VOLUME ["/var/lib/bantin", "/srv/feeds"]
EXPOSE 8080
HEALTHCHECK --interval=30s --timeout=6s --start-period=10s \
    CMD ["/usr/local/bin/bantin", "--config", "/etc/bantin/config.toml", "healthcheck"]
ENTRYPOINT ["/usr/local/bin/bantin", "--config", "/etc/bantin/config.toml"]
CMD ["run"]

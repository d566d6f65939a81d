# carvos in a container. What is done in it stands in the two scripts, which the test suite runs too.
FROM node:20-slim AS build
# For better-sqlite3, where there is no prebuilt binary.
RUN apt-get update \
 && apt-get install -y --no-install-recommends python3 make g++ \
 && rm -rf /var/lib/apt/lists/*
WORKDIR /src
COPY . .
RUN sh scripts/container-build.sh /opt/carvos

FROM node:20-slim
COPY --from=build /opt/carvos /opt/carvos
RUN mkdir /data && chown node:node /data
USER node
WORKDIR /data
VOLUME /data
EXPOSE 4010
HEALTHCHECK --interval=2s --timeout=2s CMD ["sh", "/opt/carvos/container-health.sh"]
ENTRYPOINT ["sh", "/opt/carvos/container-start.sh"]

# One image for every process of every topology: `docker run holdfast orders` is the process of orders, the default is the
# whole shop. Contexts in another grouping: `CONTEXTS=inventory,payments docker run holdfast monolith`.
# Debian's slim image and not Alpine: the bindings of argon2 are those that the tests run with.
ARG NODE_IMAGE=node:26.10.0-bookworm-slim

# What runs in production and nothing else. Packages may not run scripts; the Node that npm brings for developers is the
# image's own here, and the compiler comes along only because Swagger's plugin could use it.
FROM ${NODE_IMAGE} AS dependencies
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund \
  && rm -rf node_modules/node-* node_modules/typescript node_modules/.bin node_modules/.package-lock.json \
  && find node_modules -type f \( -name '*.d.ts' -o -name '*.d.mts' -o -name '*.d.cts' -o -name '*.map' \) -delete

FROM ${NODE_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
RUN npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json ./
COPY scripts/build.mjs scripts/
COPY scripts/packages scripts/packages
COPY apps apps
COPY libs libs
COPY migrations migrations
RUN node scripts/build.mjs

FROM ${NODE_IMAGE}
LABEL org.opencontainers.image.title="holdfast" \
  org.opencontainers.image.description="Any process of the shop, in any topology" \
  org.opencontainers.image.licenses="MIT"
ENV NODE_ENV=production
WORKDIR /app
RUN install -d -o 1000 -g 1000 /data
COPY --from=dependencies /app/node_modules node_modules
COPY --from=build /app/dist dist
COPY package.json LICENSE ./
COPY scripts/packages scripts/packages
COPY deploy/image deploy/image
# The user `node`, by number, so that Kubernetes can see that it is not root. It can write to /data only.
USER 1000:1000
EXPOSE 3000
STOPSIGNAL SIGTERM
HEALTHCHECK --interval=5s --timeout=3s --start-period=60s --retries=3 CMD ["node", "deploy/image/healthcheck.mjs"]
ENTRYPOINT ["node", "deploy/image/holdfast.mjs"]
CMD ["monolith"]

FROM scratch
COPY --from=api /app/ /api/
COPY --from=web /app/ /web/

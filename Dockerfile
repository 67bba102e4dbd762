# syntax=docker/dockerfile:1

# The production image of TaskSync.Web. docs/operations.md says how to run it and what was checked.

# Both images follow a tag, so that each build has the newest fixes. A release is pinned: docs/operations.md, "With Docker".
# No digest, for that reason.
FROM --platform=$BUILDPLATFORM mcr.microsoft.com/dotnet/sdk:10.0-noble AS build
ARG TARGETARCH
WORKDIR /src

# The restore layer: it is built again only when a project or a package version changes.
COPY global.json Directory.Build.props Directory.Packages.props ./
COPY TaskSync.Sync/TaskSync.Sync.csproj TaskSync.Sync/
COPY TaskSync.Simulator/TaskSync.Simulator.csproj TaskSync.Simulator/
COPY TaskSync.Web/TaskSync.Web.csproj TaskSync.Web/
RUN dotnet restore TaskSync.Web/TaskSync.Web.csproj --arch $TARGETARCH -p:PublishReadyToRun=true

# .editorconfig and BannedSymbols.txt belong to the build: they say what is an error.
COPY .editorconfig BannedSymbols.txt appsettings.json ./
COPY TaskSync.Sync/ TaskSync.Sync/
COPY TaskSync.Simulator/ TaskSync.Simulator/
COPY TaskSync.Web/ TaskSync.Web/

# Compiled ahead (ReadyToRun), so that a start takes a third less. Without git here, the page Sync status knows the revision by this argument.
ARG SOURCE_REVISION=
RUN dotnet publish TaskSync.Web/TaskSync.Web.csproj --configuration Release --no-restore --arch $TARGETARCH --self-contained false \
    -p:PublishReadyToRun=true -p:SourceRevisionId=$SOURCE_REVISION --output /app

# The final image has no shell, so the folder of the embedded database is made here.
RUN mkdir -p /app/App_Data

# "extra" brings ICU and the time zone data: due dates roll over at the rep's own midnight. No digest: see above.
FROM mcr.microsoft.com/dotnet/aspnet:10.0-noble-chiseled-extra
WORKDIR /app
COPY --from=build /app ./
COPY --from=build --chown=$APP_UID:$APP_UID /app/App_Data App_Data/

# Without the diagnostics port nothing is written but the database, so the root file system can be read-only.
ENV ASPNETCORE_HTTP_PORTS=8080 \
    DOTNET_EnableDiagnostics=0
EXPOSE 8080

# The SQLite database, with the key ring in it. Unused with a database server.
VOLUME /app/App_Data

USER $APP_UID

# There is neither a shell nor curl in the image: the program asks itself.
HEALTHCHECK --interval=30s --timeout=8s --start-period=60s --retries=3 CMD ["dotnet", "TaskSync.Web.dll", "--health"]

ENTRYPOINT ["dotnet", "TaskSync.Web.dll"]

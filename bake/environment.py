"""The environment variables that pybake reads, in one table; docs/environment.md is made from it.

What a variable does is written where it is read; a test keeps the table and the code in agreement.
"""

from __future__ import annotations

from bake.record import record


@record
class EnvironmentVariable:
    """`topic` groups the table, `meaning` is a sentence, `buildx` says that buildx 0.36 knows it too."""

    name: str
    topic: str
    meaning: str
    buildx: bool = True


_DEFINITION = "Definition"
_BUILD = "Build"
_BUILDER = "Builders and engines"
_REGISTRY = "Registries and Git"
_CACHE = "Caches"
_DISPLAY = "Display"
_REPORTS = "Reports and traces"
_FILES = "pybake's own files"

VARIABLES = (
    EnvironmentVariable("BUILDX_BAKE_FILE", _DEFINITION, "Files to read, if no `-f` is given."),
    EnvironmentVariable(
        "BUILDX_BAKE_PATH_SEPARATOR", _DEFINITION, "What separates the names in it; `:` if unset."
    ),
    EnvironmentVariable(
        "BUILDX_BAKE_FILE_RELATIVE_PATHS",
        _DEFINITION,
        "True: contexts are relative to the file that names them.",
    ),
    EnvironmentVariable(
        "BUILDX_BAKE_DISABLE_VARS_ENV_LOOKUP",
        _DEFINITION,
        "True: the environment sets no variable of a bake file.",
    ),
    EnvironmentVariable(
        "BUILDX_BAKE_ENTITLEMENTS_FS",
        _DEFINITION,
        "False: files outside the working directory need no `--allow`.",
    ),
    EnvironmentVariable(
        "BAKE_ALLOW_REMOTE_FS_ACCESS", _DEFINITION, "True: a remote definition may use files on this machine."
    ),
    EnvironmentVariable(
        "BUILDX_BAKE_GIT_SSH", _DEFINITION, "The agent socket for a remote definition over SSH."
    ),
    EnvironmentVariable(
        "BUILDX_BAKE_GIT_AUTH_TOKEN", _DEFINITION, "A token for a remote definition over HTTPS."
    ),
    EnvironmentVariable(
        "BUILDX_BAKE_GIT_AUTH_HEADER",
        _DEFINITION,
        "The authorization header for a remote definition over HTTPS.",
    ),
    EnvironmentVariable("COMPOSE_PROJECT_NAME", _DEFINITION, "The project's name, if compose files use it."),
    EnvironmentVariable(
        "SOURCE_DATE_EPOCH", _BUILD, "A build argument of every target that does not set it."
    ),
    EnvironmentVariable(
        "DOCKER_DEFAULT_PLATFORM", _BUILD, "The platform of `pybake build`, if no `--platform` is given."
    ),
    EnvironmentVariable(
        "BUILDX_NO_DEFAULT_ATTESTATIONS", _BUILD, "True: no provenance, unless a target asks for it."
    ),
    EnvironmentVariable(
        "BUILDX_NO_DEFAULT_LOAD",
        _BUILD,
        "True: the result of a target without output stays in the build cache.",
    ),
    EnvironmentVariable(
        "BUILDX_NO_DEFAULT_OCI_ARTIFACT",
        _BUILD,
        "True: attestations are not stored as OCI artifacts.",
    ),
    EnvironmentVariable("BUILDX_GIT_INFO", _BUILD, "False: provenance does not name the commit."),
    EnvironmentVariable(
        "BUILDX_GIT_LABELS", _BUILD, "True or `full`: images are labeled with commit and remote."
    ),
    EnvironmentVariable(
        "BUILDX_GIT_CHECK_DIRTY", _BUILD, "True: the commit of a modified work tree is marked as such."
    ),
    EnvironmentVariable(
        "BUILDX_METADATA_PROVENANCE",
        _BUILD,
        "How much provenance the metadata file holds: min, max, disabled.",
    ),
    EnvironmentVariable("BUILDX_METADATA_WARNINGS", _BUILD, "True: the metadata file holds the warnings."),
    EnvironmentVariable(
        "EXPERIMENTAL_BUILDKIT_SOURCE_POLICY", _BUILD, "A file with a source policy for BuildKit."
    ),
    EnvironmentVariable(
        "BUILDX_DEFAULT_POLICY", _BUILD, "True: asks for buildx's own policy in Rego, so nothing is built."
    ),
    EnvironmentVariable("BUILDX_BUILDER", _BUILDER, "The builder, if no `--builder` is given."),
    EnvironmentVariable("BUILDX_CONFIG", _BUILDER, "Where builders are kept; `~/.docker/buildx` if unset."),
    EnvironmentVariable(
        "BUILDKIT_HOST", _BUILDER, "The endpoint for `create`, which then makes a remote builder."
    ),
    EnvironmentVariable(
        "KUBECONFIG", _BUILDER, "The configuration of the Kubernetes cluster; `~/.kube/config` if unset."
    ),
    EnvironmentVariable("DOCKER_CONFIG", _BUILDER, "Docker's configuration; `~/.docker` if unset."),
    EnvironmentVariable("DOCKER_HOST", _BUILDER, "The engine's address; takes precedence over contexts."),
    EnvironmentVariable(
        "DOCKER_CONTEXT", _BUILDER, "The docker context; takes precedence over the chosen one."
    ),
    EnvironmentVariable("DOCKER_TLS", _BUILDER, "Set: the engine is reached over TLS."),
    EnvironmentVariable(
        "DOCKER_TLS_VERIFY", _BUILDER, "Set: the engine is reached over TLS, and its certificate verified."
    ),
    EnvironmentVariable("DOCKER_CERT_PATH", _BUILDER, "The folder of the TLS certificates."),
    EnvironmentVariable(
        "DOCKER_AUTH_CONFIG", _REGISTRY, "Credentials as JSON; they take precedence over the files."
    ),
    EnvironmentVariable(
        "BUILDKIT_NO_CLIENT_TOKEN",
        _REGISTRY,
        "True: BuildKit gets the password and fetches registries' tokens itself.",
    ),
    EnvironmentVariable(
        "HTTPS_PROXY", _REGISTRY, "The proxy for reaching registries (`imagetools`, and pushing indexes)."
    ),
    EnvironmentVariable("NO_PROXY", _REGISTRY, "Hosts that are reached without the proxy."),
    EnvironmentVariable("SSH_AUTH_SOCK", _REGISTRY, "The SSH agent that is forwarded to builds."),
    EnvironmentVariable("ACTIONS_RUNTIME_TOKEN", _CACHE, "GitHub's token, for caches of type gha."),
    EnvironmentVariable("ACTIONS_RESULTS_URL", _CACHE, "GitHub's cache service, version 2."),
    EnvironmentVariable("ACTIONS_CACHE_URL", _CACHE, "GitHub's cache service, version 1."),
    EnvironmentVariable(
        "ACTIONS_CACHE_SERVICE_V2", _CACHE, "True: caches of type gha use version 2 of the service."
    ),
    EnvironmentVariable("AWS_ACCESS_KEY_ID", _CACHE, "With the next two: AWS's keys, for caches of type s3."),
    EnvironmentVariable("AWS_SECRET_ACCESS_KEY", _CACHE, "The secret key that goes with it."),
    EnvironmentVariable("AWS_SESSION_TOKEN", _CACHE, "The session token, if there is one."),
    EnvironmentVariable("AWS_PROFILE", _CACHE, "The profile whose keys are used, if no keys are set."),
    EnvironmentVariable("AWS_CONFIG_FILE", _CACHE, "Where the profiles are; `~/.aws/config` if unset."),
    EnvironmentVariable(
        "AWS_SHARED_CREDENTIALS_FILE", _CACHE, "Where their keys are; `~/.aws/credentials` if unset."
    ),
    EnvironmentVariable(
        "AWS_WEB_IDENTITY_TOKEN_FILE", _CACHE, "A file with a token that AWS exchanges for keys."
    ),
    EnvironmentVariable("AWS_ROLE_ARN", _CACHE, "The role that those keys are for."),
    EnvironmentVariable("AWS_ROLE_SESSION_NAME", _CACHE, "The name of the role's session."),
    EnvironmentVariable("AWS_REGION", _CACHE, "The region in which roles are assumed."),
    EnvironmentVariable("BUILDKIT_PROGRESS", _DISPLAY, "The display, if no `--progress` is given."),
    EnvironmentVariable("NO_COLOR", _DISPLAY, "Set: no colors on a terminal."),
    EnvironmentVariable("TERM", _DISPLAY, "`dumb`: plain lines on a terminal.", buildx=False),
    EnvironmentVariable(
        "GITHUB_STEP_SUMMARY", _REPORTS, "The file that `--report github` appends to.", buildx=False
    ),
    EnvironmentVariable("OTEL_TRACES_EXPORTER", _REPORTS, "`otlp`: send traces; `none`: send none."),
    EnvironmentVariable(
        "OTEL_EXPORTER_OTLP_ENDPOINT", _REPORTS, "Where a collector listens; setting it turns traces on."
    ),
    EnvironmentVariable("OTEL_EXPORTER_OTLP_TRACES_ENDPOINT", _REPORTS, "The same, for traces alone."),
    EnvironmentVariable(
        "OTEL_EXPORTER_OTLP_PROTOCOL",
        _REPORTS,
        "`http/protobuf` (if unset) or `grpc`, which is buildx's default.",
    ),
    EnvironmentVariable("OTEL_EXPORTER_OTLP_TRACES_PROTOCOL", _REPORTS, "The same, for traces alone."),
    EnvironmentVariable("OTEL_SDK_DISABLED", _REPORTS, "True: send no traces."),
    EnvironmentVariable("TRACEPARENT", _REPORTS, "The parent of the run's span (W3C)."),
    EnvironmentVariable(
        "XDG_CACHE_HOME",
        _FILES,
        "Where parsed files are cached (`pybake/`); `~/.cache` if unset, `~/Library/Caches` on macOS.",
        buildx=False,
    ),
    EnvironmentVariable(
        "XDG_DATA_HOME",
        _FILES,
        "Where an engine of pybake's own has its cache (`pybake/engines/`); `~/.local/share` if unset.",
        buildx=False,
    ),
    EnvironmentVariable(
        "XDG_RUNTIME_DIR",
        _FILES,
        "Where that engine's socket is (`pybake/`); `/tmp/pybake-UID` if unset.",
        buildx=False,
    ),
)

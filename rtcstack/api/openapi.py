"""The OpenAPI document: what Litestar reads from the handlers, and what holds for every route alike."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

import msgspec
from litestar.openapi import OpenAPIConfig
from litestar.openapi.plugins import JsonRenderPlugin, YamlRenderPlugin
from litestar.openapi.spec import (
    Components,
    OpenAPI,
    OpenAPIMediaType,
    OpenAPIResponse,
    Operation,
    Parameter,
    PathItem,
    Reference,
    RequestBody,
    Schema,
    SecurityScheme,
    Tag,
)
from litestar.openapi.spec.base import BaseSchemaObject
from litestar.openapi.spec.enums import OpenAPIType

from rtcstack import __version__
from rtcstack.api.admin.reconcile_schemas import EXAMPLES as RECONCILE
from rtcstack.api.admin.schemas import EXAMPLES as ADMIN
from rtcstack.api.capacity import EXAMPLES as CAPACITY
from rtcstack.api.clips.examples import EXAMPLES as CLIPS
from rtcstack.api.clips.examples import STORYBOARD
from rtcstack.api.errors import ErrorBody, ErrorDetail
from rtcstack.api.halls.examples import EXAMPLES as HALLS
from rtcstack.api.library.examples import EXAMPLES as LIBRARY
from rtcstack.api.openapi_fields import about
from rtcstack.api.openapi_webhooks import webhooks
from rtcstack.api.openapi_words import PARAMETERS, failure_of
from rtcstack.api.rooms.examples import EXAMPLES as ROOMS
from rtcstack.api.settings.examples import EXAMPLES as SETTINGS
from rtcstack.api.system import EXAMPLES as SYSTEM
from rtcstack.api.webhooks.examples import EXAMPLES as WEBHOOKS
from rtcstack.domain.room import ROOM_ID_PATTERN

_TAGS = {
    "Rooms": "Rooms, join tokens, participants.",
    "Room recording": "Start, stop and status of a room's recording.",
    "Halls": "Rooms with a plan's cap and automatic recording, and their recordings.",
    "Clips": "Pieces of recordings, cut in the background; posters and storyboards.",
    "Recordings library": "All recordings of a tenant: list, download, archive, recover, delete.",
    "Webhooks": "Who is told what happened.",
    "Settings": "Where a tenant's recordings go.",
    "Admin": "For whoever runs the appliance: wants a key of the operator.",
    "System": "Health; no key is needed.",
}
_TEXTS = {"text/vtt": STORYBOARD}
"""Examples of bodies that are no JSON."""
_METHODS = ("get", "post", "put", "patch", "delete")
_JSON = "application/json"
_ROOM_ID = ("room_id", "path")
_PREFIX = "#/components/schemas/"


@dataclass
class _AsItIs(BaseSchemaObject):
    """Keeps the nulls of an example, which Litestar leaves out of everything that it writes."""

    value: Any

    def to_schema(self) -> Any:
        return self.value


def openapi_config() -> OpenAPIConfig:
    """Only the document itself: the usual viewers would load scripts from elsewhere."""
    bearer = SecurityScheme(type="http", scheme="bearer", description="An API key: `rtc_live_…`")
    return OpenAPIConfig(
        title="rtcstack",
        version=__version__,
        path="/schema",
        components=Components(security_schemes={"key": bearer}),
        security=[{"key": []}],
        tags=[Tag(name, description) for name, description in _TAGS.items()],
        render_plugins=[
            JsonRenderPlugin(path=["/", "/openapi.json"]),
            YamlRenderPlugin(path="/openapi.yaml"),
        ],
    )


def complete(document: OpenAPI) -> None:
    """Add what every route has by its method: failures, `Idempotency-Key`, examples; sort by tag."""
    examples = _Examples(document)
    for method, path, operation in _operations(document):
        if operation.tags == ["System"]:
            operation.security = []
        else:
            _add_failures(method, path, operation)
        for parameter in operation.parameters or ():
            if isinstance(parameter, Parameter):
                _describe(parameter)
        if method == "post":
            operation.parameters = [*(operation.parameters or ()), _idempotency_key()]
        examples.add_to(operation)
    for name, schema in (document.components.schemas or {}).items():
        schema.properties = {
            field: _explained(name, field, kind) for field, kind in (schema.properties or {}).items()
        } or None
    document.webhooks = {name: _webhook(name, *told) for name, told in webhooks().items()}
    order = list(_TAGS)
    paths = document.paths or {}
    document.paths = dict(sorted(paths.items(), key=lambda item: (order.index(_first_tag(item[1])), item[0])))


def _operations(document: OpenAPI) -> Iterator[tuple[str, str, Operation]]:
    for path, item in (document.paths or {}).items():
        for method in _METHODS:
            if operation := getattr(item, method):
                yield method, path, operation


def _describe(parameter: Parameter) -> None:
    parameter.description = parameter.description or PARAMETERS[parameter.name]
    if (parameter.name, parameter.param_in) == _ROOM_ID:
        parameter.schema = Schema(type=OpenAPIType.STRING, pattern=ROOM_ID_PATTERN)


def _explained(schema: str, field: str, kind: Reference | Schema) -> Reference | Schema:
    """Return a copy: Litestar has one object for all fields of a type."""
    return replace(kind, description=about(schema, field))


def _webhook(name: str, summary: str, schema: Any, example: Any) -> PathItem:
    as_it_is: Any = _AsItIs(schema)
    media = OpenAPIMediaType(schema=as_it_is, example=_AsItIs(example))
    body = RequestBody({_JSON: media}, required=True)
    answered = OpenAPIResponse(description="Any 2xx is a delivery; anything else is tried again.")
    operation = Operation(
        operation_id=f"told_{name.replace('.', '_')}",
        summary=summary,
        tags=["Webhooks"],
        security=[],
        request_body=body,
        responses={"2XX": answered},
    )
    return PathItem(post=operation)


def _first_tag(item: PathItem) -> str:
    [tag, *_] = [op.tags[0] for method in _METHODS if (op := getattr(item, method)) and op.tags]
    return str(tag)


def _add_failures(method: str, path: str, operation: Operation) -> None:
    """The database may be away on every call and the disk full on every write; a key may not be one that writes."""
    responses = operation.responses or {}
    statuses = {int(status) for status in responses if int(status) >= 400} | {503}  # noqa: PLR2004
    if method != "get":
        statuses |= {403, 507}
    if method == "post":
        statuses |= {409}
    if method in {"get", "delete"}:
        statuses -= {413}  # their bodies are not read
        responses.pop("413", None)
    operation.responses = {
        **responses,
        **{str(status): _failure(method, path, status) for status in sorted(statuses)},
    }


def _failure(method: str, path: str, status: int) -> OpenAPIResponse:
    text, code, message = failure_of(method, path, status)
    body = ErrorBody(ErrorDetail(code, message, "req_5f1d3c0a9b7e2468"))
    schema = Reference(ref=f"{_PREFIX}{ErrorBody.__name__}")
    content = {_JSON: OpenAPIMediaType(schema=schema, example=_AsItIs(msgspec.to_builtins(body)))}
    return OpenAPIResponse(description=text, content=content)


def _idempotency_key() -> Parameter:
    return Parameter(
        name="Idempotency-Key",
        param_in="header",
        description="Names this call: sent again within a day under the same key it is not done again, and gets the same "
        "answer with the header `idempotent-replayed: true`.",
        schema=Schema(type=OpenAPIType.STRING, min_length=1, max_length=255, pattern="^[!-~]([ -~]*[!-~])?$"),
        example="order-7",
    )


class _Examples:
    """Finds the example of a schema: an instance of the very struct that it describes."""

    def __init__(self, document: OpenAPI) -> None:
        self._schemas: Mapping[str, Schema] = document.components.schemas or {}
        self._known: dict[str, Any] = {}
        for example in (
            *SYSTEM,
            *CAPACITY,
            *ROOMS,
            *HALLS,
            *CLIPS,
            *LIBRARY,
            *SETTINGS,
            *WEBHOOKS,
            *ADMIN,
            *RECONCILE,
        ):
            kind = type(example)
            for name in (kind.__name__, "_".join(f"{kind.__module__}.{kind.__name__}".split(".")[-3:])):
                if name in self._schemas:
                    if kind.__struct_config__.forbid_unknown_fields:  # Litestar does not look at it
                        self._schemas[name].additional_properties = False
                    self._known[name] = msgspec.to_builtins(example)

    def add_to(self, operation: Operation) -> None:
        request = operation.request_body
        if isinstance(request, RequestBody):
            for media in request.content.values():
                media.example = _AsItIs(self._of(media.schema))
                if there := _but_null(media.schema):
                    request.required, media.schema = False, there
        for response in (operation.responses or {}).values():
            content = (isinstance(response, OpenAPIResponse) and response.content) or {}
            for kind, media in content.items():
                media.example = media.example or _AsItIs(_TEXTS.get(kind) or self._of(media.schema))

    def _of(self, schema: Any) -> Any:
        if isinstance(schema, Reference):
            name = schema.ref.removeprefix(_PREFIX)
            data = (self._schemas[name].properties or {}).get("data")
            return self._known.get(name) or (data and {"data": self._of(data)})
        if isinstance(schema, Schema) and schema.one_of:
            return self._of(schema.one_of[0])
        if isinstance(schema, Schema) and schema.items:
            return [self._of(schema.items)]
        return None


def _but_null(schema: Any) -> Any:
    """Return what a body that may be left out is when it is there: null is not the same as nothing."""
    options = (isinstance(schema, Schema) and schema.one_of) or ()
    others = [o for o in options if not (isinstance(o, Schema) and o.type is OpenAPIType.NULL)]
    return others[0] if len(others) < len(options) else None

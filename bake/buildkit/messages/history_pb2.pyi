from bake.buildkit.messages import common_pb2 as _common_pb2
from bake.buildkit.messages import control_pb2 as _control_pb2
from google.protobuf.internal import containers as _containers
from google.protobuf.internal import enum_type_wrapper as _enum_type_wrapper
from google.protobuf import descriptor as _descriptor
from google.protobuf import message as _message
from collections.abc import Iterable as _Iterable, Mapping as _Mapping
from typing import ClassVar as _ClassVar, Optional as _Optional, Union as _Union

DESCRIPTOR: _descriptor.FileDescriptor

class BuildHistoryEventType(int, metaclass=_enum_type_wrapper.EnumTypeWrapper):
    __slots__ = ()
    STARTED: _ClassVar[BuildHistoryEventType]
    COMPLETE: _ClassVar[BuildHistoryEventType]
    DELETED: _ClassVar[BuildHistoryEventType]
STARTED: BuildHistoryEventType
COMPLETE: BuildHistoryEventType
DELETED: BuildHistoryEventType

class BuildHistoryRequest(_message.Message):
    __slots__ = ("active_only", "ref", "early_exit", "filter", "limit")
    ACTIVE_ONLY_FIELD_NUMBER: _ClassVar[int]
    REF_FIELD_NUMBER: _ClassVar[int]
    EARLY_EXIT_FIELD_NUMBER: _ClassVar[int]
    FILTER_FIELD_NUMBER: _ClassVar[int]
    LIMIT_FIELD_NUMBER: _ClassVar[int]
    active_only: bool
    ref: str
    early_exit: bool
    filter: _containers.RepeatedScalarFieldContainer[str]
    limit: int
    def __init__(self, active_only: _Optional[bool] = ..., ref: _Optional[str] = ..., early_exit: _Optional[bool] = ..., filter: _Optional[_Iterable[str]] = ..., limit: _Optional[int] = ...) -> None: ...

class BuildHistoryEvent(_message.Message):
    __slots__ = ("type", "record")
    TYPE_FIELD_NUMBER: _ClassVar[int]
    RECORD_FIELD_NUMBER: _ClassVar[int]
    type: BuildHistoryEventType
    record: BuildHistoryRecord
    def __init__(self, type: _Optional[_Union[BuildHistoryEventType, str]] = ..., record: _Optional[_Union[BuildHistoryRecord, _Mapping]] = ...) -> None: ...

class BuildHistoryRecord(_message.Message):
    __slots__ = ("ref", "frontend", "frontend_attrs", "exporters", "error", "created_at", "completed_at", "logs", "exporter_response", "result", "results", "generation", "trace", "pinned", "num_cached_steps", "num_total_steps", "num_completed_steps", "external_error", "num_warnings")
    class FrontendAttrsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    class ExporterResponseEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: str
        def __init__(self, key: _Optional[str] = ..., value: _Optional[str] = ...) -> None: ...
    class ResultsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: str
        value: BuildResultInfo
        def __init__(self, key: _Optional[str] = ..., value: _Optional[_Union[BuildResultInfo, _Mapping]] = ...) -> None: ...
    REF_FIELD_NUMBER: _ClassVar[int]
    FRONTEND_FIELD_NUMBER: _ClassVar[int]
    FRONTEND_ATTRS_FIELD_NUMBER: _ClassVar[int]
    EXPORTERS_FIELD_NUMBER: _ClassVar[int]
    ERROR_FIELD_NUMBER: _ClassVar[int]
    CREATED_AT_FIELD_NUMBER: _ClassVar[int]
    COMPLETED_AT_FIELD_NUMBER: _ClassVar[int]
    LOGS_FIELD_NUMBER: _ClassVar[int]
    EXPORTER_RESPONSE_FIELD_NUMBER: _ClassVar[int]
    RESULT_FIELD_NUMBER: _ClassVar[int]
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    GENERATION_FIELD_NUMBER: _ClassVar[int]
    TRACE_FIELD_NUMBER: _ClassVar[int]
    PINNED_FIELD_NUMBER: _ClassVar[int]
    NUM_CACHED_STEPS_FIELD_NUMBER: _ClassVar[int]
    NUM_TOTAL_STEPS_FIELD_NUMBER: _ClassVar[int]
    NUM_COMPLETED_STEPS_FIELD_NUMBER: _ClassVar[int]
    EXTERNAL_ERROR_FIELD_NUMBER: _ClassVar[int]
    NUM_WARNINGS_FIELD_NUMBER: _ClassVar[int]
    ref: str
    frontend: str
    frontend_attrs: _containers.ScalarMap[str, str]
    exporters: _containers.RepeatedCompositeFieldContainer[_control_pb2.Exporter]
    error: _common_pb2.Status
    created_at: _common_pb2.Timestamp
    completed_at: _common_pb2.Timestamp
    logs: _common_pb2.Descriptor
    exporter_response: _containers.ScalarMap[str, str]
    result: BuildResultInfo
    results: _containers.MessageMap[str, BuildResultInfo]
    generation: int
    trace: _common_pb2.Descriptor
    pinned: bool
    num_cached_steps: int
    num_total_steps: int
    num_completed_steps: int
    external_error: _common_pb2.Descriptor
    num_warnings: int
    def __init__(self, ref: _Optional[str] = ..., frontend: _Optional[str] = ..., frontend_attrs: _Optional[_Mapping[str, str]] = ..., exporters: _Optional[_Iterable[_Union[_control_pb2.Exporter, _Mapping]]] = ..., error: _Optional[_Union[_common_pb2.Status, _Mapping]] = ..., created_at: _Optional[_Union[_common_pb2.Timestamp, _Mapping]] = ..., completed_at: _Optional[_Union[_common_pb2.Timestamp, _Mapping]] = ..., logs: _Optional[_Union[_common_pb2.Descriptor, _Mapping]] = ..., exporter_response: _Optional[_Mapping[str, str]] = ..., result: _Optional[_Union[BuildResultInfo, _Mapping]] = ..., results: _Optional[_Mapping[str, BuildResultInfo]] = ..., generation: _Optional[int] = ..., trace: _Optional[_Union[_common_pb2.Descriptor, _Mapping]] = ..., pinned: _Optional[bool] = ..., num_cached_steps: _Optional[int] = ..., num_total_steps: _Optional[int] = ..., num_completed_steps: _Optional[int] = ..., external_error: _Optional[_Union[_common_pb2.Descriptor, _Mapping]] = ..., num_warnings: _Optional[int] = ...) -> None: ...

class BuildResultInfo(_message.Message):
    __slots__ = ("result_deprecated", "attestations", "results")
    class ResultsEntry(_message.Message):
        __slots__ = ("key", "value")
        KEY_FIELD_NUMBER: _ClassVar[int]
        VALUE_FIELD_NUMBER: _ClassVar[int]
        key: int
        value: _common_pb2.Descriptor
        def __init__(self, key: _Optional[int] = ..., value: _Optional[_Union[_common_pb2.Descriptor, _Mapping]] = ...) -> None: ...
    RESULT_DEPRECATED_FIELD_NUMBER: _ClassVar[int]
    ATTESTATIONS_FIELD_NUMBER: _ClassVar[int]
    RESULTS_FIELD_NUMBER: _ClassVar[int]
    result_deprecated: _common_pb2.Descriptor
    attestations: _containers.RepeatedCompositeFieldContainer[_common_pb2.Descriptor]
    results: _containers.MessageMap[int, _common_pb2.Descriptor]
    def __init__(self, result_deprecated: _Optional[_Union[_common_pb2.Descriptor, _Mapping]] = ..., attestations: _Optional[_Iterable[_Union[_common_pb2.Descriptor, _Mapping]]] = ..., results: _Optional[_Mapping[int, _common_pb2.Descriptor]] = ...) -> None: ...

class UpdateBuildHistoryRequest(_message.Message):
    __slots__ = ("ref", "pinned", "delete", "finalize")
    REF_FIELD_NUMBER: _ClassVar[int]
    PINNED_FIELD_NUMBER: _ClassVar[int]
    DELETE_FIELD_NUMBER: _ClassVar[int]
    FINALIZE_FIELD_NUMBER: _ClassVar[int]
    ref: str
    pinned: bool
    delete: bool
    finalize: bool
    def __init__(self, ref: _Optional[str] = ..., pinned: _Optional[bool] = ..., delete: _Optional[bool] = ..., finalize: _Optional[bool] = ...) -> None: ...

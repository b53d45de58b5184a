"""`grpc.health.v1`, which Kubernetes and proxies ask a gRPC server whether it takes requests.

Only `Check`: clients take a server without `Watch` for one that is well.
"""

import asyncio
from collections.abc import Callable
from concurrent.futures import Executor

import grpc
from google.protobuf.message import DecodeError
from google.protobuf.wrappers_pb2 import StringValue

from sightline_core.errors import BackendError

_SERVICE = "grpc.health.v1.Health"
_SERVING, _NOT_SERVING = b"\x08\x01", b"\x08\x02"
"""A `HealthCheckResponse`, whose only field is a number."""


def health_handler(
    services: list[str], check: Callable[[], None], threads: Executor
) -> grpc.GenericRpcHandler:
    """Return what answers for `services`, and for the server as a whole, without a key.

    `check` runs in one of `threads` and raises `BackendError` while requests are refused.
    """
    known = {"", *services}

    async def answer(body: bytes, context: "grpc.aio.ServicerContext[bytes, bytes]") -> bytes:
        if _asked_about(body) not in known:
            await context.abort(grpc.StatusCode.NOT_FOUND, "there is no such service")
        try:
            await asyncio.get_running_loop().run_in_executor(threads, check)
        except BackendError:
            return _NOT_SERVING
        return _SERVING

    return grpc.method_handlers_generic_handler(
        _SERVICE, {"Check": grpc.unary_unary_rpc_method_handler(answer)}
    )


def _asked_about(body: bytes) -> str | None:
    """Return the service of a `HealthCheckRequest`, which is on the wire what a `StringValue` is."""
    try:
        return StringValue.FromString(body).value
    except DecodeError:
        return None

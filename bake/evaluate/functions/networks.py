"""IP networks in CIDR notation."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, NamedTuple

from bake.evaluate.functions.arguments import int_argument
from bake.evaluate.functions.function import Function, FunctionError, Parameter
from bake.evaluate.types import NUMBER, STRING, List
from bake.evaluate.values import Value, list_of, string

if TYPE_CHECKING:
    from collections.abc import Sequence

    from bake.host import Host

_MAX_EXTENSION: Final = 32


class _Network(NamedTuple):
    """The first address as an integer, the length of the prefix, and that of an address (32 or 128)."""

    first: int
    prefix: int
    bits: int

    @property
    def last(self) -> int:
        return self.first | _ones(self.bits - self.prefix)

    def __str__(self) -> str:
        return f"{_address(self.first, self.bits)}/{self.prefix}"


def _ones(count: int) -> int:
    return (1 << count) - 1


def _within(address: int, prefix: int, bits: int) -> _Network:
    """The network with that prefix that holds the address."""
    return _Network(address & ~_ones(bits - prefix), prefix, bits)


def _address(number: int, bits: int) -> str:
    from ipaddress import IPv4Address, IPv6Address

    return str(IPv4Address(number) if bits == 32 else IPv6Address(number))


def _parse(value: Value, argument: int | None = None) -> _Network:
    from ipaddress import AddressValueError, IPv4Address, IPv6Address

    address, slash, mask = value.raw.partition("/")
    try:
        parsed = IPv6Address(address) if ":" in address and "%" not in address else IPv4Address(address)
        bits = parsed.max_prefixlen
        if slash and mask.isascii() and mask.isdecimal() and len(mask) < 10 and int(mask) <= bits:
            return _within(int(parsed), int(mask), bits)
    except AddressValueError:
        pass
    raise FunctionError(f"invalid CIDR expression: invalid CIDR address: {value.raw}", argument)


def _host_address(arguments: Sequence[Value], _host: Host) -> Value:
    number = int_argument(arguments[1])
    network = _parse(arguments[0])
    largest = _ones(network.bits - network.prefix)
    # negative numbers count from the end
    offset = number if number >= 0 else largest + number + 1
    if not 0 <= offset <= largest:
        message = f"prefix of {network.prefix} does not accommodate a host numbered {number}"
        raise FunctionError(message)
    return string(_address(network.first | offset, network.bits))


def _netmask(arguments: Sequence[Value], _host: Host) -> Value:
    network = _parse(arguments[0])
    return string(_address(_ones(network.bits) ^ _ones(network.bits - network.prefix), network.bits))


def _subnet(arguments: Sequence[Value], _host: Host) -> Value:
    extension, number = int_argument(arguments[1]), int_argument(arguments[2])
    network = _parse(arguments[0])
    if extension > _MAX_EXTENSION:
        raise FunctionError(f"may not extend prefix by more than {_MAX_EXTENSION} bits")
    prefix = network.prefix + extension
    if not 0 <= prefix <= network.bits:
        message = f"insufficient address space to extend prefix of {network.prefix} by {extension}"
        raise FunctionError(message)
    # with a negative extension the reference checks only what would not fit an address
    limit = _ones(extension) if extension >= 0 else _ones(prefix)
    if not 0 <= number <= limit:
        message = f"prefix extension of {extension} does not accommodate a subnet numbered {number}"
        raise FunctionError(message)
    first = network.first | number << network.bits - prefix
    return string(str(_Network(first, prefix, network.bits)))


def _subnets(arguments: Sequence[Value], _host: Host) -> Value:
    network = _parse(arguments[0], 0)
    extensions = [int_argument(value, index) for index, value in enumerate(arguments[1:], 1)]
    found: list[Value] = []
    following = network.first
    for index, extension in enumerate(extensions, 1):
        prefix = _extended(network, extension, index)
        size = 1 << network.bits - prefix
        # the next place that is a multiple of the size
        first = -(-following // size) * size
        if first > network.last:
            before = found[-1].raw if found else str(_before(network, prefix))
            raise FunctionError(
                f"not enough remaining address space for a subnet with a prefix of {prefix} bits"
                f" after {before}",
                index,
            )
        found.append(string(str(_Network(first, prefix, network.bits))))
        following = first + size
    return list_of(STRING, found)


def _before(network: _Network, prefix: int) -> _Network:
    return _within((network.first - 1) & _ones(network.bits), prefix, network.bits)


def _extended(network: _Network, extension: int, index: int) -> int:
    if extension < 1:
        raise FunctionError("must extend prefix by at least one bit", index)
    if extension > _MAX_EXTENSION:
        raise FunctionError(f"may not extend prefix by more than {_MAX_EXTENSION} bits", index)
    prefix = network.prefix + extension
    if prefix > network.bits:
        protocol = "IPv4" if network.bits == 32 else "IPv6"
        message = f"would extend prefix to {prefix} bits, which is too long for an {protocol} address"
        raise FunctionError(message, index)
    return prefix


_PREFIX: Final = Parameter("prefix", STRING)
FUNCTIONS: Final = {
    "cidrhost": Function(_host_address, (_PREFIX, Parameter("hostnum", NUMBER)), returns=STRING),
    "cidrnetmask": Function(_netmask, (_PREFIX,), returns=STRING),
    "cidrsubnet": Function(
        _subnet, (_PREFIX, Parameter("newbits", NUMBER), Parameter("netnum", NUMBER)), returns=STRING
    ),
    "cidrsubnets": Function(_subnets, (_PREFIX,), Parameter("newbits", NUMBER), List(STRING)),
}

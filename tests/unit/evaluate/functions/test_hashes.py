from __future__ import annotations

from base64 import b64encode

import bcrypt
import pytest

from bake.evaluate import functions, number, types
from bake.evaluate.functions import FunctionError
from bake.evaluate.values import Value, string
from bake.host import Host

COUNTED = Host(random=lambda count: bytes(range(count)))

# a key made for this test alone, and "hello" encrypted with it
KEY = """-----BEGIN RSA PRIVATE KEY-----
MIICXgIBAAKBgQC3tA9a7+n6YN8yc2+ygZpg8TYTzoRE1CUfv3AnQ3/1digjtYrV
LjL58xb+g1PqBPP6gVRvPTh8f/eS6Z3Gz3XBf6o1bdsqg9T2vRR3c3bvbYftHGMv
GNdv/kGIl5VFplNJOw1+2/vVY7A739Lz6sc/EtxhLDcjllA7BSYhs8aBIQIDAQAB
AoGBAIQBuf8I48PuFLV2Sk+l3j/HVarJ/jZPlBXKRVeRo8PJknKGpCsotazzSBTA
Xm6N/JyIjxoYjhy5ADjr81rH/b9Ex5AP7uO/tbPtb7yW3fIyTcP/5sANrs2ueTxf
hO9Au2RfQ1mwaJmO5CMRF2m8EAy488THXEP0stuL9k0J4wwhAkEA2gcA9vi06M+e
R5FpVhYRpLTFYFpozGyP14r5N5qz6yevvo0vn+6pmwA6tdoOlzN4Ab08+f7XbBmC
ek403yRHFQJBANeyrpGzSb7CfElaKncfbwJ08uNdWN7pTBSKjpaJoMeVHa9Lzda+
6lwZ1OMS+9sYqQW/Oy8doe2IjVgNB14plN0CQQCL0x4NRadP/4a0w07YxMJ/7OcA
SjsXjzAYvanivTZRw1v0SruWSAtBur3sTnI5CesWwnROp98kFqAVK/7AdJWZAkB4
JY55mA121WxXi4Ll8btq+eulXAS5vefj9T3xel31bgkn8KiKerOec8ESbyuc4gKc
MeXsm6vr3Mkmh7NX7v99AkEArobQpLBdtfERQNmEM5eq2YaobXqTE5tS5R/C7KWL
9eGu6g9XwGvIxAXWhC3wgnlbSWLUtHz0ngeC9qaLBUWPTA==
-----END RSA PRIVATE KEY-----
"""
HELLO = (
    "GBBf5qu9fBnE/MteJRSvNkF8KauDTe6I7RTiHPaN/nZSamg3GHtymtVtx+sK8Dr6fFZHRIwmi4Evyg3yPVG8SW+E"
    "j/reO0Ks9kAUvCJHdQzkL6iPCMQnY2o62vuir1IemUUKOicdwO4i4l+HdP1fGZjPmmwFnLVSt6pJjeRbmbQ="
)


def called(name: str, *arguments: Value, host: Host = COUNTED) -> str:
    function = functions.find(name)
    assert function is not None
    return str(function.call(arguments, host).raw)


def test_a_random_uuid_is_made_of_the_host_s_bytes() -> None:
    assert called("uuidv4") == "00010203-0405-4607-8809-0a0b0c0d0e0f"


def test_a_password_s_hash_is_salted_with_the_host_s_bytes() -> None:
    cost = Value(types.NUMBER, number.integer(4))
    found = called("bcrypt", string("secret"), cost)
    assert found.startswith("$2a$04$..CA.uOD/eaGAOmJB.yMBu")
    assert bcrypt.checkpw(b"secret", found.encode())


def test_a_cost_that_takes_days_is_refused() -> None:
    with pytest.raises(FunctionError, match="use at most 16"):
        called("bcrypt", string("secret"), Value(types.NUMBER, number.integer(31)))


def test_decryption() -> None:
    assert called("rsadecrypt", string(HELLO), string(KEY)) == "hello"


@pytest.mark.parametrize(
    ("text", "key", "fault"),
    [
        ("?", KEY, 'failed to decode input "?": cipher text must be base64-encoded'),
        (HELLO, "nothing", "failed to parse key: no key found"),
        (HELLO, KEY.replace("KEY-----\n", "KEY-----\n?"), "failed to parse key: no key found"),
        (b64encode(b"a" * 128).decode(), KEY, "crypto/rsa: decryption error"),
        (b64encode(b"a" * 300).decode(), KEY, "crypto/rsa: decryption error"),
        (HELLO, "-----BEGIN RSA PRIVATE KEY-----\nMAA=\n-----END RSA PRIVATE KEY-----", "too few parts"),
        (HELLO, "-----BEGIN RSA PRIVATE KEY-----\nMAU=\n-----END RSA PRIVATE KEY-----", "cut off"),
        (HELLO, "-----BEGIN RSA PRIVATE KEY-----\nAAAA\n-----END RSA PRIVATE KEY-----", "not in PKCS #1"),
        (
            HELLO,
            "-----BEGIN RSA PRIVATE KEY-----\nProc-Type: 4,ENCRYPTED\n\nMAA=\n-----END RSA PRIVATE KEY-----",
            "password protected keys are not supported",
        ),
    ],
)
def test_what_cannot_be_decrypted(text: str, key: str, fault: str) -> None:
    with pytest.raises(FunctionError) as caught:
        called("rsadecrypt", string(text), string(key))
    assert fault in caught.value.message
    assert "PRIVATE KEY" not in caught.value.message

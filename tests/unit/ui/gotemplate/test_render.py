"""Templates and what docker's CLI (29, Go 1.25) makes of them; observed with `docker context inspect`."""

from __future__ import annotations

from typing import Any

import pytest

from bake.errors import UsageError
from bake.gostruct import Struct
from bake.ui.gotemplate import indented_json, render

DATA: dict[str, Any] = {
    "Name": "default",
    "Metadata": {},
    "Ports": [80, 443],
    "Labels": {"b": "2", "a": "1"},
    "Image": Struct(
        {"rootfs": Struct({"diff_ids": ["x"]}), "os": "linux"},
        {"OS": "", "RootFS": None, "Variant": "", "Found": lambda: "later"},
    ),
}

SAME = [
    ("plain text", "plain text"),
    ("{{.Name}}", "default"),
    ("{{json .Labels}}", '{"b":"2","a":"1"}'),
    ("{{.Labels}}", "map[a:1 b:2]"),
    ("{{.Ports}}", "[80 443]"),
    ("{{.Labels.none}}", "<no value>"),
    ("{{.Labels.none.further}}", "<no value>"),
    ("{{.Image.RootFS.DiffIDs}}", "[x]"),
    ("[{{.Image.Variant}}]", "[]"),
    ("{{.Image}}", "{linux {[x]} }"),
    ('{{printf "%5d|%-5d|%05d|%+d|%x" 3 4 5 6 255}}', "    3|4    |00005|+6|ff"),
    ('{{printf "%s %d" 3 "x"}}', "%!s(int=3) %!d(string=x)"),
    ('{{printf "%s"}}', "%!s(MISSING)"),
    ('{{printf "a" 3}}', "a%!(EXTRA int=3)"),
    ('{{printf "%q %v %t" "a\\n\\"b" true true}}', '"a\\n\\"b" true true'),
    ('{{printf "%v %v %v" 1.5 1e30 1e-7}}', "1.5 1e+30 1e-07"),
    (
        '{{printf "%6.2f|%e|%g|%8.3e" 3.14159 3.14159 3.14159 3.14159}}',
        "  3.14|3.141590e+00|3.14159|3.142e+00",
    ),
    ('{{printf "%10s|%-10s|%.2s" "abc" "abc" "abc"}}', "       abc|abc       |ab"),
    ('{{printf "%c %U %o %b %X" 65 65 65 65 255}}', "A U+0041 101 1000001 FF"),
    ('{{printf "%q" (split "a b" " ")}}', '["a" "b"]'),
    ('{{printf "%!"}}', "%!!(MISSING)"),
    ('{{printf "%"}}', "%!(NOVERB)"),
    ('{{printf "%s|%v" nil nil}}', "%!s(<nil>)|<nil>"),
    ('{{printf "%#x|%#o|% d" 255 8 5}}', "0xff|010| 5"),
    (
        "{{1.0}}|{{1e3}}|{{100000000.0}}|{{0x1F}}|{{017}}|{{1_000}}|{{'a'}}|{{.5}}",
        "1|1000|1e+08|31|15|1000|97|0.5",
    ),
    ('{{"\\u00e9\\x41\\101"}}{{`raw\\n`}}', "éAAraw\\n"),
    ('{{.Name | upper | printf "%s-%s" "a"}}', "a-DEFAULT"),
    ('{{title "hello world-foo_bar x1y"}}', "Hello World-Foo_bar X1y"),
    ('{{truncate "hello" 3}}{{truncate "hello" 30}}', "helhello"),
    ('{{pad "x" 2 3}}|{{pad "" 2 3}}|', "  x   ||"),
    ('{{json (split "a,b,c" ",")}}{{split "ab" ""}}', '["a","b","c"][a b]'),
    ('{{join (split "a,b,c" ",") "-"}}{{join .Ports "+"}}{{join nil ","}}', "a-b-c80+443"),
    ("{{range $i, $v := .Ports}}{{$i}}={{$v}};{{end}}", "0=80;1=443;"),
    ("{{range .Labels}}{{.}}{{end}}{{range $k, $v := .Labels}}{{$k}}{{$v}}{{end}}", "12a1b2"),
    ("{{range .Metadata}}x{{else}}none{{end}}", "none"),
    ("{{range 3}}{{.}}{{end}}", "012"),
    ("{{range .Ports}}{{if eq . 80}}{{continue}}{{end}}{{.}}{{end}}", "443"),
    ("{{range .Ports}}{{if eq . 443}}{{break}}{{end}}{{.}}{{end}}", "80"),
    ('{{if eq .Name "x" "default"}}yes{{else}}no{{end}}', "yes"),
    ("{{if .Metadata}}a{{else if .Name}}b{{else}}c{{end}}", "b"),
    ("{{with $x := .Name}}{{$x}}{{$.Name}}{{end}}", "defaultdefault"),
    ("{{with false}}x{{else with true}}y{{end}}", "y"),
    ("{{$x := 1}}{{if true}}{{$x = 2}}{{end}}{{$x}}", "2"),
    ("{{$x := 1}}{{if true}}{{$x := 2}}{{end}}{{$x}}", "1"),
    ("{{len .Name}}{{len .Labels}}{{len .Ports}}", "722"),
    ('{{index .Labels "b"}}{{index .Ports 1}}[{{index .Labels "none"}}]', "2443[]"),
    ('{{and 1 0}}{{or 0 "x"}}{{not 1}}', "0xfalse"),
    ('{{lt 1 2}}{{gt 1 2}}{{le 1 1}}{{ge "a" "b"}}{{ne 1 2}}', "truefalsetruefalsetrue"),
    ("{{or true (index .Ports 9)}}", "true"),
    ('{{println "a" 3 4 "b"}}|{{print "a" 3 4 "b"}}', "a 3 4 b\n|a3 4b"),
    ("{{/* comment */}}x{{- /* comment */ -}} x", "xx"),
    ('a {{- "b" -}} c', "abc"),
    ("a{{- 3}} {{ -3 -}} \n b", "a3 -3b"),
    ('{{slice "hello" 1 3}}{{slice .Ports 1}}', "el[443]"),
    ('{{json "<a>&"}}{{json nil}}{{json true}}', '"<a>&"nulltrue'),
    ("{{(index .Ports 0)}}{{(.Name | upper) | lower}}{{(.Image).OS}}", "80defaultlinux"),
    ('{{urlquery "a b&c"}}', "a+b%26c"),
]


@pytest.mark.parametrize(("template", "expected"), SAME)
def test_a_template_gives_what_go_gives(template: str, expected: str) -> None:
    assert render(template, DATA) == expected


FAULTS = [
    ("{{.Nope}}", "1,3-8", 'executing ".Nope": can\'t evaluate field Nope'),
    ("{{.Image.Nope}}", "1,3-14", 'executing ".Image.Nope": can\'t evaluate field Nope'),
    ("{{.Name.Foo}}", "1,3-12", 'executing ".Name.Foo": can\'t evaluate field Foo in type string'),
    ("x\n  {{foo}}", "2,5-8", 'function "foo" not defined'),
    ("{{index .Ports 5}}", "1,3-8", "error calling index: index out of range: 5"),
    ('{{lt 1 "x"}}', "1,3-5", "error calling lt: incompatible types for comparison"),
    ("{{upper}}", "1,3-8", "wrong number of args for upper: got 0"),
    ("{{upper 3}}", "1,3-8", "error calling upper: wrong type for value; expected string; got int"),
    ('{{"a" "b"}}', "1,3-6", "can't give argument to non-function"),
    ('{{.Name "b"}}', "1,3-8", ".Name has arguments but cannot be invoked as function"),
    ("{{if}}", "1,5-7", "missing value for if"),
    ("{{if true}}x", "1,3-5", "unexpected EOF: {{if}} has no end"),
    ("{{end}}", "1,3-6", "unexpected {{end}}"),
    ("{{range .Ports}}{{else}}{{else}}{{end}}", "1,27-31", "expected end; found {{else}}"),
    ("{{break}}", "1,3-8", "{{break}} outside {{range}}"),
    ("{{$x}}", "1,3-5", 'undefined variable "$x"'),
    ("{{if true}}{{$y := 1}}{{end}}{{$y}}", "1,32-34", 'undefined variable "$y"'),
    ('{{"a"b}}', "1,6-7", "unexpected 'b' in operand"),
    ('{{"open}}', "1,3-4", "unterminated quoted string"),
    ("{{.Name", "1,1-8", "unclosed action"),
    ("{{ | upper}}", "1,4-5", "unexpected '|' in command"),
    ("{{.Name | 3}}", "1,11-12", "non executable command in pipeline"),
    ('{{define "x"}}{{end}}', "1,3-9", "{{define}} is not supported"),
    ('{{template "x"}}', "1,3-11", "{{template}} is not supported"),
    ("{{1e400}}", "1,3-8", "number out of range: '1e400'"),
    ("{{nil}}", "1,3-6", "nil is not a command"),
    ('{{printf "%#v" 1}}', "1,3-9", "error calling printf: printf's %#v is not supported"),
    ("{{range .Name}}{{end}}", "1,9-14", "range can't iterate over default"),
]


@pytest.mark.parametrize(("template", "place", "message"), FAULTS)
def test_a_fault_is_named_with_its_place(template: str, place: str, message: str) -> None:
    with pytest.raises(UsageError) as caught:
        render(template, DATA)
    assert str(caught.value) == f"--format:{place}: template: {message}"


def test_the_next_step_names_what_there_is() -> None:
    with pytest.raises(UsageError) as caught:
        render("{{.Nope}}", {"Name": 1, "Status": 2})
    assert caught.value.hint == "there are .Name, .Status"


def test_json_is_the_callers() -> None:
    assert render("{{json .}}", {"a": ["<"]}, json=indented_json) == '{\n  "a": [\n    "\\u003c"\n  ]\n}'

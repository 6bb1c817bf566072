# SPDX-FileCopyrightText: 2026 The banzhaf developers
# SPDX-License-Identifier: MIT
"""Test result files: round trips, damaged and hostile files, and failures to write."""

from __future__ import annotations

import io
import json
import os
import re
import stat
import struct
import sys
import threading
import tracemalloc
import zipfile

import numpy as np
import pytest
from numpy.lib import format as npy

import banzhaf
from banzhaf._support import npz

MEMORY = 2**26  # far more than small results take, far less than hostile files declare


def values_of(outputs=None, **options):
    weights = np.arange(1.0, 7.0) if outputs is None else np.outer(np.arange(1.0, 7.0), np.arange(1.0, outputs + 1))
    return banzhaf.estimate(lambda c: np.sqrt(1 + c @ weights), 6, budget=40, random_state=3, **options)


def explanation_of(data):
    explain = banzhaf.Explainer(lambda rows: rows.prod(axis=1), np.ones((2, 3)), random_state=0)
    explanation = explain(np.arange(6.0).reshape(2, 3))
    fields = {name: getattr(explanation, name) for name in explanation.__dataclass_fields__}
    return banzhaf.Explanation(**fields | {"data": data})


RESULTS = {
    "values": values_of(),
    "outputs": values_of(outputs=3, player_names=list("pqrstu")),
    "diagnosis": banzhaf.diagnose(values_of()),
    "explanation": explanation_of(np.arange(6.0).reshape(2, 3)),
    "mixed": explanation_of(np.array([["a", None, 2**70], [float("nan"), True, -0.0]], dtype=object)),
}
EVERY_RESULT = pytest.mark.parametrize("result", RESULTS.values(), ids=RESULTS)


def content_of(result, tmp_path):
    result.save(tmp_path / "sound")
    return (tmp_path / "sound").read_bytes()


def members_of(content):
    with zipfile.ZipFile(io.BytesIO(content)) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def packed(members, compression=zipfile.ZIP_DEFLATED, **options):
    """Return an archive of members with correct checksums."""
    stream = io.BytesIO()
    with zipfile.ZipFile(stream, "w", compression) as archive:
        for name, content in dict(members).items():
            archive.writestr(name, content, **options)
    return stream.getvalue()


def array(content, **changes):
    """Return an npy file with another header."""
    stream = io.BytesIO()
    npy.write_array_header_1_0(stream, {"descr": "<f8", "fortran_order": False, "shape": (6,)} | changes)
    return stream.getvalue() + content


def load(content, tmp_path):
    """Load such a file, and check that it takes little memory whatever it declares."""
    (tmp_path / "file").write_bytes(content)
    tracemalloc.start()
    try:
        return banzhaf.load(tmp_path / "file")
    finally:
        assert tracemalloc.get_traced_memory()[1] < MEMORY
        tracemalloc.stop()


def refused(content, tmp_path, match="file'"):
    with pytest.raises(ValueError, match=match) as caught:
        load(content, tmp_path)
    assert not isinstance(caught.value, UnicodeError)


def load_or_none(content, tmp_path):
    """Load such a file, or return None if it is refused."""
    (tmp_path / "file").write_bytes(content)
    try:
        return banzhaf.load(tmp_path / "file")
    except ValueError as error:
        told = str(error)
    assert "file'" in told
    return None


class TestRoundTrip:
    @pytest.mark.parametrize(
        "names",
        [
            np.array(["a", "b", "c"]),
            np.array(["a", "b", "c"], dtype=object),
            ["", " ", "\0"],
            ["\ud800", "\udfff", "\ud83d\ude00"],
            ["☂", "\U0001f600", "\N{COMBINING ACUTE ACCENT}"],
            ['"', "\\", "\n"],
        ],
        ids=["numpy", "objects", "empty", "surrogates", "unicode", "quotes"],
    )
    def test_names(self, names, tmp_path):
        values = banzhaf.exact(lambda c: c.sum(axis=1), 3, player_names=names)
        values.save(tmp_path / "v")
        loaded = banzhaf.load(tmp_path / "v")
        assert loaded == values
        assert loaded.player_names == tuple(map(str, names))

    @EVERY_RESULT
    def test_equal_results_make_equal_files(self, result, tmp_path):
        first = content_of(result, tmp_path)
        assert content_of(result, tmp_path) == first
        assert banzhaf.load(tmp_path / "sound") == result

    def test_fortran_order(self, tmp_path):
        values = RESULTS["outputs"]
        members = members_of(content_of(values, tmp_path))
        content = np.ravel(values.values, order="F").tobytes()
        members["values.npy"] = array(content, shape=(6, 3), fortran_order=True)
        assert load(packed(members), tmp_path) == values

    def test_big_endian(self, tmp_path):
        values = RESULTS["values"]
        members = members_of(content_of(values, tmp_path))
        members["values.npy"] = array(values.values.astype(">f8").tobytes(), descr=">f8")
        assert load(packed(members), tmp_path) == values

    @EVERY_RESULT
    def test_archives_rewritten_by_numpy(self, result, tmp_path):
        with np.load(io.BytesIO(content_of(result, tmp_path)), allow_pickle=False) as opened:
            members = dict(opened)
        for write in (np.savez, np.savez_compressed):
            stream = io.BytesIO()
            write(stream, **members)
            assert load(stream.getvalue(), tmp_path) == result

    def test_arrays_that_shrink_a_thousandfold(self, tmp_path, monkeypatch):
        """Their file must not look like a zip bomb."""
        monkeypatch.setattr(npz, "_FREE_BYTES", 0)
        monkeypatch.setattr(npz, "_FREE_TEXT", 0)
        monkeypatch.setattr(npz, "_CHUNK", 2**10)
        values = banzhaf.exact(np.zeros(2**12), 12, player_names=[" " * (20_000 + i) for i in range(12)])
        values.save(tmp_path / "v")
        assert banzhaf.load(tmp_path / "v") == values
        with zipfile.ZipFile(tmp_path / "v") as archive:
            assert {info.compress_type for info in archive.infolist()} == {zipfile.ZIP_STORED}

    def test_zip64(self, tmp_path, monkeypatch):
        monkeypatch.setattr(zipfile, "ZIP_FILECOUNT_LIMIT", 2)
        content = content_of(RESULTS["values"], tmp_path)
        assert b"PK\x06\x06" in content
        assert load(content, tmp_path) == RESULTS["values"]
        for place in range(len(content) - 22 - 20 - 56, len(content)):
            damaged = bytearray(content)
            damaged[place] ^= 0xFF
            loaded = load_or_none(bytes(damaged), tmp_path)
            assert loaded is None or loaded == RESULTS["values"]


def damage(content, rng):
    """Return a copy of a file with one random damage."""
    place = int(rng.integers(len(content)))
    kind = rng.integers(6)
    if kind == 0:  # a bit
        return content[:place] + bytes([content[place] ^ (1 << rng.integers(8))]) + content[place + 1 :]
    if kind == 1:  # a byte
        return content[:place] + rng.bytes(1) + content[place + 1 :]
    if kind == 2:  # more bytes
        return content[:place] + rng.bytes(rng.integers(1, 30)) + content[place:]
    if kind == 3:  # fewer bytes
        return content[:place] + content[place + rng.integers(1, 30) :]
    if kind == 4:  # the end is missing
        return content[:place]
    other = int(rng.integers(len(content)))  # a part is repeated
    return content[:place] + content[other : other + rng.integers(1, 200)] + content[place:]


def fuzz(result, count, tmp_path, seed):
    content, rng, n_refused = content_of(result, tmp_path), np.random.default_rng(seed), 0
    for _ in range(count):
        loaded = load_or_none(damage(content, rng), tmp_path)
        # Dates and permissions of members are ignored; all other content has a checksum.
        assert loaded is None or loaded == result
        n_refused += loaded is None
    assert n_refused > count / 2


def fuzz_members(result, count, tmp_path, seed):
    """Like `fuzz`, but with correct checksums: whatever loads must be a complete result."""
    members, rng = members_of(content_of(result, tmp_path)), np.random.default_rng(seed)
    for _ in range(count):
        name = rng.choice(list(members))
        changed = members | {str(name): damage(members[name], rng)}
        if rng.random() < 0.2:
            changed[str(rng.choice(list(members)))] = members[name]
        loaded = load_or_none(packed(changed), tmp_path)
        if loaded is None:
            continue
        assert type(loaded) is type(result)
        assert isinstance(repr(loaded), str)
        loaded.save(tmp_path / "again")
        assert banzhaf.load(tmp_path / "again") == loaded


class TestDamaged:
    @EVERY_RESULT
    def test_some(self, result, tmp_path):
        fuzz(result, 120, tmp_path, 0)
        fuzz_members(result, 60, tmp_path, 1)

    @pytest.mark.slow
    @EVERY_RESULT
    def test_many(self, result, tmp_path):
        fuzz(result, 1500, tmp_path, 2)
        fuzz_members(result, 1500, tmp_path, 3)

    @EVERY_RESULT
    def test_cut_off(self, result, tmp_path):
        content = content_of(result, tmp_path)
        for end in range(0, len(content), 41):
            refused(content[:end], tmp_path, "damaged")

    @pytest.mark.parametrize("kind", ["folder", "missing"])
    def test_errors_of_the_system_are_unchanged(self, kind, tmp_path):
        path = tmp_path if kind == "folder" else tmp_path / "missing"
        with pytest.raises(OSError, match=re.escape(path.name)):
            banzhaf.load(path)

    @pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="no pipes with names there")
    def test_a_pipe_is_not_waited_for(self, tmp_path):
        os.mkfifo(tmp_path / "pipe")
        with pytest.raises(ValueError, match="it is not a regular file"):
            banzhaf.load(tmp_path / "pipe")


HEADERS = {
    "another magic": b"\x93NUMPX\x01\x00\x76\x00" + b" " * 118,
    "version 2": b"\x93NUMPY\x02\x00\xff\xff\xff\x7f",
    "version 3": b"\x93NUMPY\x03\x00\x76\x00\x00\x00",
    "no header": b"\x93NUMPY\x01\x00\x00\x00",
    "a longer header than there is": b"\x93NUMPY\x01\x00\xff\xff{}",
    "nothing": b"",
    "huge": array(bytes(48), shape=(2**50,)),
    "huge in all": array(bytes(48), shape=(2**32, 2**32)),
    "beyond all integers": array(bytes(48), shape=(10**30,)),
    "many dimensions": array(bytes(48), shape=(1,) * 40 + (6,)),
    "negative": array(bytes(48), shape=(-6,)),
    "no integer": array(bytes(48), shape=(6.0,)),
    "one too many": array(bytes(48), shape=(7,)),
    "one too few": array(bytes(48), shape=(5,)),
    "wide strings": array(bytes(48), descr="<U1000000000", shape=(1,)),
    "bytes": array(bytes(48), descr="|S48", shape=(1,)),
    "objects": array(bytes(48), descr="|O"),
    "fields": array(bytes(48), descr=[("a", "<f8")]),
    "a part of an array": array(bytes(48), descr=("<f8", (6,)), shape=(1,)),
    "complex": array(bytes(48), descr="<c16", shape=(3,)),
    "dates": array(bytes(48), descr="<M8[s]"),
    "void": array(bytes(48), descr="|V8"),
    "single precision": array(bytes(24), descr="<f4"),
    "nested": b"\x93NUMPY\x01\x00\xe8\x03" + b"(" * 1000,
    "code": b"\x93NUMPY\x01\x00\x20\x00__import__('os').system('true') \n",
}

TEXTS = {
    "no UTF-8": b'{"format": 1, "class": "\xff"}',
    "UTF-16": '{"format": 1}'.encode("utf-16"),
    "deep lists": b"[" * 200_000,
    "deep objects": b'{"format":' * 100_000,
    "deep tuples": b'{"format": 1, "class": "BanzhafValues", "fields": {"design": '
    + b'{"tuple": [' * 400
    + b"]}" * 400
    + b"}}",
    "a huge integer": b'{"format": 1' + b"0" * 10**6 + b"}",
    "NaN": b'{"format": NaN, "class": "BanzhafValues", "fields": {}}',
    "a key twice": b'{"format": 1, "format": 1, "class": "BanzhafValues", "fields": {}}',
    "no object": b"[]",
    "nothing": b"",
    "true for 1": b'{"format": true, "class": "BanzhafValues", "fields": {}}',
    "fields in a list": b'{"format": 1, "class": "BanzhafValues", "fields": []}',
    "no fields": b'{"format": 1, "class": "BanzhafValues"}',
}

FIELDS = {
    "a list": {"design": []},
    "another object": {"design": {"a": 1}},
    "a number that is none": {"condition_number": {"float": "1_0"}},
    "a tuple of no list": {"player_names": {"tuple": "abcdef"}},
    "a tuple of another length": {"player_names": {"tuple": ["a"]}},
    "a tuple of numbers": {"player_names": {"tuple": [1, 2, 3, 4, 5, 6]}},
    "an array of another size": {"design": {"array": ["a"], "shape": [2]}},
    "an array of unknown size": {"design": {"array": ["a"], "shape": [-1]}},
    "an array of huge sizes": {"design": {"array": ["a"], "shape": [10**4000] * 1000}},
    "an array for a string": {"design": {"array": ["a"], "shape": [1]}},
    "an array of texts": {"values": {"array": list("123456"), "shape": [6]}},
    "text for a number": {"rank": "6"},
    "a fraction for a count": {"rank": 5.5},
    "more than there can be": {"rank": 7},
    "a negative seed": {"random_state": -1},
    "an unknown field": {"colour": "red"},
    "None for a string": {"stopped": None},
}


class TestHostile:
    @pytest.mark.parametrize("what", HEADERS)
    @pytest.mark.parametrize("member", ["values.npy", "__banzhaf__.npy"])
    def test_headers(self, member, what, tmp_path):
        members = members_of(content_of(RESULTS["values"], tmp_path)) | {member: HEADERS[what]}
        for compression in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
            refused(packed(members, compression), tmp_path)

    @pytest.mark.parametrize("what", TEXTS)
    def test_texts(self, what, tmp_path):
        members = members_of(content_of(RESULTS["values"], tmp_path))
        text = TEXTS[what]
        refused(packed(members | {"__banzhaf__.npy": array(text, descr="|u1", shape=(len(text),))}), tmp_path)

    @pytest.mark.parametrize("what", FIELDS)
    def test_fields(self, what, tmp_path):
        members = members_of(content_of(RESULTS["values"], tmp_path))
        metadata = json.loads(members["__banzhaf__.npy"].split(b"\n", 1)[1])
        metadata["fields"] |= FIELDS[what]
        if sys.version_info >= (3, 11):
            before = sys.get_int_max_str_digits()
            sys.set_int_max_str_digits(0)
        try:
            text = json.dumps(metadata).encode()
        finally:
            if sys.version_info >= (3, 11):
                sys.set_int_max_str_digits(before)
        members["__banzhaf__.npy"] = array(text, descr="|u1", shape=(len(text),))
        refused(packed(members), tmp_path, "file' does not hold a whole BanzhafValues")

    @EVERY_RESULT
    def test_missing_and_added_members(self, result, tmp_path):
        members = members_of(content_of(result, tmp_path))
        for name in members:
            rest = {other: content for other, content in members.items() if other != name}
            if name not in (
                "even_variance.npy",
                "noise_variance.npy",
                "odd_variance.npy",
                "predictions.npy",
                "variance_shares.npy",
            ):  # others lack defaults
                refused(packed(rest), tmp_path)
        refused(packed(members | {"more.npy": members["r2.npy"]}), tmp_path, "it has no field 'more'")
        refused(packed(members | {"design.npy": members["r2.npy"]}), tmp_path, "whole .*: a field appears twice")
        refused(packed(members | {"README": b"hello"}), tmp_path, "'README' is not an array")

    @pytest.mark.filterwarnings("ignore:Duplicate name:UserWarning")
    def test_a_member_twice(self, tmp_path):
        members = members_of(content_of(RESULTS["values"], tmp_path))
        stream = io.BytesIO()
        with zipfile.ZipFile(stream, "w") as archive:
            for name, content in [*members.items(), ("values.npy", members["standard_errors.npy"])]:
                archive.writestr(name, content)
        refused(stream.getvalue(), tmp_path, "appears twice")

    def test_many_members(self, tmp_path):
        refused(packed({f"{i}.npy": b"" for i in range(70)}), tmp_path, "list of members is damaged, or too long")
        refused(packed({"a" * 60_000 + f"{i}.npy": b"" for i in range(2)}), tmp_path, "too long")

    @pytest.mark.parametrize("compression", [zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA])
    def test_other_compressions(self, compression, tmp_path):
        members = members_of(content_of(RESULTS["values"], tmp_path))
        refused(packed(members, compression), tmp_path, "compressed in an unknown way")

    @pytest.mark.parametrize(
        ("offset", "change"),
        [
            (8, b"\x01\x00"),
            (8, b"\x41\x20"),
            (8, b"\x20\x00"),
            (10, b"\x63\x00"),
            (6, b"\xff\xff"),
            (42, b"\xff\xff\xff\x7f"),
        ],
        ids=["encrypted", "strongly encrypted", "patched", "another method", "a later version", "outside"],
    )
    def test_other_features(self, offset, change, tmp_path):
        """Change bytes of the central directory, at an offset into a member's entry."""
        content = bytearray(content_of(RESULTS["values"], tmp_path))
        place = content.index(b"PK\x01\x02") + offset
        content[place : place + len(change)] = change
        refused(bytes(content), tmp_path)

    def test_a_comment(self, tmp_path):
        stream = io.BytesIO(content_of(RESULTS["values"], tmp_path))
        with zipfile.ZipFile(stream, "a") as archive:
            archive.comment = b"PK\x05\x06" * 100
        refused(stream.getvalue(), tmp_path)

    def test_sizes_behind_the_data(self, tmp_path):
        """An archive written to a pipe has its sizes after the data, and it is valid."""

        class Pipe(io.BytesIO):
            def seekable(self):
                return False

            def seek(self, *args):
                raise io.UnsupportedOperation

        members, stream = members_of(content_of(RESULTS["values"], tmp_path)), Pipe()
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
            for name, content in members.items():
                archive.writestr(name, content)
        assert load(stream.getvalue(), tmp_path) == RESULTS["values"]

    def test_a_bomb(self, tmp_path, monkeypatch):
        """0.1 MB expand to 128 MB: zeros under a correct header."""
        monkeypatch.setattr(npz, "_FREE_BYTES", 2**24)
        members = members_of(content_of(RESULTS["values"], tmp_path))
        stream, count = io.BytesIO(), 2**24
        with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
            for name, content in members.items():
                if name != "values.npy":
                    archive.writestr(name, content)
            with archive.open("values.npy", "w", force_zip64=True) as member:
                member.write(array(b"", shape=(count,)))
                for _ in range(count // 2**17):
                    member.write(bytes(2**20))
        refused(stream.getvalue(), tmp_path, "would expand to far more than its size")

    def test_a_bomb_of_text(self, tmp_path):
        members = members_of(content_of(RESULTS["values"], tmp_path))
        text = b'{"format": 1, "class": "BanzhafValues", "fields": {"design": [' + b"[]," * 2**21 + b"[]]}}"
        members["__banzhaf__.npy"] = array(text, descr="|u1", shape=(len(text),))
        refused(packed(members), tmp_path, "'__banzhaf__' is too large")

    def test_a_bomb_that_declares_little(self, tmp_path):
        """Data beyond the size that the directory declares is not expanded."""
        members = members_of(content_of(RESULTS["values"], tmp_path)) | {"values.npy": array(bytes(2**24))}
        content = bytearray(packed(members))
        place = content.index(b"PK\x01\x02", content.index(b"PK\x01\x02"))
        while content[place + 46 : place + 56] != b"values.npy":
            place = content.index(b"PK\x01\x02", place + 1)
        content[place + 24 : place + 28] = struct.pack("<L", 128 + 48)
        refused(bytes(content), tmp_path, "damaged")

    def test_members_that_share_their_data(self, tmp_path):
        members = members_of(content_of(RESULTS["values"], tmp_path))
        content = bytearray(packed(members, zipfile.ZIP_STORED))
        place = content.index(b"PK\x01\x02")
        content[place + 20 : place + 24] = struct.pack("<L", len(content) - 10)
        refused(bytes(content), tmp_path, "overlap")

    def test_a_long_error_is_cut(self, tmp_path):
        members = members_of(content_of(RESULTS["values"], tmp_path))
        metadata = json.loads(members["__banzhaf__.npy"].split(b"\n", 1)[1])
        metadata["fields"]["rank"] = "6" * 10**6
        text = json.dumps(metadata).encode()
        members["__banzhaf__.npy"] = array(text, descr="|u1", shape=(len(text),))
        with pytest.raises(ValueError, match="rank must be an integer") as caught:
            load(packed(members), tmp_path)
        assert len(str(caught.value)) < 1000


NO_ROOM = """
import os, resource, signal
import numpy as np
import banzhaf

signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
values = banzhaf.exact(np.random.default_rng(0).normal(size=(2**10, 500)), 10)
resource.setrlimit(resource.RLIMIT_FSIZE, (20_000, 20_000))
try:
    values.save("sound")
except OSError as error:
    print(error.errno is not None, os.listdir())
"""


class Unlucky(Exception):
    pass


class TestSave:
    def test_the_old_file_stays_if_a_field_cannot_be_saved(self, tmp_path):
        before = content_of(RESULTS["values"], tmp_path)
        broken = values_of()
        object.__setattr__(broken, "design", {"paired"})
        with pytest.raises(TypeError, match="design holds a set, which cannot be saved"):
            broken.save(tmp_path / "sound")
        assert (tmp_path / "sound").read_bytes() == before
        assert os.listdir(tmp_path) == ["sound"]

    @pytest.mark.parametrize("error", [Unlucky(), OSError(28, "No space left on device"), KeyboardInterrupt()])
    @pytest.mark.parametrize("step", ["write_array", "fsync", "replace"])
    @pytest.mark.parametrize("exists", [True, False])
    def test_the_old_file_stays_if_writing_fails(self, exists, step, error, tmp_path, monkeypatch):
        before = content_of(RESULTS["values"], tmp_path)
        if not exists:
            os.unlink(tmp_path / "sound")

        def fail(*args, **options):
            raise error

        monkeypatch.setattr(npy if step == "write_array" else os, step, fail)
        with pytest.raises(type(error)) as caught:
            RESULTS["mixed"].save(tmp_path / "sound")
        assert caught.value is error
        monkeypatch.undo()
        assert os.listdir(tmp_path) == ["sound"] * exists
        if exists:
            assert (tmp_path / "sound").read_bytes() == before

    @pytest.mark.skipif(os.name == "nt", reason="no limits of files there")
    def test_the_old_file_stays_if_there_is_no_room(self, fresh_python, tmp_path):
        before = content_of(RESULTS["values"], tmp_path)
        assert fresh_python(NO_ROOM) == "True ['sound']\n"
        assert (tmp_path / "sound").read_bytes() == before

    def test_a_reader_sees_one_or_the_other(self, tmp_path):
        path, stop, seen = tmp_path / "v", threading.Event(), []
        RESULTS["values"].save(path)

        def read():
            while not stop.is_set():
                seen.append(banzhaf.load(path))

        reader = threading.Thread(target=read)
        reader.start()
        try:
            for i in range(40):
                RESULTS["outputs" if i % 2 == 0 else "values"].save(path)
        finally:
            stop.set()
            reader.join()
        assert all(any(found == result for result in RESULTS.values()) for found in seen)

    @pytest.mark.skipif(os.name == "nt", reason="permissions and links of POSIX")
    @pytest.mark.parametrize("mode", [0o600, 0o644, 0o664])
    def test_permissions_are_kept(self, mode, tmp_path):
        path = tmp_path / "v"
        RESULTS["values"].save(path)
        os.chmod(path, mode)
        RESULTS["mixed"].save(path)
        assert stat.S_IMODE(os.stat(path).st_mode) == mode
        assert banzhaf.load(path) == RESULTS["mixed"]

    @pytest.mark.skipif(os.name == "nt", reason="permissions and links of POSIX")
    def test_a_new_file_has_the_usual_permissions(self, tmp_path):
        (tmp_path / "usual").write_bytes(b"")
        RESULTS["values"].save(tmp_path / "v")
        assert os.stat(tmp_path / "v").st_mode == os.stat(tmp_path / "usual").st_mode

    @pytest.mark.skipif(os.name == "nt", reason="permissions and links of POSIX")
    @pytest.mark.parametrize("exists", [True, False])
    def test_links_are_followed(self, exists, tmp_path):
        (tmp_path / "folder").mkdir()
        target, link = tmp_path / "folder" / "v", tmp_path / "link"
        link.symlink_to(os.path.join("folder", "v"))
        if exists:
            RESULTS["values"].save(target)
        RESULTS["mixed"].save(link)
        assert link.is_symlink()
        assert banzhaf.load(target) == RESULTS["mixed"]
        assert os.listdir(tmp_path / "folder") == ["v"]

    @pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="the superuser may write everywhere")
    def test_write_protected_places(self, tmp_path):
        RESULTS["values"].save(tmp_path / "v")
        os.chmod(tmp_path / "v", 0o444)
        with pytest.raises(PermissionError, match="v'"):
            RESULTS["mixed"].save(tmp_path / "v")
        os.chmod(tmp_path / "v", 0o644)
        os.chmod(tmp_path, 0o555)
        try:
            with pytest.raises(PermissionError, match="v'"):
                RESULTS["mixed"].save(tmp_path / "v")
        finally:
            os.chmod(tmp_path, 0o755)
        assert banzhaf.load(tmp_path / "v") == RESULTS["values"]

    def test_places_without_a_file(self, tmp_path):
        with pytest.raises(OSError, match="folder"):
            RESULTS["values"].save(tmp_path / "folder" / "v")
        (tmp_path / "folder").mkdir()
        with pytest.raises(OSError, match="folder"):
            RESULTS["values"].save(tmp_path / "folder")
        assert os.listdir(tmp_path / "folder") == []
        for name in ("", f"{tmp_path}{os.sep}new{os.sep}"):
            with pytest.raises(OSError, match=r"No such file|directory|Invalid"):
                RESULTS["values"].save(name)
        assert os.listdir(tmp_path) == ["folder"]

    @pytest.mark.skipif(not os.path.exists("/dev/null"), reason="no devices there")
    def test_devices_are_written_to(self):
        RESULTS["values"].save("/dev/null")
        assert stat.S_ISCHR(os.stat("/dev/null").st_mode)

    @pytest.mark.parametrize("change", [str, os.fsencode], ids=["str", "bytes"])
    def test_kinds_of_paths(self, change, tmp_path, monkeypatch):
        RESULTS["values"].save(change(tmp_path / "v"))
        assert banzhaf.load(change(tmp_path / "v")) == RESULTS["values"]
        monkeypatch.chdir(tmp_path)
        RESULTS["mixed"].save(change("v"))
        assert banzhaf.load(change("v")) == RESULTS["mixed"]
        assert os.listdir(tmp_path) == ["v"]

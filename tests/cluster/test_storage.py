"""Files at addresses: what is read from and written to an object store is what a folder has."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest
from cluster.conftest import read_joined
from cluster.spark import free_port
from cluster.test_csvw import HOSTILE, describe
from cluster.test_graphs import make_lines

from glocal_rdf.cluster import Cluster, storage
from glocal_rdf.errors import InputError, OutputError
from glocal_rdf.operations.cluster_csvw import convert_tables
from glocal_rdf.operations.cluster_graphs import convert_on_cluster


@pytest.fixture(scope="module")
def options(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The options of addresses of a server that answers as S3 does, and has a bucket."""
    if os.environ.get("CI") != "true":
        pytest.importorskip("moto")
        pytest.importorskip("pyarrow")
    from moto.server import ThreadedMotoServer
    from pyarrow import fs

    port = free_port()
    with pytest.MonkeyPatch.context() as patch:
        for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
            patch.setenv(name, "test")
        server = ThreadedMotoServer("127.0.0.1", port, verbose=False)
        server.start()
        try:
            options = {"endpoint_override": f"127.0.0.1:{port}", "scheme": "http", "region": "us-east-1"}
            fs.S3FileSystem(allow_bucket_creation=True, **options).create_dir("glocal")
            yield "?" + "&".join(f"{name}={value}" for name, value in options.items())
        finally:
            server.stop()


@pytest.mark.slow
def test_tables_and_graphs_of_an_object_store(cluster: Cluster, options: str, tmp_path: Path) -> None:
    source = describe(tmp_path, HOSTILE["quotes"], {})
    for path in (source, tmp_path / "t.csv"):
        storage.write_bytes(f"s3://glocal/in/{path.name}{options}", path.read_bytes())
    out = f"s3://glocal/out{options}"
    there = f"s3://glocal/in/{source.name}{options}"
    convert_tables(cluster, there, out, range_size=4, max_tasks=2, partitions=2)
    base = f"s3://glocal/in/{source.name}"
    convert_tables(cluster, str(source), str(tmp_path / "out"), base=base, range_size=4, partitions=2)
    names = [storage.name_of(file.address) for file in storage.list_files(out)]
    assert names == ["part-00000.nt", "part-00001.nt"]
    joined = b"".join(storage.read_bytes(storage.join(out, name)) for name in names)
    assert joined == read_joined(tmp_path / "out")
    assert storage.size_of(storage.join(out, "_SUCCESS")) > 0
    # Nothing is left of the work.
    from pyarrow import fs

    system, _ = fs.FileSystem.from_uri(out)
    found = system.get_file_info(fs.FileSelector("glocal", recursive=True))
    assert not [one.path for one in found if ".tmp" in one.path]


def test_lines_of_an_object_store(options: str) -> None:
    data = make_lines(40).encode()
    storage.write_bytes(f"s3://glocal/lines.nt{options}", data)
    found = [storage.read_lines(f"s3://glocal/lines.nt{options}", at, at + 333)[1] for at in range(0, len(data), 333)]
    assert b"".join(found) == data
    with storage.open_stream(f"s3://glocal/lines.nt{options}") as stream:
        assert stream.read() == data


def test_what_cannot_be_read_or_written_is_one_line(options: str, tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"s3://glocal/none\.nt\?.*: no such file; check the name$"):
        storage.list_files(f"s3://glocal/none.nt{options}")
    with pytest.raises(InputError, match=r"nope://a/b: cannot be reached \(.*\); write s3://BUCKET/KEY"):
        storage.size_of("nope://a/b")
    with pytest.raises(InputError, match="no such file"):
        convert_on_cluster("local", f"s3://glocal/none.nt{options}", str(tmp_path / "out"), "ntriples")
    (tmp_path / "file").write_text("x")
    with pytest.raises(OutputError, match="is a file, and a cluster writes a folder"):
        convert_on_cluster("local", str(tmp_path / "file"), str(tmp_path / "file"), "ntriples", input_format="ntriples")

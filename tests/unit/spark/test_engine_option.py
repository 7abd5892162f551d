"""`--engine`: the forms it takes, refused in one line where it is none of them or where nothing drives a cluster."""

import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from analysis.__main__ import main
from analysis.errors import MachineError, RequestError, says_cluster_lost
from analysis.settings import open_run
from analysis.spark import asked_settings, session
from analysis.spark.address import parse_engine
from analysis.spark.asked_settings import ASKED, Place, look_around, missing_setting

GOOD = {
    "spark.authenticate": "true",
    "spark.network.crypto.enabled": "true",
    "spark.io.encryption.enabled": "true",
}


@pytest.mark.parametrize(
    "engine",
    [
        "duckdb",
        "spark://host-1.example:7077",
        "spark://10.0.0.1:7077,10.0.0.2:7077",
        "local-cluster[2,1,1024]",
        "sc://host:15002",
        "sc://host",
    ],
)
def test_forms_of_an_engine(engine: str) -> None:
    assert parse_engine(engine) == engine


@pytest.mark.parametrize(
    "engine",
    [
        "Spark",
        "spark://host",
        "spark://host:7077/x",
        "spark://host:7077 --conf a=b",
        "local-cluster[0,1,1024]",
        "local-cluster[2,1,100]",
        "local[2]",
        "yarn",
        "sc://host:15002/;token=a",
    ],
)
def test_other_forms_are_refused(engine: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(RequestError, match="--engine: "):
        parse_engine(engine)
    assert main(["run", "--as-of", "2021-11-07", "--engine", engine]) == 2
    assert len(capsys.readouterr().err.splitlines()) == 1


def test_what_a_cluster_lacks_is_named() -> None:
    assert missing_setting(GOOD) == ""
    instead = GOOD | {"spark.network.crypto.enabled": "false", "spark.ssl.rpc.enabled": "true"}
    assert missing_setting(instead) == ""
    for name in GOOD:
        assert missing_setting(GOOD | {name: "false"}).startswith(f"{name}=true (")
        assert missing_setting({n: v for n, v in GOOD.items() if n != name}).startswith(f"{name}=true (")
    assert missing_setting(GOOD | {"spark.eventLog.enabled": "true"}).startswith(
        "spark.eventLog.enabled=false ("
    )
    assert {name for settings, _ in ASKED for name in settings} > set(GOOD)


@pytest.mark.parametrize(
    ("place", "said"),
    [
        (Place("spark-1", True, "this"), "can open a worker's local folder 'spark-1'"),
        (Place("", False, "this"), "does not see the run's folders"),
        (Place("", True, "another"), "has another version of the programme"),
    ],
)
def test_a_worker_that_is_not_as_asked_is_refused(
    place: Place, said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = open_run("2021-11-07", raw=str(tmp_path), processed=str(tmp_path / "p"), engine="spark://h:7077")
    good = Place("", True, "this")
    monkeypatch.setattr(asked_settings, "code_mark", lambda: "this")
    monkeypatch.setattr(asked_settings, "_places", lambda *_: [good])
    asked_settings.refuse_workers(object(), run, tmp_path)  # type: ignore[arg-type]
    monkeypatch.setattr(asked_settings, "_places", lambda *_: [good, place])
    with pytest.raises(MachineError, match=said):
        asked_settings.refuse_workers(object(), run, tmp_path)  # type: ignore[arg-type]


def test_a_worker_says_what_is_to_be_known_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = open_run("2021-11-07", raw=str(tmp_path), processed=str(tmp_path / "p"), engine="spark://h:7077")
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(asked_settings, "_LOOK_SECONDS", 0)
    monkeypatch.setattr(asked_settings, "code_mark", lambda: "this")
    opened: list[Path] = []
    monkeypatch.setattr(asked_settings, "wide_folder", lambda folder: opened.append(folder))
    monkeypatch.setenv("SPARK_EXECUTOR_DIRS", f"{tmp_path}/a:{tmp_path}/b")
    assert look_around((tmp_path,), run, 0) == Place("", True, "this")
    assert opened == [tmp_path, tmp_path / "a", tmp_path / "b"]
    monkeypatch.setattr(asked_settings, "wide_folder", lambda folder: "755" if folder.name == "b" else None)
    assert look_around((tmp_path / "none",), run, 0) == Place("b", False, "this")


def test_without_pyspark_or_java_one_line_says_so(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    run = open_run("2021-11-07", raw=str(tmp_path), processed=str(tmp_path / "p"), engine="spark://h:7077")
    monkeypatch.setitem(sys.modules, "pyspark", None)
    monkeypatch.setitem(sys.modules, "pyarrow", None)
    with pytest.raises(MachineError, match="the package pyarrow is not installed") as refused:
        session.open_session(run)
    assert "\n" not in str(refused.value)
    for name in ("pyarrow", "pyspark", "sqlglot"):
        monkeypatch.setitem(sys.modules, name, session)
    monkeypatch.setenv("JAVA_HOME", str(tmp_path))
    with pytest.raises(MachineError, match="no Java is here"):
        session.open_session(run)


def test_a_server_is_asked_from_a_notebook_too(monkeypatch: pytest.MonkeyPatch) -> None:
    """A notebook's main module has no `__spec__`, for which pyspark asks."""
    asked: list[str] = []
    opened = SimpleNamespace(conf=SimpleNamespace(set=lambda name, value: asked.append(name)))

    def open_it() -> SimpleNamespace:
        assert sys.modules["__main__"].__spec__ is None
        return opened

    builder = SimpleNamespace(remote=lambda engine: SimpleNamespace(getOrCreate=open_it))
    of_sql = SimpleNamespace(SparkSession=SimpleNamespace(builder=builder))
    monkeypatch.setitem(sys.modules, "pyspark", SimpleNamespace(sql=of_sql))
    monkeypatch.setitem(sys.modules, "pyspark.sql", of_sql)
    monkeypatch.setitem(sys.modules, "__main__", SimpleNamespace())
    assert session._connect("sc://host") is opened and "spark.sql.ansi.enabled" in asked


def test_nothing_of_spark_is_imported_on_one_machine() -> None:
    command = (
        "import sys, analysis.commands, analysis.job, analysis.clean, analysis.reconcile, analysis.coverage.stage\n"
        "print(sorted({'pyspark', 'pyarrow', 'py4j', 'sqlglot'} & set(sys.modules)))"
    )
    done = subprocess.run([sys.executable, "-c", command], capture_output=True, text=True, check=True)
    assert done.stdout == "[]\n"


def test_a_lost_cluster_is_told_from_a_wrong_query() -> None:
    assert says_cluster_lost("ExecutorLostFailure (executor 1 exited caused by one of the running tasks)")
    assert not says_cluster_lost("[CAST_INVALID_INPUT] … Lost task 0.3 in stage 1.0")

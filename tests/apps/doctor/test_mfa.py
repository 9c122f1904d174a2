"""MFA through its launcher: found, too old, broken in the ways it breaks, hanging."""

from __future__ import annotations

from pathlib import Path

import pytest

from imigue_build.backends.alignment.mfa import checks
from imigue_build.backends.alignment.mfa.settings import MfaAlign
from imigue_build.backends.check import Check
from imigue_build.backends.configs import load
from tests.apps.doctor import programs
from tests.backends.alignment.mfa_fake import PHONES, FakeMfa, installed, pack


def examined(*settings: str) -> list[Check]:
    section = load("paper", settings).align
    assert isinstance(section, MfaAlign)
    return checks.examine(section)


def checked(*launcher: str) -> Check:
    words = ", ".join(f"{word!r}" for word in launcher)
    (found,) = examined(*([f"align.launcher=[{words}]"] if launcher else []))
    return found


def test_a_working_one(path: Path) -> None:
    programs.mfa(path, "some warning\n3.4.3")
    assert checked() == Check("MFA", True, "3.4.3")


def test_none_at_all() -> None:
    found = checked()
    assert not found.ok and found.needed
    assert "'mfa' cannot be run (no such file or directory)" in found.detail
    assert "conda" in found.remedy and "align.launcher=conda run --no-capture-output -n mfa mfa" in found.remedy


def test_another_version_is_too_old(path: Path) -> None:
    programs.mfa(path, "2.2.17")
    found = checked()
    assert not found.ok
    assert "2.2.17" in found.detail and "montreal-forced-aligner=3.4.*" in found.remedy


@pytest.mark.parametrize(
    ("says", "lacks", "package"),
    [
        ("Traceback ...\nModuleNotFoundError: No module named '_kalpy'", "the module _kalpy", "kalpy"),
        ("ImportError: cannot import name 'G2PCompiler' from 'kalpy.fstext.lexicon'", "kalpy.fstext.lexicon", "kalpy"),
        (
            "ModuleNotFoundError: No module named 'montreal_forced_aligner'",
            "the module montreal_forced_aligner",
            "montreal-forced-aligner=3.4.*",
        ),
        ("ThirdpartyError:\nCould not find 'fstcompile'.\nPlease ensure that", "the program fstcompile", "openfst"),
        ("/bin/sh: fstcompile: not found", "the program fstcompile", "openfst"),
        ("    Could not find 'compute-mfcc-feats'.", "the program compute-mfcc-feats", "kaldi"),
        ("ImportError: libfst.so.26: cannot open shared object file: No such file", "libfst.so.26", "openfst"),
        ("ImportError: libmkl_intel_lp64.so.2: cannot open shared object file", "libmkl_intel_lp64.so.2", "mkl"),
        ("FileNotFoundError: [Errno 2] No such file or directory: 'sox'", "the program sox", "sox"),
    ],
)
def test_what_is_missing_is_named_with_the_package_that_holds_it(
    path: Path, says: str, lacks: str, package: str
) -> None:
    programs.mfa(path, says, code=1)
    found = checked()
    assert not found.ok
    assert lacks in found.detail
    assert found.remedy == f"conda install -n mfa -c conda-forge '{package}'"


def test_an_unknown_fault_is_passed_on(path: Path) -> None:
    programs.mfa(path, "Traceback (most recent call last):\nRuntimeError: the moon is full", code=1)
    found = checked()
    assert "the moon is full" in found.detail
    assert "--force-reinstall" in found.remedy


def test_the_environment_of_the_launcher_is_named(path: Path, tmp_path: Path) -> None:
    programs.put(path, "conda", "sys.stderr.write('EnvironmentLocationNotFound: Not a conda environment'); sys.exit(1)")
    found = checked("conda", "run", "-n", "aligning", "mfa")
    assert "there is no conda environment 'aligning'" in found.detail
    program = programs.mfa(tmp_path / "conda" / "envs" / "speech" / "bin", "No module named 'kalpy'", code=1)
    assert "conda install -n speech " in checked(str(program)).remedy


def conda(tmp_path: Path, *names: str) -> Path:
    """The `bin` of a conda environment with a working MFA and these programs."""
    folder = tmp_path / "conda" / "envs" / "speech" / "bin"
    (folder.parent / "conda-meta").mkdir(parents=True)
    programs.mfa(folder, "3.4.3")
    for name in names:
        programs.put(folder, name, "pass")
    return folder


def test_programs_beside_one_that_is_given_by_its_path_are_found(tmp_path: Path) -> None:
    assert checked(str(conda(tmp_path, "fstcompile") / "mfa")).ok


def test_a_missing_program_of_the_environment_is_named(tmp_path: Path) -> None:
    launcher = str(conda(tmp_path) / "mfa")
    first, second = examined(f"align.launcher={launcher}")
    assert first.ok and not second.ok
    assert second.detail == "MFA lacks the program fstcompile"
    assert second.remedy == "conda install -n speech -c conda-forge openfst"


def test_a_link_to_mfa_hides_the_programs_beside_it(path: Path, tmp_path: Path) -> None:
    program = conda(tmp_path, "fstcompile") / "mfa"
    (path / "mfa").symlink_to(program)
    first, second = examined()
    assert first.ok and not second.ok
    assert second.remedy == f"give MFA by its path: --set 'align.launcher={program}'"


@pytest.mark.parametrize(("known", "ok"), [(("mfa", "fstcompile"), True), (("mfa",), False)])
def test_programs_of_an_environment_that_conda_opens(path: Path, known: tuple[str, ...], ok: bool) -> None:
    body = f"known = {known!r}\nif sys.argv[4] not in known: sys.exit('error: ' + sys.argv[4] + ': not found')"
    programs.put(path, "conda", f"{body}\nprint('3.4.3')")
    found = examined("align.launcher=conda run -n mfa mfa")
    assert [check.ok for check in found] == ([True] if ok else [True, False])


def with_models(fake: FakeMfa, **settings: str) -> list[Check]:
    """What is found about an MFA that runs, and its models."""
    return checks.examine(fake.config(**settings))


def test_models_that_belong_together(tmp_path: Path) -> None:
    version, together = with_models(installed(tmp_path))
    assert version.ok
    assert together == Check("MFA models", True, f"{len(PHONES)} phones")


@pytest.mark.parametrize(
    ("kept", "ok", "detail"),
    [
        ("012", True, "1 of 25 pronunciations have phones that the acoustic model lacks: XX"),
        ("", False, "has other phones than the acoustic model: AH1, "),
    ],
    ids=["a few", "without stress"],
)
def test_a_dictionary_of_other_phones(tmp_path: Path, kept: str, ok: bool, detail: str) -> None:
    fake = installed(tmp_path)
    with (tmp_path / "english.dict").open("a") as file:
        file.write("strange XX\n")
    pack(tmp_path / "model.zip", PHONES if kept else sorted({phone.rstrip("012") for phone in PHONES}))
    *_, found = with_models(fake)
    assert (found.name, found.ok) == ("MFA models", ok)
    assert detail in found.detail


def test_what_mfa_lacks_to_align_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It says its version all the same."""
    monkeypatch.setenv("FAKE_MFA_TROUBLE", "kaldi")
    version, missing, together = with_models(installed(tmp_path))
    assert version.ok and not missing.ok and together.ok
    assert (missing.name, missing.detail) == ("MFA programs", "MFA lacks the program gmm-align-compiled")
    assert missing.remedy == "conda install -n mfa -c conda-forge 'kaldi'"


def test_without_models_nothing_is_tried(tmp_path: Path) -> None:
    (found,) = with_models(installed(tmp_path), dictionary=str(tmp_path / "none.dict"))
    assert found.ok


def test_one_that_hangs_is_given_up(path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(checks, "_TIMEOUT", 0.5)
    programs.put(path, "mfa", "time.sleep(60)")
    found = checked()
    assert "no answer within" in found.detail and "its first start is slow: try `mfa version`" in found.remedy


def test_a_recipe_without_it_does_not_need_it() -> None:
    (found,) = checks.examine(None)
    assert (found.ok, found.needed) == (False, False)

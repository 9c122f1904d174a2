"""Whether the GPU's memory is enough for a config, as far as it can be estimated."""

from __future__ import annotations

from imigue_build.backends import registry
from imigue_build.backends.check import Check
from imigue_build.config import Config


def memory(config: Config, gib: float) -> list[Check]:
    """Whether `gib` of GPU memory are enough; an out-of-memory halves the batch, so it is not needed to fit.

    Where the models fit not even with a batch of one, the config cannot run.
    """
    needs = {stage: registry.needs(section) for stage, section in config.backends.items()}
    used = {stage: need.memory for stage, need in needs.items() if need.gpu != "no" and need.memory.total}
    if not used or gib <= 0:
        return []
    stage, largest = max(used.items(), key=lambda item: item[1].total)
    fixed = sum(memory.total for memory in used.values()) - largest.batch * largest.each
    total = fixed + largest.batch * largest.each
    fits = int((gib - fixed) / largest.each) if largest.each and gib > fixed else int(gib > fixed)
    detail = f"estimated: {total:.1f} GiB for {largest.what}; the GPU has {gib:.1f}"
    remedy = f"--set {stage}.{largest.setting}={fits}" if largest.setting and fits else largest.smaller
    return [Check("GPU memory", total <= gib, detail, remedy, needed=fits < 1)]

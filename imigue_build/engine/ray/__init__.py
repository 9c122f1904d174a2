"""The stages of a run on a Ray cluster. Nothing here imports Ray before a run is asked for on one."""

from imigue_build.engine.ray.executor import RayExecutor

__all__ = ["RayExecutor"]

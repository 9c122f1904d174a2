"""The stages of a run on a Ray cluster. Ray is imported only when such a run starts."""

from imigue_build.engine.ray.executor import RayExecutor

__all__ = ["RayExecutor"]

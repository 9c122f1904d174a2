"""Imported by the process that forks the workers, and by nothing else: has it end when the run does, however that ends.

Each worker holds that process's sign of life, so by itself it would wait for them, and they for it.
"""

from imigue_build.engine.worker import die_with_parent

die_with_parent()

"""The forkserver preload: imported only by the process that forks the workers, which then ends when the run does.

Each worker holds that process's heartbeat pipe, so by itself it would wait for them, and they for it.
"""

from imigue_build.core.process_tree import die_with_parent

die_with_parent()

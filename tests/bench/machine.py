"""On what was measured: a figure without its machine means nothing."""

import os
import platform
from pathlib import Path


def describe(server_version: str) -> str:
    """One line: processor, cores, memory, kernel, Python, PostgreSQL."""
    system = f"{platform.system()} {platform.release()}"
    versions = f"Python {platform.python_version()}, PostgreSQL {server_version}"
    return f"{_processor()}, {os.cpu_count()} cores, {_memory_gb()} GB, {system}, {versions}"


def load() -> str:
    """How busy the machine was: other work makes absolute figures worthless, ratios only less so."""
    return "load " + " ".join(f"{one:.1f}" for one in os.getloadavg())


def resident_mb() -> float:
    """This process's memory now, in MB (Linux; 0 elsewhere)."""
    try:
        pages = int(Path("/proc/self/statm").read_text(encoding="ascii").split()[1])
    except OSError:
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / 1e6


def _processor() -> str:
    try:
        lines = Path("/proc/cpuinfo").read_text(encoding="utf-8").splitlines()
    except OSError:
        return platform.processor() or platform.machine()
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return names[0] if names else platform.machine()


def _memory_gb() -> int:
    return round(os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30)

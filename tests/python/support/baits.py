"""Lists the names of programs, modules and packages that a crawled folder may plant as baits."""

BAITS = (
    "git", "sh", "env", "python3", "python", "diff", "codegraphx", "unshare", "uname", "uv", "make",
    "ldconfig", "find", "touch", "cp", "rm", "id", "hostname", "gcc", "ip", "ifconfig", "arp",
    "lscpu", "stty", "tput",
)  # fmt: skip
# Modules and packages that would shadow Python's own, dbt's or ours.
MODULES = (
    "json",
    "click",
    "sitecustomize",
    "usercustomize",
    "pickle",
    "duckdb",
    "runpy",
    "publish",
    "paths",
)
PACKAGES = ("loaders", "enrich", "dbt", "bench")

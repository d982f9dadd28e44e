"""Print the program folder of a PostgreSQL of another major version than the tests' own, if there is one."""

from audit_tui.embedded.binaries import candidate_folders, find_binaries, inspect_folder


def main() -> None:
    """Print one folder or nothing."""
    first = find_binaries().major
    for folder in candidate_folders():
        other = inspect_folder(folder)
        if other is not None and other.major != first:
            print(other.bin_dir)
            return


if __name__ == "__main__":
    main()

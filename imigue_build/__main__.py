"""`python -m imigue_build`."""

from imigue_build.cli.main import main

if __name__ == "__main__":
    main()

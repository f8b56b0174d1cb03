"""`python -m miais`: the same as the command `miais`."""

from miais.cli.main import main

if __name__ == "__main__":
    main()

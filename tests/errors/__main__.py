"""`python -m tests.errors [NAME…]`: write what the cases expect anew."""

import sys

from tests.errors.golden import main

if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))

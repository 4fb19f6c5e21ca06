"""`python -m wecom_tollbooth` is `tollbooth`."""

from wecom_tollbooth.cli import main

if __name__ == "__main__":
    main()

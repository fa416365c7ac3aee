"""What two services or more need: contracts, the bus, database, web, rights, money, calendar."""

VERSION = "0.1.0"

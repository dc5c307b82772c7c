"""Where alerts are kept: the contract, and its one implementation over the record store's database."""

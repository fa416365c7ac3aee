"""The door for government platforms: GovStack's Payments building block over our own actions."""

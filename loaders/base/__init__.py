"""The ground floor: what every other package builds on, and what depends on none of them."""

"""The browser page: built assets and the routes that serve them."""

from sightline_ui.page import create_page

__all__ = ["create_page"]

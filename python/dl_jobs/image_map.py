"""The images of the original package by their short names."""

from .constants import IMAGES, PY27, PY27_GPU, PY36, PY36_GPU, PY37

__all__ = ["IMAGES", "PY27", "PY27_GPU", "PY36", "PY36_GPU", "PY37", "get_image"]


def get_image(image: str) -> str:
    """Returns the address of an image. An address is returned unchanged."""
    return IMAGES.get(image, image)

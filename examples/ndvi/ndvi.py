"""The NDVI of satellite images: ``dl_jobs map ndvi.py#ndvi scenes.ndjson``."""

from pathlib import Path

import numpy as np
from osgeo import gdal

gdal.UseExceptions()


def ndvi(scene):
    """Writes the NDVI of a GeoTIFF with the bands red and near infrared, and returns its mean.

    A pixel that is 0 in both bands has no data.
    """
    source = gdal.Open(scene["path"])
    red, nir = source.ReadAsArray().astype("float32")
    has_data = red + nir > 0
    values = np.full(red.shape, np.nan, "float32")
    values[has_data] = (nir - red)[has_data] / (nir + red)[has_data]

    path = Path(scene["out"])
    path.parent.mkdir(parents=True, exist_ok=True)
    height, width = values.shape
    target = gdal.GetDriverByName("GTiff").Create(str(path), width, height, 1, gdal.GDT_Float32)
    target.SetGeoTransform(source.GetGeoTransform())
    target.SetProjection(source.GetProjection())
    target.GetRasterBand(1).SetNoDataValue(float("nan"))
    target.GetRasterBand(1).WriteArray(values)

    return {
        "path": path,
        "mean": round(float(values[has_data].mean()), 4),
        "vegetation": np.mean(values[has_data] > 0.4),
        "pixels": has_data.sum(),
    }

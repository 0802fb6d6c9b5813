"""Writes small GeoTIFFs, and their list: ``python3 make_scenes.py 12 > scenes.ndjson``."""

import json
import sys
from pathlib import Path

import numpy as np
from osgeo import gdal, osr

gdal.UseExceptions()

SIZE = 64


def write_scene(path, number):
    """Writes an image of a field in a desert. The field is larger in each image."""
    column, row = np.meshgrid(np.arange(SIZE), np.arange(SIZE))
    is_field = column < 4 * number
    red = np.where(is_field, 400, 2400) + row
    nir = np.where(is_field, 3600, 2800) + column
    red[0], nir[0] = 0, 0  # The edge of the image has no data.

    utm = osr.SpatialReference()
    utm.ImportFromEPSG(32717)
    image = gdal.GetDriverByName("GTiff").Create(str(path), SIZE, SIZE, 2, gdal.GDT_UInt16)
    image.SetGeoTransform((500_000 + number * SIZE * 10, 10, 0, 9_970_000, 0, -10))
    image.SetProjection(utm.ExportToWkt())
    for band, values in enumerate((red, nir), 1):
        image.GetRasterBand(band).WriteArray(values.astype("uint16"))


def main(count):
    Path("scenes").mkdir(exist_ok=True)
    for number in range(count):
        path = f"scenes/{number:02}.tif"
        write_scene(path, number)
        print(json.dumps({"path": path, "out": f"ndvi/{number:02}.tif"}))


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 12)

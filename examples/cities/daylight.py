"""The length of the longest day of a place, from its latitude."""

import math

TILT = math.radians(23.44)


def longest_day(city):
    latitude = abs(city["latitude"])
    cosine = -math.tan(math.radians(latitude)) * math.tan(TILT)
    hours = 24 / math.pi * math.acos(max(-1, min(1, cosine)))
    return {"name": city["name"], "hours": round(hours, 2), "population": city["population"]}

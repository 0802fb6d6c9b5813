import os
import json
import utils.load as load

def tile_keys(region):
    return ['{}:{}'.format(region,n) for n in range(load.regions()[region])]

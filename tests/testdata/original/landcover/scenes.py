from __future__ import print_function
import warnings
from dl_jobs.decorators import as_json, attempt, expand_args
from dl_jobs.utils import Timer
from config import WINDOW, VERSION
from . import bands
import utils.helpers as h

@as_json
@attempt
@expand_args
def save_scene(product,region,tile_key,window=WINDOW):
    timer=Timer()
    timer.start()
    warnings.warn('old',DeprecationWarning)
    print('DeprecationWarning: hidden')
    print('saving',tile_key)
    index=h.index_of(tile_key)
    if index==2:
        raise ValueError('no scene for {}'.format(tile_key))
    timer.stop()
    return [{
        'key': tile_key,
        'band': b,
        'name': h.scene_name(product,VERSION,window) } for b in bands.BANDS[:index+1]]

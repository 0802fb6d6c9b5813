from __future__ import print_function
import os
import warnings
import utils.load as load
import landcover.info as info
from dl_jobs.job import DLJob
import dl_jobs.helpers as dh
warnings.filterwarnings("ignore", category=DeprecationWarning)

ALL='all'
MODULES=[
    'config',
    'utils',
    'landcover',
    'dl_jobs'
]

#
# PUBLIC
#
def task(product,region=ALL,**kwargs):
    """ save the scenes of one or all regions """
    limit=kwargs.get('limit',False)
    if limit:
        limit=int(limit)
    noisy=dh.truthy(kwargs.get('noisy',True))
    if region==ALL:
        return [ _scenes_job(product,r,limit,noisy) for r in load.regions() ]
    else:
        return _scenes_job(product,region,limit,noisy)


#
# INTERNAL
#
def _scenes_job(product,region,limit,noisy):
    keys=info.tile_keys(region)
    if limit:
        keys=keys[:limit]
    args_list=dh.update_list({'product': product, 'region': region},keys,'tile_key')
    return DLJob(
        module_name='landcover.scenes',
        method_name='save_scene',
        args_list=args_list,
        save_results='scenes_{}'.format(region),
        results_timestamp=False,
        modules=MODULES,
        cpu_job=True,
        gpus=None,
        platform_job=True,
        noisy=noisy )

from dl_jobs.decorators import as_json, expand_args
from ..bands import BANDS

@as_json
@expand_args
def upload(*args,**kwargs):
    return {'args': args, 'kwargs': kwargs, 'bands': len(BANDS)}

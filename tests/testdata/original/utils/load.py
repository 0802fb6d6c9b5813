import os
import dl_jobs.nd_json as ndj

ROOT=os.path.dirname(os.path.dirname(os.path.abspath(__file__)))

def regions():
    path='{}/data/regions.ndjson'.format(ROOT)
    return { r['name']: r['tiles'] for r in ndj.read(path) }

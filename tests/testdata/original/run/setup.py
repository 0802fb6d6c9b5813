import run.scenes
import run.model as model

def task(*args,**kwargs):
    """ everything, in order """
    jobs=run.scenes.task(args[0],limit=1,noisy=kwargs['noisy'])
    jobs.append(model.upload(*args,**kwargs))
    jobs.append(None)
    jobs.append(model.predict(*args,**kwargs))
    return jobs

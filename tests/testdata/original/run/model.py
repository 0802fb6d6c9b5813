from dl_jobs.job import DLJob

def upload(*args,**kwargs):
    return DLJob(
        module_name='landcover.models.upload',
        method_name='upload',
        args=list(args),
        kwargs={'version': kwargs.get('version','v0')},
        save_results='upload',
        results_timestamp=False,
        noisy=kwargs.get('noisy',True),
        log=False )


def predict(product,**kwargs):
    return DLJob(
        module_name='landcover.predict',
        method_name='predict',
        args_list=range(4),
        save_results='predictions',
        save_errors='prediction_errors',
        results_timestamp=False,
        cpu_job=False,
        gpus=int(kwargs.get('gpus') or 1),
        platform_job=True,
        noisy=kwargs['noisy'] )

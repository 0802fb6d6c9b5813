from dl_jobs.job import DLJob
import dl_jobs.helpers as h

def gpu(value,method_name='gpu_tf_ex',**kwargs):
  platform_job=h.truthy(kwargs.get('platform',True))
  gpus=int(kwargs.get('gpus',1))
  return DLJob(
      module_name='task_examples.gpu',
      method_name=method_name,
      args=[value],
      platform_job=platform_job,
      cpu_job=False,
      modules=['task_examples'],
      gpus=gpus )


def first(value):
  return DLJob(
      module_name='task_examples.gpu',
      method_name='gpu_tf_ex',
      args=[value],
      platform_job=True,
      cpu_job=False,
      modules=['task_examples'],
      gpus=1 )
